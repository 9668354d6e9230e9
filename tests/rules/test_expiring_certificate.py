"""H3 expiring_certificate: cases. As seen at the end of 7 February 2021, 30 days reach to the end of 9 March."""

from typing import Any

import pytest

from tests.rules.harness import Case, Judged, details, judge_case

SOURCE = {"kind": "log_api", "base_url": "https://QLVB.example:8443/agency", "token": "env:TOKEN"}
AGENCIES: dict[str, dict[str, Any]] = {"H03.02": {"source": SOURCE}}
BREACH = Judged((("H03.02", "", "", "qlvb.example"),), {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})


def probe(at: str, ends_at: str | None, **fields: Any) -> dict[str, Any]:
    return {"at": at, "certificate_ends_at": ends_at} | fields


def case(name: str, *probes: dict[str, Any], **options: Any) -> Case:
    return Case(name, probes=probes, **({"agencies": AGENCIES} | options))


CASES = [
    (case("ends in 20 days", probe("2021-02-03 08:00", "2021-02-28")), BREACH),
    (case("ends at the very end of the 30 days", probe("2021-02-03 08:00", "2021-03-10 00:00:00")), BREACH),
    (case("a second later", probe("2021-02-03 08:00", "2021-03-10 00:00:01")), FINE),
    (case("has ended", probe("2021-02-03 08:00", "2021-02-01", ok=False)), BREACH),
    (case("renewed", probe("2021-02-03 08:00", "2021-02-28"), probe("2021-02-03 09:00", "2022-02-28")), FINE),
    (case("renewed after the period, before as_of", probe("2021-02-03 08:00", "2021-02-28"), probe("2021-02-09 08:00", "2022-02-28"), as_of="2021-02-10"), FINE),
    (case("renewed after as_of", probe("2021-02-03 08:00", "2021-02-28"), probe("2021-02-09 08:00", "2022-02-28")), BREACH),
    (case("the last probe tells nothing", probe("2021-02-03 08:00", "2021-02-28"), probe("2021-02-03 09:00", None, ok=False)), BREACH),
    (case("told before the period", probe("2021-01-20 08:00", "2021-02-28"), probe("2021-02-03 09:00", None)), BREACH),
    (case("never told", probe("2021-02-03 08:00", None)), UNKNOWN),
    (case("not probed in the period", probe("2021-01-20 08:00", "2021-02-28")), NOBODY),
    (case("the health URL is elsewhere", probe("2021-02-03 08:00", "2021-02-28"), agencies={"H03.02": {"source": SOURCE | {"health_url": "https://up.example/x"}}}), Judged((("H03.02", "", "", "up.example"),), {"H03.02": (1, 1, 0)})),
    (case("probes of an agency without a source", probe("2021-02-03 08:00", "2021-02-28"), agencies={}), Judged((("H03.02", "", "", ""),), {"H03.02": (1, 1, 0)})),
    (case("ended agency", probe("2021-02-03 08:00", "2021-02-28"), agencies={"H03.02": {"source": SOURCE, "valid_to": "2021-02-02"}}), NOBODY),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "expiring_certificate") == expected


def test_a_finding_tells_the_end():
    told = details(case("ends", probe("2021-02-03 08:00", "2021-02-28")), "expiring_certificate")
    assert told == [{"certificate_ends_at": "2021-02-27T17:00:00Z"}]


def test_policy_sets_the_days():
    asked = case("19", probe("2021-02-03 08:00", "2021-02-28"), policy={"limits": {"certificate_days": 19}})
    assert judge_case(asked, "expiring_certificate") == FINE
