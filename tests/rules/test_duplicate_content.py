"""L3 duplicate_content: cases."""

import pytest

from tests.rules.harness import Case, Judged, Row, details, document, file, judge_case, send

FINDING = (("H03.02", "12/SNV-VP", "", ""),)
BREACH = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})


def entry(number: str, day: str = "2021-02-02", content: str = "a.pdf", **fields: object) -> Row:
    return document(number=number, issued_date=day, files=[file(name=content)], **fields)


def case(name: str, *rows: Row, **more: object) -> Case:
    return Case(name, rows, **more)


def repeated(*numbers: str, tested: int = 2) -> Judged:
    return Judged(
        tuple(("H03.02", f"{number}/SNV-VP", "", "") for number in numbers), {"H03.02": (tested, len(numbers), 0)}
    )


CASES = [
    (case("a file used once", entry("1")), FINE),
    (case("the same file under two numbers", entry("1", "2021-02-01"), entry("2")), repeated("2")),
    (case("two files", entry("1", "2021-02-01"), entry("2", content="b.pdf")), repeated()),
    (case("the same day: the smaller number is first", entry("10"), entry("9")), repeated("10")),
    (case("the same day and number: by notation", entry("9", notation="SNV-TH"), entry("9")), repeated("9")),
    (case("a number that is none comes after", entry("9a"), entry("10")), repeated("9a")),
    (case("30 days before", entry("1", "2021-01-03"), entry("2")), repeated("2", tested=1)),
    (case("31 days before", entry("1", "2021-01-02"), entry("2")), FINE),
    (case("31 days before, and one in between", entry("1", "2021-01-02"), entry("3", "2021-01-20"), entry("2")), repeated("2", tested=1)),
    (case("a limit by policy", entry("1", "2021-01-31"), entry("2"), policy={"limits": {"duplicate_content_days": 1}}), FINE),
    (case("the earlier one is not to blame", entry("1"), entry("2", "2021-02-09")), FINE),
    (case("another sender", entry("1", "2021-02-01", sender="H03.03"), entry("2")), Judged((), {"H03.02": (1, 0, 0), "H03.03": (1, 0, 0)})),
    (case("the same key registered twice", entry("1", document_uid="a"), entry("1", document_uid="b", subject="Khác")), repeated()),
    (case("a replacement", entry("1", "2021-02-01"), entry("2"), send(number="2", business_type=3)), FINE),
    (case("sent as new and as replacement", entry("1", "2021-02-01"), entry("2"), send(number="2"), send(number="2", business_type=3, attempt=2)), FINE),
    (case("three in a row", entry("1", "2021-02-01"), entry("2"), entry("3", "2021-02-03")), repeated("2", "3", tested=3)),
    (case("no hash", entry("1", "2021-02-01"), document(number="2", files=[file(sha256=None)])), FINE),
    (case("files not told", document(files=None)), NOBODY),
    (case("an annex is no main file", entry("1", "2021-02-01"), document(number="2", files=[file(name="b.pdf"), file(name="a.pdf", role="attachment")])), repeated()),
    (case("known by its sends alone", send()), NOBODY),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "duplicate_content") == expected


@pytest.mark.parametrize("rows", [("a", "b"), ("b", "a")], ids="".join)
def test_without_a_number_the_systems_id_tells_which_is_first_whatever_the_order_of_rows(rows: tuple[str, str]) -> None:
    unnumbered = [document(number=None, document_uid=uid, files=[file(name="a.pdf")]) for uid in rows]
    judged = judge_case(case("two without a number", *unnumbered), "duplicate_content")
    assert judged == Judged((("H03.02", "b", "", ""),), {"H03.02": (2, 1, 0)})


def test_the_earlier_document_is_told() -> None:
    told = details(case("two", entry("1", "2021-02-01"), entry("2")), "duplicate_content")
    assert told == [{"earlier_number": "1", "earlier_notation": "SNV-VP", "earlier_issued_on": "2021-02-01"}]
