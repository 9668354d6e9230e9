"""K1 unsigned: cases."""

import pytest

from tests.rules.harness import Case, Judged, document, file, judge_case, send, signature

FINDING = (("H03.02", "12/SNV-VP", "", ""),)
BREACH = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})

UNSIGNED = file(signatures=[])
ANNEX = file(name="phu-luc.pdf", role="attachment")


def case(name: str, *files: dict[str, object]) -> Case:
    return Case(name, [document(files=list(files)), send()])


CASES = [
    (case("signed", file()), FINE),
    (case("unsigned", UNSIGNED), BREACH),
    (case("one signature is signed", file(signatures=[signature(None)])), FINE),
    (case("unsigned beside a signed annex", UNSIGNED, ANNEX), BREACH),
    (case("signed beside an unsigned annex", file(), ANNEX | {"signatures": []}), FINE),
    (case("the main file need not be the first", ANNEX, UNSIGNED), BREACH),
    (case("the role in other letters", ANNEX, file(role="MAIN", signatures=[])), BREACH),
    (case("the only file is the main file, whatever its role", UNSIGNED | {"role": "attachment"}), BREACH),
    (case("the only file without a role", UNSIGNED | {"role": None}), BREACH),
    (case("several files, none is the main one", UNSIGNED | {"role": None}, ANNEX), UNKNOWN),
    (case("no file is D1"), NOBODY),
    (Case("files are not told", [document(files=None), send()]), UNKNOWN),
    (case("signatures are not told", file(signatures=None)), UNKNOWN),
    (Case("known by its sends alone", [send()]), UNKNOWN),
    (Case("the system does not report signatures", [document(files=[UNSIGNED]), send()], agencies={"H03.02": {"reports_signatures": False}}), NOBODY),
    (Case("a later version of the row is signed", [document(files=[UNSIGNED]), document(day="2021-02-03"), send()]), FINE),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "unsigned") == expected
