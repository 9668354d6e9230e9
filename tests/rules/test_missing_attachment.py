"""D1 missing_attachment: cases."""

import pytest

from tests.rules.harness import Case, Judged, Row, details, document, file, judge_case, receipt, send, sha256

FINDING = (("H03.02", "12/SNV-VP", "", ""),)
BREACH = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})

OTHER = sha256("another file")


def case(name: str, *files: dict[str, object], declared: int | None = 1) -> Case:
    return Case(name, [document(files=list(files), declared_file_count=declared), send()])


def received(name: str, *rows: Row, **fields: object) -> Case:
    """H03.03 tells the hash of another file than the one that was sent."""
    return Case(name, [document(**fields), send(), receipt(received_file_sha256=OTHER), *rows])


def wrong(*extras: str) -> Judged:
    return Judged(tuple(("H03.02", "12/SNV-VP", "", extra) for extra in extras), {"H03.02": (1, 1, 0)})


HASH = Judged((("H03.02", "12/SNV-VP", "H03.03", "hash"),), {"H03.02": (1, 1, 0)})
NEW = {"number": "13", "business_type": 3, "sent_at": "2021-02-03 08:00"}
CASES = [
    (case("one file", file()), FINE),
    (case("no file", declared=None), wrong("no_file")),
    (case("no file, one declared: one finding", declared=1), wrong("no_file")),
    (case("a file of 0 bytes", file(size_bytes=0)), wrong("empty")),
    (case("an annex of 0 bytes", file(), file(name="a.xlsx", role="attachment", size_bytes=0), declared=2), wrong("empty")),
    (case("a file of 1 byte", file(size_bytes=1)), FINE),
    (case("a size that is not told", file(size_bytes=None)), FINE),
    (case("two declared, one there", file(), declared=2), wrong("count")),
    (case("one declared, two there", file(), file(name="a.xlsx", role="attachment")), FINE),
    (case("nothing declared", file(), declared=None), FINE),
    (case("empty and too few", file(size_bytes=0), declared=2), wrong("count", "empty")),
    (received("another file was received"), HASH),
    (Case("the same file was received", [document(), send(), receipt(received_file_sha256=sha256("van-ban.pdf").upper())]), FINE),
    (received("an update was sent", send(business_type=2, sent_at="2021-02-03 08:00", axis_doc_id="u")), FINE),
    (received("an update was sent to another", send(business_type=2, sent_at="2021-02-03 08:00", recipient="H03.04")), HASH),
    (received("a recall is no update", send(business_type=1, sent_at="2021-02-03 08:00", axis_doc_id="r")), HASH),
    (received("sent again as a replacement", send(business_type=3, sent_at="2021-02-03 08:00", attempt=2)), FINE),
    (received("replaced, by its uid", send(replaces="uid-12", **NEW), document_uid="uid-12"), Judged((), {"H03.02": (1, 0, 1)})),
    (received("replaced for another recipient", send(replaces="uid-12", recipient="H03.04", **NEW), document_uid="uid-12"), Judged(HASH.findings, {"H03.02": (1, 1, 1)})),
    (Case("replaced, by its message", [document(), send(axis_doc_id="a1"), receipt(axis_doc_id="a1", received_file_sha256=OTHER), send(replaces="a1", **NEW)]), Judged((), {"H03.02": (1, 0, 1)})),
    (received("another document was replaced", send(replaces="uid-99", **NEW), document_uid="uid-12"), Judged(HASH.findings, {"H03.02": (1, 1, 1)})),
    (Case("a replacement itself is received whole or not", [document(), send(business_type=3), receipt(business_type=3, received_file_sha256=OTHER)]), HASH),
    (Case("a failed receipt proves nothing", [document(), send(), receipt(state="fail", received_file_sha256=OTHER)]), FINE),
    (Case("the hash of an update is another", [document(), send(), receipt(business_type=1, axis_doc_id="u", received_file_sha256=OTHER)]), FINE),
    (received("the sender tells no hash", files=[file(sha256=None)]), FINE),
    (
        Case("two recipients", [document(), send(), send(recipient="H03.04"), receipt(received_file_sha256=OTHER), receipt(recipient="H03.04", received_file_sha256=OTHER)]),
        Judged((("H03.02", "12/SNV-VP", "H03.03", "hash"), ("H03.02", "12/SNV-VP", "H03.04", "hash")), {"H03.02": (1, 1, 0)}),
    ),
    (Case("files are not told", [document(files=None), send(), receipt(received_file_sha256=OTHER)]), UNKNOWN),
    (Case("known by its sends alone", [send()]), UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "missing_attachment") == expected


def test_the_counts_are_told() -> None:
    assert details(case("count", file(), declared=3), "missing_attachment") == [{"files": 1, "declared": 3}]
