"""Outcomes: how many members of each rule's population were tested at each agency, and how many are in breach.

A `tally` is what one shard of the log contributes; tallies are summed before anything is concluded from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from audit.facts.period import Period
from audit.registry import Registry
from audit.rule import Members, Rule, Verdicts
from audit.settings import Policy
from audit.working_time import date_of

COUNTS: Final = ("tested", "breaches", "findings", "not_decided")
COLUMNS: Final = ("rule", "code", "agency", *COUNTS, "outcome", "period_start", "period_end", "as_of")


def tally(
    rules: Sequence[Rule], verdicts: Mapping[str, Verdicts], findings: pd.DataFrame, codes: np.ndarray
) -> pd.DataFrame:
    """The counts of one shard: rule (id), agency (code), `COUNTS`; only agencies with members.

    Args:
        rules: The catalogue.
        verdicts: By rule id; a rule that is switched off has none.
        findings: The shard's findings (rule, agency, finding_id), each once.
        codes: The shard's agency codes, by index.
    """
    ids = [rule.id for rule in rules if rule.id in verdicts]
    counted = np.array([_of_rule(verdicts[rule].members, len(codes)) for rule in ids], dtype=np.int64)
    counted = counted.reshape(len(ids), len(COUNTS), len(codes))
    cell = pd.Index(ids).get_indexer(pd.Index(findings["rule"])) * len(codes) + pd.Index(codes).get_indexer(
        pd.Index(findings["agency"])
    )
    counted[:, COUNTS.index("findings")] = np.bincount(cell, minlength=len(ids) * len(codes)).reshape(len(ids), -1)
    members = counted[:, COUNTS.index("tested")] + counted[:, COUNTS.index("not_decided")]
    place, agency = np.nonzero(members)
    told = {"rule": np.array(ids, dtype=object)[place], "agency": codes[agency].astype(object)}
    columns = told | {name: counted[place, number, agency] for number, name in enumerate(COUNTS)}
    return pd.DataFrame(columns)


def summed(tallies: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The tallies of all shards as one."""
    return pd.concat(tallies).groupby(["rule", "agency"], as_index=False, sort=True)[list(COUNTS)].sum()


def recounted(counted: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Outcomes of which some findings were left out: `findings` counts those that are there (rule, agency)."""
    there = findings.groupby(["rule", "agency"]).size()
    names = pd.MultiIndex.from_frame(counted[["rule", "agency"]])
    return counted.assign(findings=there.reindex(names, fill_value=0).to_numpy(dtype=np.int64))


def outcomes(
    rules: Sequence[Rule], counts: pd.DataFrame, agencies: Sequence[str], policy: Policy, period: Period
) -> pd.DataFrame:
    """The outcome of every rule at every agency in scope (`in_scope`).

    Returns:
        `COLUMNS`, by rule in the order of the catalogue, then by agency in that of the registry. FAIL: a member is in
        breach; NOT_TESTED: no member could be decided, or the rule is switched off; else PASS. Days
        ``datetime64[s]``, `period_end` included in the period; `as_of` ``datetime64[us, UTC]``.
    """
    place = pd.Index([rule.id for rule in rules]).get_indexer(pd.Index(counts["rule"]))
    agency = pd.Index(agencies).get_indexer(pd.Index(counts["agency"]))
    is_enabled = np.array([policy.rule(rule.id).enabled for rule in rules], dtype=bool)
    kept = (place >= 0) & (agency >= 0) & is_enabled[place]
    counted = np.zeros((len(COUNTS), len(rules), len(agencies)), dtype=np.int64)
    counted[:, place[kept], agency[kept]] = counts[list(COUNTS)].to_numpy()[kept].T
    of_rules = counted.reshape(len(COUNTS), -1)
    tested, breaches = (of_rules[COUNTS.index(name)] for name in ("tested", "breaches"))
    outcome = np.where(tested == 0, "NOT_TESTED", np.where(breaches > 0, "FAIL", "PASS"))
    days = [pd.Timestamp(date_of(day)).as_unit("s") for day in (period.start_day, period.end_day - 1)]
    as_of = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=period.as_of_at)
    index = pd.RangeIndex(len(outcome))
    columns = {
        "rule": np.repeat(np.array([rule.id for rule in rules], dtype=object), len(agencies)),
        "code": np.repeat(np.array([rule.code for rule in rules], dtype=object), len(agencies)),
        "agency": np.tile(np.array(agencies, dtype=object), len(rules)),
        **dict(zip(COUNTS, of_rules, strict=True)),
        "outcome": outcome,
        "period_start": days[0],
        "period_end": days[1],
        "as_of": pd.Series(as_of, index=index, dtype="datetime64[us, UTC]"),
    }
    texts = dict.fromkeys(("rule", "code", "agency", "outcome"), object)
    return pd.DataFrame(columns, index=index)[list(COLUMNS)].astype(texts)


def in_scope(registry: Registry, period: Period, counts: pd.DataFrame) -> list[str]:
    """Codes of the agencies that are judged, in the registry's order.

    They are those that are valid on a day of the period up to `as_of`, and whoever has members in the `counts` of a
    tally: a rule may blame a successor on the last instant.
    """
    also = set(counts["agency"].unique())
    end_day = min(period.end_day, period.as_of_day)
    valid = (registry.valid_from < end_day) & (registry.valid_to >= period.start_day)
    return [code for code, is_valid in zip(registry.codes, valid.tolist(), strict=True) if is_valid or code in also]


def _of_rule(members: Members, size: int) -> list[np.ndarray]:
    """`COUNTS` by agency; the findings are counted elsewhere."""
    agency, decided = members.agency, members.decided
    everybody = np.bincount(agency, minlength=size)
    tested = np.bincount(agency[decided], minlength=size)
    breaches = np.bincount(agency[members.breach], minlength=size)
    return [tested, breaches, np.zeros(size, dtype=np.int64), everybody - tested]
