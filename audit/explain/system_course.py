"""What the probes told of an agency's system around a finding of group H."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import numpy as np
import pandas as pd

from audit.explain.step import Step, step
from audit.facts import Facts
from audit.facts.arrays import equals, instants

PROBES_MAX: Final = 12
"""Most probes that are told: the first ones of the run, and the last of them."""


def probe_course(facts: Facts, rule_id: str, agency: str, anchored_at: int) -> tuple[Step, ...]:
    """The probes of an outage (H1), or the last one that showed a certificate (H3)."""
    frame = facts.frames.probes
    mine = frame[equals(frame["agency"], agency)]
    mine = mine[instants(mine["at"]) <= facts.period.as_of_at].sort_values("at")
    if rule_id == "expiring_certificate":
        shown = mine[mine["certificate_ends_at"].notna()].tail(1)
        return tuple(
            step("probes.certificate", at=at.to_pydatetime(), ends_at=ends_at.to_pydatetime())
            for at, ends_at in zip(shown["at"], shown["certificate_ends_at"], strict=True)
        )
    since = mine[instants(mine["at"]) >= anchored_at]
    good = np.flatnonzero(since["ok"].to_numpy(dtype=bool))
    run = since.iloc[: int(good[0]) + 1] if len(good) else since
    if len(run) > PROBES_MAX:
        run = pd.concat([run.head(PROBES_MAX // 2), run.tail(PROBES_MAX // 2)])
    told = zip(run["at"], run["ok"], run["error"], strict=True)
    return tuple(_probe(at.to_pydatetime(), bool(ok), error) for at, ok, error in told)


def _probe(at: datetime, ok: bool, error: Any) -> Step:
    if ok:
        return step("probes.good", at=at)
    return step("probes.failed", at=at) if pd.isna(error) else step("probes.failed_because", at=at, error=str(error))
