"""H1 system_outage: cases. Probes every five minutes; sessions 7:30 to 11:30 and 13:00 to 17:00; the policy is 15 minutes."""

from collections.abc import Iterable
from typing import Any

import pytest

from audit.rules import RULES
from tests.rules.harness import Case, Judged, details, facts_of, judge_case

DAY = "2021-02-03"
FINE = Judged((), {"H03.02": (1, 0, 0)})
NOBODY = Judged((), {})


def down(*starts: str) -> Judged:
    """Outages of H03.02 that start at these local times of 3 February, as `extra` tells them."""
    return Judged(tuple(("H03.02", "", "", start) for start in starts), {"H03.02": (1, 1, 0)})


def probes(since: str, until: str, *failed: tuple[str, str], step: int = 5, **fields: Any) -> list[dict[str, Any]]:
    """Probes every `step` minutes from `since` to `until`; those from each first to each second time of `failed` fail."""
    minutes = range(_minute(since), _minute(until) + 1, step)
    spans = [(_minute(first), _minute(last)) for first, last in failed]
    return [
        {"at": f"{DAY} {minute // 60:02d}:{minute % 60:02d}", "ok": not any(a <= minute <= b for a, b in spans)}
        | fields
        for minute in minutes
    ]


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def case(name: str, rows: Iterable[dict[str, Any]], **options: Any) -> Case:
    return Case(name, probes=list(rows), **options)


AT_8 = "2021-02-03T01:00:00Z"
CASES = [
    (case("always up", probes("07:00", "18:00")), FINE),
    (case("15 minutes from the first failed to the first good one", probes("07:00", "18:00", ("08:00", "08:10"))), FINE),
    (case("20 minutes", probes("07:00", "18:00", ("08:00", "08:15"))), down(AT_8)),
    (case("three runs, two of them long", probes("07:00", "18:00", ("08:00", "08:30"), ("09:00", "09:00"), ("15:00", "16:00"))), down(AT_8, "2021-02-03T08:00:00Z")),
    (case("at lunch", probes("07:00", "18:00", ("11:30", "12:55"))), FINE),
    (case("lunch does not count, the 15 minutes around it do not suffice", probes("07:00", "18:00", ("11:20", "13:00"))), FINE),
    (case("20 minutes around lunch", probes("07:00", "18:00", ("11:20", "13:05"))), down("2021-02-03T04:20:00Z")),
    (case("in the night into the morning", probes("05:00", "18:00", ("05:30", "07:45"))), down("2021-02-02T22:30:00Z")),
    (case("down until as_of, and probed until then", probes("07:00", "23:55", ("16:30", "23:55")), as_of="2021-02-04"), down("2021-02-03T09:30:00Z")),
    (case("probing stopped: known down for ten minutes only", probes("07:00", "08:10", ("08:00", "08:10"))), FINE),
    (case("probing stopped: known down for twenty", probes("07:00", "08:20", ("08:00", "08:20"))), down(AT_8)),
    (case("a gap of ten minutes is none", [*probes("07:00", "08:00", ("08:00", "08:00")), *probes("08:10", "18:00", ("08:10", "08:10"))]), FINE),
    (case("… and two failed probes around it are one run", [*probes("07:00", "08:00", ("08:00", "08:00")), *probes("08:10", "18:00", ("08:10", "08:15"))]), down(AT_8)),
    (case("a gap of 15 minutes ends the run at its last failed probe", [*probes("07:00", "08:05", ("08:00", "08:05")), *probes("08:20", "18:00", ("08:20", "08:25"))]), FINE),
    (case("the interval is the agency's own", [*probes("07:00", "18:00", ("08:00", "08:00"), step=20)]), down(AT_8)),
    (case("only probed at night", probes("01:00", "05:00", ("01:00", "05:00"))), NOBODY),
    (case("not probed", []), NOBODY),
    (case("a failed and a good answer at one instant: it answered", [*probes("07:00", "18:00", ("08:00", "08:15")), {"at": f"{DAY} 08:10"}]), FINE),
    (case("began before the period", probes("07:00", "18:00", ("08:00", "17:00")), start="2021-02-04"), NOBODY),
    (case("later than as_of", probes("07:00", "18:00", ("08:00", "08:15")), as_of="2021-02-03"), NOBODY),
    (case("an agency that the registry does not know", probes("07:00", "18:00", ("08:00", "08:15"), agency="H03.99")), NOBODY),
    (case("an agency after its end; no successor answers for its system", probes("07:00", "18:00", ("08:00", "08:15")), agencies={"H03.02": {"valid_to": "2021-02-02", "successor": "H03.03"}}), NOBODY),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "system_outage") == expected


def test_a_finding_tells_how_long_and_when():
    rows = probes("07:00", "18:00", ("11:00", "13:55"))
    asked = case("over lunch", rows)
    assert details(asked, "system_outage") == [{"working_minutes": 90, "failed_probes": 36, "recovered": True}]
    own = RULES["system_outage"].judge(facts_of(asked)).findings.own
    instants = {name: [str(at) for at in own[name].astype("datetime64[us]").astype("datetime64[s]")] for name in own}
    assert instants == {"anchored_at": ["2021-02-03T04:00:00"], "observed_at": ["2021-02-03T07:00:00"]}


def test_an_outage_that_lasts_has_no_end():
    asked = case("no end", probes("07:00", "23:55", ("16:00", "23:55")), as_of="2021-02-04")
    found = RULES["system_outage"].judge(facts_of(asked)).findings
    assert found.detail.tolist() == [{"working_minutes": 60, "failed_probes": 96, "recovered": False}]
    assert found.own["observed_at"].tolist() == [-(2**63)]


def test_the_order_of_rows_does_not_matter():
    rows = probes("07:00", "18:00", ("08:00", "08:15"))
    assert judge_case(case("backwards", rows[::-1]), "system_outage") == down(AT_8)


def test_policy_sets_the_minutes():
    rows = probes("07:00", "18:00", ("08:00", "08:15"))
    assert judge_case(case("20", rows, policy={"limits": {"outage_minutes": 20}}), "system_outage") == FINE
