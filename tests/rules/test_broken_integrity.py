"""K5 broken_integrity: cases."""

import pytest

from tests.rules.harness import Case, Judged, details, judge_case, signature
from tests.rules.signed import AGENCY, FINE, PERSON, UNKNOWN, WITHOUT_SIGNATURES, case


def broken(*extras: str) -> Judged:
    return Judged(tuple(("H03.02", "12/SNV-VP", "", extra) for extra in extras), {"H03.02": (1, 1, 0)})


FOREIGN = {"issuer": "CN=VNPT-CA"}
CASES = [
    (case("whole", PERSON, AGENCY), FINE),
    (case("not intact", signature(intact=False), AGENCY), broken("5402")),
    (case("not valid", PERSON, signature("agency", valid=False)), broken("7A31")),
    (case("the last does not cover the file", PERSON, signature("agency", covers_file=False)), broken("7A31")),
    (case("an earlier one need not", signature(covers_file=False), AGENCY), FINE),
    (case("an earlier one of the agency neither", signature("agency", covers_file=False), PERSON | {"covers_file": True}), FINE),
    (case("the last of the list is the last, not of time", signature("agency", signed_at="2021-02-02 12:00"), PERSON), broken("5402")),
    (case("no serial: its position", PERSON, signature("agency", serial=None, intact=False)), broken("2")),
    (case("both", signature(intact=False), signature("agency", valid=False, covers_file=False)), broken("5402", "7A31")),
    (case("a bad certificate is K4", signature(intact=False, valid=False, **FOREIGN), AGENCY), FINE),
    (case("… and leaves covers_file", PERSON, signature("agency", valid=False, covers_file=False, **FOREIGN)), broken("7A31")),
    (case("… of that signature only", signature(intact=False), signature("agency", **FOREIGN)), broken("5402")),
    (case("intact is not told", signature(intact=None), AGENCY), UNKNOWN),
    (case("valid is not told", signature(valid=None), AGENCY), UNKNOWN),
    (case("covers_file of the last is not told", PERSON, signature("agency", covers_file=None)), UNKNOWN),
    (case("covers_file of an earlier one is not told", signature(covers_file=None), AGENCY), FINE),
    (case("not told, of a bad certificate", signature(intact=None, **FOREIGN), AGENCY), FINE),
    (case("one is not told, another false", signature(intact=None), signature("agency", valid=False)), broken("7A31")),
    *WITHOUT_SIGNATURES,
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "broken_integrity") == expected


def test_why_is_told() -> None:
    told = details(
        case("all", PERSON, signature("agency", intact=False, valid=False, covers_file=False)), "broken_integrity"
    )
    assert told == [{"position": 2, "reasons": ["intact", "valid", "covers_file"]}]
