"""H2 missing_log: cases over the days of 1 to 3 February 2021. A gap of the harness failed at the agency."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from audit.rules import RULES
from tests.rules.harness import Case, facts_of, judged

DAYS: dict[str, Any] = {"start": "2021-02-01", "end": "2021-02-04"}
FINE = (3, 0, 0)
BREACH = (("H03.02", "", "", "2021-02-02"),)


def answer(case: Case, *changes: tuple[str, dict[str, Any]]) -> tuple[Any, Any]:
    """Findings, and the counts of H03.02.

    Args:
        case: gaps as in the harness.
        changes: table of H03.02's 2 February, and what its coverage says instead; no values: it has no row.
    """
    facts = facts_of(case)
    frame = facts.frames.coverage
    for table, values in changes:
        here = (frame["agency"] == "H03.02") & (frame["day"] == "2021-02-02") & (frame["table"] == table)
        assert here.sum() == 1
        frame = frame.assign(**{name: frame[name].astype(object).mask(here, value) for name, value in values.items()})
        frame = frame if values else frame[~here]
    object.__setattr__(facts.frames, "coverage", frame)
    found = judged(facts, RULES["missing_log"].judge(facts))
    return found.findings, found.counts.get("H03.02")


OURS = {"state": "missing", "failed_at": "ours", "reason": "credentials refused"}
NOT_TRIED = {"state": "missing", "failed_at": None}
NOT_DUE = {"state": "not_due", "failed_at": None}
PARTIAL = {"state": "partial", "failed_at": "agency", "reason": "no answer in time"}
IN_THE_END = {"state": "complete", "failed_at": "agency"}
CASES = [
    ("complete", Case("", **DAYS), (), ((), FINE)),
    ("all tables missing", Case("", gaps=["H03.02 2021-02-02"], **DAYS), (), (BREACH, (3, 1, 0))),
    ("one table missing", Case("", gaps=["H03.02 2021-02-02 receipts"], **DAYS), (), (BREACH, (3, 1, 0))),
    ("one table partial", Case("", **DAYS), (("sends", PARTIAL),), (BREACH, (3, 1, 0))),
    ("complete in the end", Case("", **DAYS), (("sends", IN_THE_END),), ((), FINE)),
    ("ours", Case("", **DAYS), (("sends", OURS),), ((), (2, 0, 1))),
    ("ours and the agency's", Case("", **DAYS), (("sends", OURS), ("receipts", PARTIAL)), (BREACH, (3, 1, 0))),
    ("no attempt", Case("", **DAYS), (("sends", NOT_TRIED),), ((), (2, 0, 1))),
    ("no row at all", Case("", **DAYS), (("sends", {}),), ((), (2, 0, 1))),
    ("not due", Case("", **DAYS), (("sends", NOT_DUE),), ((), FINE)),
    ("nothing due that day", Case("", **DAYS), tuple((table, NOT_DUE) for table in ("documents", "sends", "receipts", "statuses")), ((), (2, 0, 0))),
    ("a table that the agency does not keep", Case("", gaps=["H03.02 2021-02-02 sends"], agencies={"H03.02": {"tables": ["receipts", "statuses"]}}, **DAYS), (), ((), FINE)),
    ("not pulled", Case("", gaps=["H03.02 2021-02-02"], agencies={"H03.02": {"pulled": False}}, **DAYS), (), ((), None)),
    ("its rows stand in another's log", Case("", gaps=["H03.02 2021-02-02"], agencies={"H03.02": {"log_of": "H03.03"}}, **DAYS), (), ((), None)),
    ("not yet valid", Case("", gaps=["H03.02 2021-02-02"], agencies={"H03.02": {"valid_from": "2021-02-03"}}, **DAYS), (), ((), (1, 0, 0))),
    ("ended, and no successor answers for its log", Case("", gaps=["H03.02 2021-02-02"], agencies={"H03.02": {"valid_to": "2021-02-01", "successor": "H03.03"}}, **DAYS), (), ((), (1, 0, 0))),
    ("the day has not ended at as_of", Case("", gaps=["H03.02 2021-02-01"], as_of="2021-02-02", **DAYS), (), ((("H03.02", "", "", "2021-02-01"),), (1, 1, 0))),
    ("before the period", Case("", gaps=["H03.02 2021-01-31"], **DAYS), (), ((), FINE)),
    ("after the period", Case("", gaps=["H03.02 2021-02-04"], as_of="2021-02-06", **DAYS), (), ((), FINE)),
]  # fmt: skip


@pytest.mark.parametrize(("case", "changes", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_case(case: Case, changes: Any, expected: Any) -> None:
    assert answer(case, *changes) == expected


def test_a_finding_tells_the_tables_and_the_first_reason():
    facts = facts_of(Case("", gaps=["H03.02 2021-02-02 sends", "H03.02 2021-02-02 statuses"], **DAYS))
    verdicts = RULES["missing_log"].judge(facts)
    assert list(verdicts.findings.detail) == [{"tables": ["sends", "statuses"], "failure": "timeout"}]
    anchor = verdicts.members.anchored_at[verdicts.members.breach].astype("datetime64[us]")
    assert list(anchor) == [pd.Timestamp("2021-02-01 17:00")]


def test_consecutive_periods_add_up():
    gaps = ["H03.02 2021-02-02", "H03.02 2021-02-03", "H03.03 2021-02-03 sends"]
    whole = answer(Case("", gaps=gaps, as_of="2021-02-04", start="2021-02-01", end="2021-02-04"))[0]
    halves = [
        answer(Case("", gaps=gaps, as_of="2021-02-04", start=start, end=end))[0]
        for start, end in (("2021-02-01", "2021-02-03"), ("2021-02-03", "2021-02-04"))
    ]
    assert sorted(halves[0] + halves[1]) == sorted(whole)
