"""Q4 foreign_notation: cases."""

import pytest

from tests.rules.harness import Case, Judged, details, document, judge_case, send

FINDING = (("H03.02", "12/SNV-VP", "", ""),)
BREACH = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})


def case(name: str, notation: str, own: list[str] | None = None, doc_type: str = "Công văn", **more: object) -> Case:
    agencies = {"H03.02": {"notations": ["SNV"] if own is None else own}}
    return Case(
        name, [document(notation=notation, doc_type=doc_type), send(notation=notation)], agencies=agencies, **more
    )


def foreign(notation: str) -> Judged:
    return Judged((("H03.02", f"12/{notation}", "", ""),), {"H03.02": (1, 1, 0)})


CASES = [
    (case("its own letter", "SNV-VP"), FINE),
    (case("its own typed document", "QĐ-SNV"), FINE),
    (case("its own typed document, a unit behind", "QĐ-SNV-VP"), FINE),
    (case("another's letter", "STP-VP"), foreign("STP-VP")),
    (case("another's typed document", "QĐ-STP"), foreign("QĐ-STP")),
    (case("its own as the unit of another's letter", "STP-SNV"), foreign("STP-SNV")),
    (case("one that only begins like it", "SNVX-VP"), foreign("SNVX-VP")),
    (case("another's normative document", "2021/QĐ-UBND"), foreign("2021/QĐ-UBND")),
    (case("one of several", "BTG-VP", own=["SNV", "BTG"]), FINE),
    (case("one of two parts", "BQL-KCN-VP", own=["BQL-KCN"]), FINE),
    (case("listed in other letters", "SNV-VP", own=["Snv"]), FINE),
    (case("Thanh tra's letter", "TTr-VP", own=["TTr"]), FINE),
    (case("Thanh tra's own Tờ trình", "TTr-TTr", own=["TTr"], doc_type="Tờ trình"), FINE),
    (case("Thanh tra's Tờ trình under another organ", "TTr-VP", own=["TTr"], doc_type="Tờ trình"), foreign("TTr-VP")),
    (case("no list", "STP-VP", own=[]), NOBODY),
    (case("unreadable is T2", "STP"), UNKNOWN),
    (Case("no notation is T1", [document(notation=None, document_uid="u"), send(notation=None, document_uid="u")]), UNKNOWN),
    (Case("known by its sends alone", [send(notation="STP-VP")]), UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "foreign_notation") == expected


def test_the_organ_is_told() -> None:
    assert details(case("foreign", "QĐ-STP"), "foreign_notation") == [{"organ": "STP", "notations": ["SNV"]}]
