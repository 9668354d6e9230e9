"""L2 number_reused: cases."""

import pytest

from tests.rules.harness import Case, Judged, Row, details, document, file, judge_case, send

FINDING = (("H03.02", "12/SNV-VP", "", ""),)
BREACH = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})


def entry(
    subject: str | None = "Một",
    day: str = "2021-02-02",
    uid: str = "u1",
    content: str | None = "a.pdf",
    **fields: object,
) -> Row:
    files = None if content is None else [file(name=content)]
    return document(subject=subject, issued_date=day, document_uid=uid, files=files, **fields)


def case(name: str, *rows: Row, **more: object) -> Case:
    return Case(name, rows, **more)


def reused(number: str = "12/SNV-VP", tested: int = 2) -> Judged:
    return Judged((("H03.02", number, "", ""),), {"H03.02": (tested, 1, 0)})


BOTH = Judged((), {"H03.02": (2, 0, 0)})
EARLIER = entry(day="2021-02-01", uid="u0")
CASES = [
    (case("a number used once", entry()), FINE),
    (case("another subject", EARLIER, entry("Hai")), reused()),
    (case("another main file", EARLIER, entry(content="b.pdf")), reused()),
    (case("the same document again", EARLIER, entry()), BOTH),
    (case("the same subject in other letters", EARLIER, entry("  MỘT ")), BOTH),
    (case("the notation in other letters", EARLIER, entry("Hai", notation="snv-vp")), reused("12/snv-vp")),
    (case("zeros before the number", EARLIER, entry("Hai", number="0012")), reused()),
    (case("another number", EARLIER, entry("Hai", number="13")), BOTH),
    (case("another notation", EARLIER, entry("Hai", notation="SNV-TH")), BOTH),
    (case("another sender", entry(sender="H03.03", day="2021-02-01"), entry("Hai")), Judged((), {"H03.02": (1, 0, 0), "H03.03": (1, 0, 0)})),
    (case("another year", entry(day="2020-12-31"), entry("Hai")), FINE),
    (case("earlier in the year, before the period", entry(day="2021-01-04", uid="u0"), entry("Hai")), reused(tested=1)),
    (case("the earlier one is not to blame", entry(day="2021-02-02", uid="u0"), entry("Hai", day="2021-02-08")), FINE),
    (case("the same day: the one sent first is first", entry("Một", uid="b"), entry("Hai", uid="a"), send(document_uid="a", sent_at="2021-02-02 11:00"), send(document_uid="b")), reused()),
    (case("the same day, not sent: by uid", entry("Một", uid="b"), entry("Hai", uid="a")), reused("12#b/SNV-VP")),
    (case("sent comes before not sent", entry("Một", uid="b"), entry("Hai", uid="a"), send(document_uid="b")), reused()),
    (case("three: each later one", EARLIER, entry("Hai"), entry("Ba", day="2021-02-03", uid="u3")), Judged((("H03.02", "12/SNV-VP", "", ""),) * 2, {"H03.02": (3, 2, 0)})),
    (case("it differs from the second only", EARLIER, entry("Hai"), entry("Một", day="2021-02-03", uid="u3")), Judged((("H03.02", "12/SNV-VP", "", ""),) * 2, {"H03.02": (3, 2, 0)})),
    (case("an update of the later one was sent", EARLIER, entry("Hai"), send(), send(business_type=2, sent_at="2021-02-03 08:00", axis_doc_id="u")), BOTH),
    (case("the later one is a replacement", EARLIER, entry("Hai"), send(business_type=3)), BOTH),
    (case("a recall of it is no correction", EARLIER, entry("Hai"), send(), send(business_type=1, sent_at="2021-02-03 08:00", axis_doc_id="r")), reused()),
    (case("nothing to compare", EARLIER, entry(None, content=None)), Judged((), {"H03.02": (1, 0, 1)})),
    (case("the subject is missing, the file tells", EARLIER, entry(None, content="b.pdf")), reused()),
    (case("no notation", entry(notation=None), entry("Hai", notation=None, uid="u2")), NOBODY),
    (case("known by its sends alone", EARLIER, send()), FINE),
    (case("an ended agency", EARLIER, entry("Hai"), agencies={"H03.02": {"valid_to": "2021-01-31"}}), NOBODY),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "number_reused") == expected


def test_the_earlier_document_is_told() -> None:
    told = details(case("two", EARLIER, entry("Hai")), "number_reused")
    assert told == [
        {
            "earlier_number": "12",
            "earlier_notation": "SNV-VP",
            "earlier_issued_on": "2021-02-01",
            "earlier_subject": "Một",
        }
    ]


def test_a_number_used_by_thousands_is_judged_in_linear_time() -> None:
    rows = [
        entry(f"Việc {number % 7}", uid=f"u{number:05}", content=None, day=f"2021-02-0{1 + number % 5}")
        for number in range(3000)
    ]
    counts = judge_case(case("hostile", *rows[:2990]), "number_reused").counts
    assert counts["H03.02"][0] > 0
