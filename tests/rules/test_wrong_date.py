"""T3 wrong_date: cases."""

import pytest

from tests.rules.harness import Case, Judged, details, document, file, judge_case, send, signature

FINDING = (("H03.02", "12/SNV-VP", "", ""),)
BREACH = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})


def case(name: str, issued: str = "2021-02-02", sent: str = "2021-02-02 10:00", **fields: object) -> Case:
    """Signed by person and agency on Tuesday 2 February, unless `files` says otherwise."""
    return Case(name, [document(issued_date=issued, **fields), send(issued_date=issued, sent_at=sent)])


def wrong(*extras: str) -> Judged:
    return Judged(tuple(("H03.02", "12/SNV-VP", "", extra) for extra in extras), {"H03.02": (1, 1, 0)})


def signed(name: str, at: str | None) -> list[dict[str, object]]:
    return [file(signatures=[signature("person", subject=f"CN={name}", signed_at=at), signature("agency")])]


CASES = [
    (case("issued, signed and sent on one day"), FINE),
    (case("issued after the sending", issued="2021-02-03"), wrong("future")),
    (case("issued on the day of the sending", issued="2021-02-03", sent="2021-02-03 00:00"), FINE),
    (case("issued the next working day", issued="2021-02-03", sent="2021-02-03 08:00"), FINE),
    (case("issued two working days later", issued="2021-02-04", sent="2021-02-04 08:00"), wrong("postdated")),
    (case("signed on Friday, issued on Monday", issued="2021-02-01", sent="2021-02-01 08:00", files=signed("Lò Thị Mẩy", "2021-01-29 16:59")), FINE),
    (case("signed on Saturday, issued on Monday", issued="2021-02-01", sent="2021-02-01 08:00", files=signed("Lò Thị Mẩy", "2021-01-30 10:00")), FINE),
    (case("issued the day before the signature", issued="2021-02-01"), wrong("antedated")),
    (case("the local day counts", issued="2021-02-02", files=signed("Lò Thị Mẩy", "2021-02-02T00:10:00+07:00")), FINE),
    (case("both", issued="2021-02-05"), wrong("future", "postdated")),
    (case("the signature tells, not signed_at", signed_at="2021-01-20 09:00"), FINE),
    (case("titles do not matter", files=signed("TS. Lò Thị Mẩy", "2021-02-03 09:00"), sent="2021-02-03 10:00"), wrong("antedated")),
    (case("another's signature does not tell", files=signed("Nông Văn Páo", "2021-02-05 09:00")), FINE),
    (case("another's signature, and signed_at", files=signed("Nông Văn Páo", "2021-02-02 09:00"), signed_at="2021-01-20 09:00"), wrong("postdated")),
    (case("the signer's last signature counts", files=[file(signatures=[signature(signed_at="2021-01-28 09:00"), signature(signed_at="2021-02-02 09:00")])]), FINE),
    (case("signatures not told: signed_at", files=[file(signatures=None)], signed_at="2021-02-03 09:00", sent="2021-02-03 10:00"), wrong("antedated")),
    (case("no day of signing", files=[file(signatures=None)], signed_at=None), UNKNOWN),
    (case("no day of signing, but in the future", issued="2021-02-03", files=[], signed_at=None), wrong("future")),
    (Case("no date of issue", [document("H03.02", "2021-02-02", issued_date=None, document_uid="u", signed_at="2021-02-02 09:00"), send(issued_date=None, document_uid="u")]), UNKNOWN),
    (Case("known by its sends alone", [send(issued_date="2021-02-05")]), UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "wrong_date") == expected


def test_the_days_are_told() -> None:
    told = details(case("future", issued="2021-02-03"), "wrong_date")
    assert told == [{"issued_on": "2021-02-03", "signed_on": "2021-02-02", "sent_on": "2021-02-02"}]
