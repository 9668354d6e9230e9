"""T4 number_gap: cases."""

import pytest

from audit.part import judge_part
from tests.rules.harness import Case, Judged, Row, details, document, facts_of, judge_case

FINDING = (("H03.02", "12/SNV-VP", "", ""),)
BREACH = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})

WHOLE = {"H03.02": {"register_whole": True}}


def entry(number: int | str, day: str = "2021-02-02", **fields: object) -> Row:
    return document(
        **{"number": str(number), "issued_date": day, "notation": "QĐ-SNV", "doc_type": "Quyết định"} | fields
    )


def case(name: str, *rows: Row, **more: object) -> Case:
    return Case(name, rows, **{"agencies": WHOLE} | more)


def gap(*missing: str, extra: str = "", tested: int = 1, breaches: int = 1) -> Judged:
    return Judged(tuple(("H03.02", one, "", extra) for one in sorted(missing)), {"H03.02": (tested, breaches, 0)})


CASES = [
    (case("no gap", entry(1), entry(2), entry(3)), FINE),
    (case("one missing", entry(1), entry(3)), gap("2/QĐ")),
    (case("two missing", entry(1), entry(4)), gap("2/QĐ", "3/QĐ")),
    (case("order of registration does not matter", entry(3), entry(1)), gap("2/QĐ")),
    (case("below the smallest number nothing is known", entry(5)), FINE),
    (case("the last before the period is a neighbour", entry(1, "2021-01-29"), entry(3)), gap("2/QĐ")),
    (case("a number given out later fills it", entry(1), entry(3), entry(2, "2021-02-05")), FINE),
    (case("the upper one was issued before the period", entry(1, "2021-01-28"), entry(3, "2021-01-29"), entry(4)), FINE),
    (case("the upper one is issued after the period", entry(1), entry(3, "2021-02-08")), FINE),
    (case("20 apart: each", entry(1), entry(21)), gap(*(f"{number}/QĐ" for number in range(2, 21)))),
    (case("21 apart: a jump", entry(1), entry(22)), gap("2/QĐ", extra="jump")),
    (case("a jump by policy", entry(1), entry(4), policy={"limits": {"number_gap_jump": 2}}), gap("2/QĐ", extra="jump")),
    (case("a jump nobody would list", entry(1), entry("999999999999999999")), gap("2/QĐ", extra="jump")),
    (case("a number too large for any machine", entry(1), entry("9" * 400)), FINE),
    (case("years are series", entry(1, "2020-12-30"), entry(3, "2021-02-02")), FINE),
    (case("kinds are series", entry(1), entry(3, notation="BC-SNV", doc_type="Báo cáo")), Judged((), {"H03.02": (2, 0, 0)})),
    (case("letters are a series without a kind", entry(1, notation="SNV-VP"), entry(3, notation="SNV-TH")), gap("2")),
    (case("senders are series", entry(1), entry(3, sender="H03.03"), agencies=WHOLE | {"H03.03": {"register_whole": True}}), Judged((), {"H03.02": (1, 0, 0), "H03.03": (1, 0, 0)})),
    (case("normative documents apart", entry(1), entry(2), entry(4, notation="2021/QĐ-UBND"), entry(6, notation="2021/QĐ-UBND")), gap("5/2021/QĐ", tested=2)),
    (case("case does not make a series", entry(1), entry(2, notation="qđ-snv", doc_type=None), entry(3)), FINE),
    (case("an unreadable notation is of its type's series", entry(1), entry(2, notation="QĐSNV"), entry(3)), FINE),
    (case("letters suffixed are left out", entry(1), entry("2a"), entry(3)), gap("2/QĐ")),
    (case("a number that stands twice", entry(1), entry(3), entry(3, "2021-02-05", notation="QĐ-SNV")), gap("2/QĐ")),
    (case("… is anchored by its earlier date", entry(1, "2021-01-20"), entry(3, "2021-01-29"), entry(3)), NOBODY),
    (case("merged by policy", entry(1), entry(2, notation="CT-SNV", doc_type="Chỉ thị"), entry(3), policy={"rules": {"number_gap": {"merge_series": [["QĐ", "CT"]]}}}), FINE),
    (case("merged with the letters", entry(1), entry(3, notation="SNV-VP"), policy={"rules": {"number_gap": {"merge_series": [["QĐ", "Công văn"]]}}}), gap("2/QĐ")),
    (case("a withdrawn entry", entry(1), entry(2), document(day="2021-02-03", number="2", notation="QĐ-SNV", deleted=True), entry(3)), gap("2/QĐ")),
    (case("a register without paper", entry(1), entry(3), agencies={}), NOBODY),
    (case("a day of the period is missing", entry(1), entry(3), gaps=["H03.02 2021-02-06 documents"]), UNKNOWN),
    (case("a day is missing, no gap", entry(1), entry(2), gaps=["H03.02 2021-02-06 documents"]), UNKNOWN),
    (case("a day of another table is missing", entry(1), entry(3), gaps=["H03.02 2021-02-06 sends"]), gap("2/QĐ")),
    (case("a day before the period is missing", entry(1, "2021-01-29"), entry(3), gaps=["H03.02 2021-01-30 documents"]), gap("2/QĐ")),
    (case("the period has not ended", entry(1), entry(3), as_of="2021-02-05"), UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "number_gap") == expected


def test_a_finding_bears_number_kind_and_year_and_the_row_of_its_upper_neighbour() -> None:
    part = judge_part(facts_of(case("gap", entry(1), entry(3, "2021-02-03"))))
    found = part.findings[part.findings["code"] == "T4"].iloc[0]
    assert (found["sender"], found["number"], found["notation"], found["issued_date"]) == ("H03.02", "2", "QĐ", "2021")
    assert found["anchored_at"].isoformat() == "2021-02-02T17:00:00+00:00"
    assert [(row["table"], row["log_day"], row["line"]) for row in found["evidence"]] == [
        ("documents", "2021-02-03", 1)
    ]
    assert found["topic"] is None


def test_the_neighbours_are_told() -> None:
    told = details(case("gap", entry(1), entry(3)), "number_gap")
    assert told == [{"after": 1, "before": 3, "before_issued_on": "2021-02-02"}]
