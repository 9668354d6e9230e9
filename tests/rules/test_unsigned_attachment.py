"""D2 unsigned_attachment: cases."""

import pytest

from tests.rules.harness import Case, Judged, details, document, file, judge_case, send, signature

FINDING = (("H03.02", "12/SNV-VP", "", ""),)
BREACH = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})

MAIN, SEAL = file(), signature("agency")


def annex(
    name: str | None = "pl1.pdf", signatures: list[dict[str, object]] | None = None, **fields: object
) -> dict[str, object]:
    return file(name=name, role="attachment", signatures=signatures, **fields)


def case(name: str, *files: dict[str, object]) -> Case:
    return Case(name, [document(files=list(files), declared_file_count=None), send()])


def wrong(*extras: str) -> Judged:
    return Judged(tuple(("H03.02", "12/SNV-VP", "", extra) for extra in extras), {"H03.02": (1, 1, 0)})


CASES = [
    (case("a sealed annex", MAIN, annex(signatures=[SEAL])), FINE),
    (case("an unsigned annex", MAIN, annex(signatures=[])), wrong("pl1.pdf")),
    (case("signed by a person only", MAIN, annex(signatures=[signature("person")])), wrong("pl1.pdf")),
    (case("without a name: its position", MAIN, annex(None, [])), wrong("2")),
    (case("two", MAIN, annex("a.pdf", []), annex("b.pdf", [])), wrong("a.pdf", "b.pdf")),
    (case("one name twice is one finding", MAIN, annex("a.pdf", []), annex("a.pdf", [])), wrong("a.pdf")),
    (case("one of two is sealed", MAIN, annex("a.pdf", [SEAL]), annex("b.pdf", [])), wrong("b.pdf")),
    (case("a workbook needs none", MAIN, annex("a.xlsx", [], content_type="application/vnd.ms-excel")), NOBODY),
    (case("a PDF by its name", MAIN, annex("A.PDF", [], content_type=None)), wrong("A.PDF")),
    (case("a PDF by its type", MAIN, annex("a", [], content_type="Application/PDF")), wrong("a")),
    (case("no annex", MAIN), NOBODY),
    (case("an unsigned only file is K1", file(signatures=[])), NOBODY),
    (case("an unsigned main file is K1", file(signatures=[]), annex(signatures=[SEAL])), FINE),
    (case("the main file is the second", annex(signatures=[]), MAIN), wrong("pl1.pdf")),
    (case("no main file", annex("a.pdf", []), annex("b.pdf", [])), UNKNOWN),
    (case("no file"), NOBODY),
    (case("signatures are not told", MAIN, annex()), UNKNOWN),
    (case("one is not told, another unsigned", MAIN, annex(), annex("b.pdf", [])), wrong("b.pdf")),
    (case("a party is not told", MAIN, annex(signatures=[signature(None)])), UNKNOWN),
    (Case("files are not told", [document(files=None), send()]), UNKNOWN),
    (Case("known by its sends alone", [send()]), UNKNOWN),
    (Case("the system does not report signatures", [document(files=[MAIN, annex(signatures=[])]), send()], agencies={"H03.02": {"reports_signatures": False}}), NOBODY),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "unsigned_attachment") == expected


def test_the_position_is_told() -> None:
    assert details(case("one", MAIN, annex(signatures=[])), "unsigned_attachment") == [{"position": 2}]
