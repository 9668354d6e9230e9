from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.registry import ALWAYS, NO_AGENCY, SINCE_EVER, Registry, is_well_formed, new_form
from audit.settings import Agency, load_settings
from audit.working_time import NO_DAY, day_number

SHIPPED = load_settings()


def made(*agencies: dict) -> Registry:
    """A registry of these agencies; name and kind are filled in."""
    filled = tuple(Agency.model_validate({"name": "Sở Thí dụ", "kind": "department"} | agency) for agency in agencies)
    return Registry(SHIPPED.model_copy(update={"agencies": filled}))


def day(text: str) -> int:
    return day_number(date.fromisoformat(text))


# A → B → C over the years; D ends with nobody after it.
CHAIN = made(
    {"code": "H03.01", "valid_from": "2018-01-01", "valid_to": "2020-12-31", "successor": "H03.02"},
    {"code": "H03.02", "valid_from": "2021-01-01", "valid_to": "2022-12-31", "successor": "H03.03"},
    {"code": "H03.03", "valid_from": "2023-03-01"},
    {"code": "H03.04", "valid_to": "2020-12-31"},
)


@pytest.mark.parametrize(
    ("wire", "canonical"),
    [
        ("H03.12", "H03.12"),
        ("  h03.12\t", "H03.12"),
        ("000.00.12.H03", "H03.12"),  # an alias
        ("000.00.00.h03", "H03"),
        ("000.05.12.H03", "H03.12.05"),  # unknown, old form
        ("001.05.12.H99", "H99.12.05.001"),
        ("000.00.00.G22", "G22"),
        ("H03.99", "H03.99"),  # unknown stays
        ("12345", "12345"),  # malformed stays: rule N9 says so
        ("00.00.12.H03", "00.00.12.H03"),  # three groups are not the old form
        ("   ", ""),
    ],
)
def test_codes_become_canonical(registry, wire, canonical):
    assert registry.canonical_code(wire) == canonical


def test_an_alias_may_be_what_the_turned_code_is():
    renumbered = made({"code": "H55.31", "aliases": ["H03.12"]})
    assert renumbered.canonical_code("000.00.12.H03") == "H55.31"


def test_an_alias_wins_over_the_turned_form():
    odd = made({"code": "H03.12"}, {"code": "H03.99", "aliases": ["000.00.12.H03"]})
    assert odd.canonical_code("000.00.12.H03") == "H03.99"


def test_columns_become_canonical_in_place(registry):
    wire = pd.Series(["000.00.12.H03", None, " ", "h03.12", "H99"], index=[7, 5, 3, 1, 0], name="sender", dtype="str")
    expected = pd.Series(["H03.12", None, None, "H03.12", "H99"], index=[7, 5, 3, 1, 0], name="sender", dtype="str")
    pd.testing.assert_series_equal(registry.canonical(wire), expected)


def test_an_empty_column_stays_a_column_of_texts(registry):
    empty = pd.Series([], dtype="str", name="sender")
    pd.testing.assert_series_equal(registry.canonical(empty), empty, check_index_type=False)


@given(
    st.lists(st.one_of(st.none(), st.sampled_from(["H03.01", "000.00.01.H03", "h03", "x", " "]), st.text(max_size=12)))
)
def test_columns_and_single_codes_agree(texts):
    registry = Registry(SHIPPED)
    found = registry.canonical(pd.Series(texts, dtype=object)).tolist()
    expected = [None if text is None else registry.canonical_code(text) or None for text in texts]
    assert [None if pd.isna(code) else code for code in found] == expected


@given(st.text(max_size=20))
def test_canonical_is_a_fixed_point(text):
    registry = Registry(SHIPPED)
    once = registry.canonical_code(text)
    assert registry.canonical_code(once) == once


@pytest.mark.parametrize(
    ("code", "well_formed"),
    [
        ("H03", True),
        ("H03.12", True),
        ("H03.12.05A", True),
        ("000.00.12.H03", True),
        ("h03.12", False),
        ("H3.12", False),
        ("H03.", False),
        ("H03..12", False),
        ("H03.12\n", False),
        ("H03." + "1" * 31, True),  # 35 characters
        ("H03." + "1" * 32, False),
        ("", False),
    ],
)
def test_form_of_codes(code, well_formed):
    assert is_well_formed(code) is well_formed


def test_turning_drops_zero_groups_only():
    assert new_form("010.00.12.H03") == "H03.12.010"
    assert new_form("H03.12") == "H03.12"


# -- arrays -----------------------------------------------------------------------------------------------------------


def test_arrays_stand_beside_the_codes():
    assert CHAIN.codes == ("H03.01", "H03.02", "H03.03", "H03.04")
    assert CHAIN.valid_from.tolist() == [day("2018-01-01"), day("2021-01-01"), day("2023-03-01"), SINCE_EVER]
    assert CHAIN.valid_to.tolist() == [day("2020-12-31"), day("2022-12-31"), ALWAYS, day("2020-12-31")]
    assert CHAIN.successor.tolist() == [1, 2, NO_AGENCY, NO_AGENCY]
    assert CHAIN.log_of.tolist() == [0, 1, 2, 3]
    assert {array.dtype for array in (CHAIN.valid_from, CHAIN.valid_to, CHAIN.successor, CHAIN.log_of)} == {
        np.dtype("int32")
    }
    assert len(CHAIN) == 4


def test_flags():
    source = {"kind": "log_api", "base_url": "https://a.example", "token": "env:A"}
    registry = made(
        {"code": "H03.01"},
        {"code": "H03.02", "source": source},
        {"code": "H03.03", "source": source, "pulled": False, "reports_forwarding": False, "register_whole": True},
        {
            "code": "H03.04",
            "log_of": "H03.02",
            "tables": ["documents"],
            "reports_completion": False,
            "reports_signatures": False,
        },
    )
    assert registry.pulled.tolist() == [False, True, False, False]
    assert registry.pulled[registry.log_of].tolist() == [False, True, False, True]
    assert registry.reports_forwarding.tolist() == [True, True, False, True]
    assert registry.reports_completion.tolist() == [True, True, True, False]
    assert registry.reports_signatures.tolist() == [True, True, True, False]
    assert registry.register_whole.tolist() == [False, False, True, False]
    assert registry.keeps("documents").tolist() == [True, True, True, True]
    assert registry.keeps("sends").tolist() == [True, True, True, False]


def test_arrays_cannot_be_written():
    with pytest.raises(ValueError, match="read-only"):
        CHAIN.valid_to[0] = 0


def test_index_of(registry):
    codes = pd.Series(["H03.01", None, "H99", "H03"], dtype="str")
    assert registry.index_of(codes).tolist() == [1, NO_AGENCY, NO_AGENCY, 0]


def test_agency(registry):
    assert registry.agency("H03.16").name == "Sở Y tế"
    with pytest.raises(KeyError):
        registry.agency("H99")


@pytest.mark.parametrize(
    ("agency", "on", "answers"),
    [
        (0, "2017-12-31", NO_AGENCY),  # not yet
        (0, "2018-01-01", 0),
        (0, "2020-12-31", 0),  # its last day
        (0, "2021-01-01", 1),  # the day after
        (0, "2022-12-31", 1),
        (0, "2023-02-28", NO_AGENCY),  # a gap before the next
        (0, "2023-03-01", 2),  # down the chain
        (1, "2024-01-01", 2),
        (2, "2099-01-01", 2),
        (3, "2021-01-01", NO_AGENCY),  # nobody after it
        (3, "1995-01-01", 3),  # open beginning
    ],
)
def test_who_answers(agency, on, answers):
    found = CHAIN.successor_on(np.array([agency], np.int32), np.array([day(on)], np.int32))
    assert found.dtype == np.int32
    assert found.tolist() == [answers]


def test_nobody_answers_for_nobody_or_on_no_day():
    asked = CHAIN.successor_on(np.array([NO_AGENCY, 0], np.int32), np.array([day("2020-01-01"), NO_DAY], np.int32))
    assert asked.tolist() == [NO_AGENCY, NO_AGENCY]
    assert CHAIN.is_valid_on(
        np.array([NO_AGENCY, 0], np.int32), np.array([day("2020-01-01"), NO_DAY], np.int32)
    ).tolist() == [False, False]


@given(st.lists(st.tuples(st.integers(-1, 3), st.dates(date(2017, 1, 1), date(2024, 12, 31))), min_size=1))
def test_who_answers_is_valid_that_day(asked):
    indexes = np.array([index for index, _ in asked], np.int32)
    days = np.array([day_number(on) for _, on in asked], np.int32)
    found = CHAIN.successor_on(indexes, days)
    assert (CHAIN.is_valid_on(found, days) | (found == NO_AGENCY)).all()
    assert (found[CHAIN.is_valid_on(indexes, days)] == indexes[CHAIN.is_valid_on(indexes, days)]).all()
