"""M1 secret_on_axis: cases."""

import pytest

from tests.rules.harness import Case, Judged, details, document, judge_case, receipt, send

FINDING = (("H03.02", "12/SNV-VP", "", ""),)
BREACH = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})


def case(name: str, secrecy: str | None) -> Case:
    return Case(name, [document(secrecy=secrecy), send()])


CASES = [
    (case("ordinary", "thuong"), FINE),
    (case("ordinary, in letters of its own", "Thường"), FINE),
    *((case(word, word), BREACH) for word in ("mat", "toi_mat", "tuyet_mat", "Mật")),
    (case("a word nobody knows is no thuong", "x"), BREACH),
    (case("not told", None), UNKNOWN),
    (case("a placeholder is nothing", "không"), UNKNOWN),
    (Case("what the recipient says does not count", [document(secrecy=None), send(), receipt(secrecy="mat")]), UNKNOWN),
    (Case("secret, but never sent", [document(secrecy="mat")]), NOBODY),
    (Case("known by its sends alone", [send()]), UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("case", "expected"), CASES, ids=lambda value: getattr(value, "name", ""))
def test_case(case: Case, expected: Judged) -> None:
    assert judge_case(case, "secret_on_axis") == expected


def test_the_secrecy_is_told() -> None:
    assert details(case("secret", "toi_mat"), "secret_on_axis") == [{"secrecy": "toi_mat"}]
