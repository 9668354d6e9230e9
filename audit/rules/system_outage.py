"""H1 – Hệ thống gián đoạn: an agency's system did not answer for longer than is borne.

Basis: QĐ 28/2018/QĐ-TTg Điều 6 and letter 814 item 2: the system works without interruption. The number of minutes is
    policy.
Population: agencies in scope that were probed in working time of the period, or whose outage began in it; anchor =
    the outage's start.
Breach: a run of failed probes, from the first failed to the first good one (`as_of` if none), of more than [15]
    minutes of working time. More than twice the usual distance without a probe ends the run at its last failed probe.
    extra = start.
No breach: shorter runs, runs outside working time, a time in which nobody probed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.outages import outages
from audit.facts.sending import instant_texts
from audit.rule import Rule, Severity, Verdicts, findings, members
from audit.working_time import NAT

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member an agency, one finding an outage; the agency itself is blamed."""
    probes, down = facts.probes, outages(facts)
    looked = facts.period.holds_event(probes.at) & probes.in_working_time(facts.calendar)
    looked &= facts.agencies.in_scope(probes.agency, facts.day_of(probes.at))
    agency, first = np.unique(np.append(down.agency, probes.agency[looked]), return_index=True)
    began_at = np.append(down.started_at, probes.at[looked])[first]
    population = members(
        agency=agency,
        decided=np.ones(len(agency), dtype=bool),
        breach=np.isin(agency, down.agency),
        anchored_at=began_at,
        severity=Severity.HIGH,
    )
    detail: list[dict[str, object]] = [
        {"working_minutes": minutes, "failed_probes": probes_failed, "recovered": recovered}
        for minutes, probes_failed, recovered in zip(
            down.working_minutes.tolist(), down.probes.tolist(), down.recovered.tolist(), strict=True
        )
    ]
    found = findings(
        np.searchsorted(agency, down.agency),
        -1,
        instant_texts(down.started_at),
        detail,
        anchored_at=down.started_at,
        observed_at=np.where(down.recovered, down.ended_at, NAT),
    )
    return Verdicts(population, found)


RULE = Rule(code="H1", id="system_outage", severity=Severity.HIGH, member="agency", judge=judge, follows_topic=False)
