"""T2 malformed_notation: cases."""

import pytest

from tests.rules.harness import Case, Judged, details, document, judge_case, send

FINDING = (("H03.02", "12/SNV-VP", "", ""),)
BREACH = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})

INSPECTION = {"H03.18": {"notations": ["TTr"]}}


def case(name: str, notation: str, doc_type: str | None = "Công văn", number: str = "12", **more: object) -> Case:
    return Case(
        name,
        [document(number=number, notation=notation, doc_type=doc_type), send(number=number, notation=notation)],
        **more,
    )


def inspection(name: str, notation: str, doc_type: str | None) -> Case:
    key = {"sender": "H03.18", "notation": notation}
    return Case(name, [document(doc_type=doc_type, **key), send(**key)], agencies=INSPECTION)


def wrong(number: str, extra: str, agency: str = "H03.02") -> Judged:
    return Judged(((agency, number, "", extra),), {agency: (1, 1, 0)})


CASES = [
    (case("a letter", "SNV-VP"), FINE),
    (case("a letter with a dash more", "SNV-VP-TH"), FINE),
    (case("a typed document", "QĐ-SNV", "Quyết định"), FINE),
    (case("a typed document of a unit", "BC-SNV-CCHC", "Báo cáo"), FINE),
    (case("a copy", "SY-SNV", "Bản sao y"), FINE),
    (case("an abbreviation in mixed case", "QyĐ-SNV", "Quy định"), FINE),
    (case("a normative document", "2021/QĐ-UBND", "Quyết định"), FINE),
    (case("a normative document with a number of four digits", "2021/QĐ-UBND", "Quyết định", number="1234"), wrong("1234/2021/QĐ-UBND", "syntax")),
    (case("blanks and long dashes are normalised away", "SNV – VP"), FINE),
    (case("a number below 10 is padded", "SNV-VP", number="7"), FINE),
    (case("lower case", "snv-vp"), wrong("12/snv-vp", "syntax")),
    (case("lower case in the kind", "Qđ-SNV", "Quyết định"), wrong("12/Qđ-SNV", "syntax")),
    (case("no unit", "SNV"), wrong("12/SNV", "syntax")),
    (case("digits in the organ", "SNV2-VP"), wrong("12/SNV2-VP", "syntax")),
    (case("a letter suffixed to the number", "SNV-VP", number="12a"), wrong("12a/SNV-VP", "syntax")),
    (case("digits of another script", "SNV-VP", number="١٢"), wrong("١٢/SNV-VP", "syntax")),
    (case("a line break at the end is white space", "SNV-VP\n"), FINE),
    (case("the kind of another type", "QĐ-SNV", "Báo cáo"), wrong("12/QĐ-SNV", "kind")),
    (case("a letter that is called a decision", "SNV-VP", "Quyết định"), wrong("12/SNV-VP", "kind")),
    (case("a công văn under a kind", "QĐ-SNV"), wrong("12/QĐ-SNV", "kind")),
    (case("the type in other letters", "QĐ-SNV", "QUYẾT  ĐỊNH"), FINE),
    (case("an unknown type", "QĐ-SNV", "Văn bản khác"), FINE),
    (case("no type", "QĐ-SNV", None), FINE),
    (case("an unknown type and no form", "QĐSNV", "Văn bản khác"), wrong("12/QĐSNV", "syntax")),
    (inspection("TTr is the inspection's own: a letter", "TTr-VP", "Công văn"), Judged((), {"H03.18": (1, 0, 0)})),
    (inspection("… and a Tờ trình where the type says so", "TTr-VP", "Tờ trình"), Judged((), {"H03.18": (1, 0, 0)})),
    (inspection("… a typed document of another kind", "TTr-VP", "Quyết định"), wrong("12/TTr-VP", "kind", "H03.18")),
    (inspection("… an organ behind a kind", "KL-TTr", "Kết luận"), wrong("12/KL-TTr", "syntax", "H03.18")),
    (inspection("… an organ behind a known kind", "QĐ-TTr", "Quyết định"), Judged((), {"H03.18": (1, 0, 0)})),
    (inspection("… without a unit", "TTr", "Công văn"), wrong("12/TTr", "syntax", "H03.18")),
    (case("TTr is no organ of others", "QĐ-TTr", "Quyết định"), wrong("12/QĐ-TTr", "syntax")),
    (case("a party body", "CV/TU", agencies={"H03.02": {"kind": "party"}}), NOBODY),
    (case("a mass organisation", "CV/MT", agencies={"H03.02": {"kind": "mass_organisation"}}), NOBODY),
    (case("nobody is exempt", "CV/TU", agencies={"H03.02": {"kind": "party"}}, policy={"exempt": {"kinds": []}}), wrong("12/CV/TU", "syntax")),
    (Case("no notation is T1", [document(notation=None, document_uid="u1"), send(notation=None, document_uid="u1")]), UNKNOWN),
    (Case("no number is T1", [document(number=None, document_uid="u1"), send(number=None, document_uid="u1")]), UNKNOWN),
    (Case("known by its sends alone", [send(notation="snv")]), UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "malformed_notation") == expected


def test_the_kinds_are_told() -> None:
    told = details(case("kind", "QĐ-SNV", "Báo cáo"), "malformed_notation")
    assert told == [{"doc_type": "Báo cáo", "kind": "QĐ", "wanted_kind": "BC"}]


def test_a_notation_of_thousands_of_dashes_takes_no_time() -> None:
    hostile = "-".join(["A"] * 240)
    assert judge_case(case("long", hostile), "malformed_notation") == FINE
    assert judge_case(case("long", hostile + "-a"), "malformed_notation") == wrong(f"12/{hostile}-a", "syntax")
