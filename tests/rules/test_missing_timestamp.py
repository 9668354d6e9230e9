"""K7 missing_timestamp: cases."""

import pytest

from tests.rules.harness import Case, Judged, details, document, file, judge_case, send, signature
from tests.rules.signed import AGENCY, BREACH, FINE, NOBODY, PERSON, WITHOUT_SIGNATURES, case

BARE = signature("agency", timestamp_at=None)


def sent(name: str, at: str, **more: object) -> Case:
    """A document without time stamp, sent in November 2026."""
    day = at[:10]
    rows = [document(issued_date=day, files=[file(signatures=[PERSON, BARE])]), send(issued_date=day, sent_at=at)]
    return Case(
        name, rows, start="2026-11-09", end="2026-11-23", agencies={"H03.02": {"valid_to": "2030-12-31"}}, **more
    )


CASES = [
    (case("every signature has one", PERSON, AGENCY), FINE),
    (case("the agency's has none", PERSON, BARE), BREACH),
    (case("the person's has none", signature(timestamp_at=None), AGENCY), BREACH),
    (sent("the last moment of TT 41/2017", "2026-11-14 23:59:59"), BREACH),
    (sent("the first moment without it", "2026-11-15 00:00"), NOBODY),
    (sent("the day after that", "2026-11-16 08:00"), NOBODY),
    (sent("policy goes on", "2026-11-15 00:00", policy={"rules": {"missing_timestamp": {"after_law": True}}}), BREACH),
    *WITHOUT_SIGNATURES,
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "missing_timestamp") == expected


def test_the_signatures_are_counted() -> None:
    assert details(case("two", signature(timestamp_at=None), BARE, PERSON), "missing_timestamp") == [{"signatures": 2}]
