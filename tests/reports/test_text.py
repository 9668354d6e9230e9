"""Vietnamese numbers, dates, delays, the alphabet, and harmless text."""

import unicodedata
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import text


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (1234.5, 1, "1.234,5"),
        (41206, 0, "41.206"),
        (1234567.891, 2, "1.234.567,89"),
        (0.5, 0, "1"),
        (2.5, 0, "3"),
        (-1234.5, 1, "−1.234,5"),
        (-0.01, 1, "0,0"),
        (float("nan"), 1, "–"),
        (None, 0, "–"),
    ],
)
def test_numbers(value, decimals, expected):
    assert text.number(value, decimals) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0"), (2, "02"), (9, "09"), (10, "10"), (2150, "2.150"), (float("nan"), "chưa có dữ liệu")],
)
def test_counts_in_prose(value, expected):
    assert text.count(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.992, "99,2%"),
        (1.0, "100%"),
        (0.0, "0%"),
        (0.9996, "99,96%"),  # one lost among 2 500 is not perfection
        (0.99996, "99,996%"),
        (0.00002, "0,002%"),
        (1e-9, "0,0001%"),
        (0.9345, "93,5%"),
        (float("nan"), "–"),
    ],
)
def test_shares_never_round_to_a_lie(value, expected):
    assert text.share(value) == expected


@given(st.floats(min_value=0, max_value=1))
def test_a_share_reads_as_everything_only_when_it_is(value):
    assert (text.share(value) == "100%") == (value == 1)
    assert (text.share(value) == "0%") == (value == 0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2021, 2, 4), "ngày 04 tháng 02 năm 2021"),
        (date(2021, 3, 15), "ngày 15 tháng 3 năm 2021"),
        (date(2021, 10, 1), "ngày 01 tháng 10 năm 2021"),
    ],
)
def test_dates_in_prose(value, expected):
    assert text.day_in_prose(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2021, 2, 9, 11, 30), "11 giờ 30 phút ngày 09/02/2021"),
        (datetime(2021, 2, 9, 17, 0), "17 giờ ngày 09/02/2021"),
        (datetime(2021, 2, 10, 0, 0), "hết ngày 09/02/2021"),
        (datetime.fromisoformat("2021-02-09T17:30:00+00:00"), "0 giờ 30 phút ngày 10/02/2021"),
    ],
)
def test_moments_are_local_and_midnight_ends_the_day_before(value, expected):
    assert text.moment(value) == expected


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (0, "0 phút làm việc"),
        (59, "59 phút làm việc"),
        (61, "1 giờ 1 phút làm việc"),
        (480, "1 ngày làm việc"),
        (2 * 480 + 3 * 60, "2 ngày 3 giờ làm việc"),
        (2 * 480 + 3 * 60 + 20, "2 ngày 3 giờ làm việc"),
    ],
)
def test_working_delays(minutes, expected):
    assert text.working_delay(minutes) == expected


@pytest.mark.parametrize(
    ("minutes", "expected"), [(80, "1 giờ 20 phút"), (24 * 60, "1 ngày"), (51 * 60, "2 ngày 3 giờ")]
)
def test_urgent_delays_go_by_the_clock(minutes, expected):
    assert text.elapsed_delay(minutes) == expected


def test_the_vietnamese_alphabet():
    ordered = [
        "An",
        "Ăn",
        "Ân",
        "Ba Bể",
        "Bà Rịa",
        "Bạch Thông",
        "Dân",
        "Đà",
        "Em",
        "Êm",
        "Na Rì",
        "Ngân Sơn",
        "Ô",
        "Ơn",
        "Sở Tư pháp",
        "Sở Y tế",
        "Ủy ban",
    ]
    assert sorted(set(ordered), key=text.sort_key) == ordered


def test_tones_come_after_letters_in_the_order_of_the_dictionary():
    ordered = ["ma", "mà", "mả", "mã", "má", "mạ", "mau"]
    assert sorted(sorted(ordered), key=text.sort_key) == ordered


@given(st.text(alphabet="aăâbcdđeêoôơuưyàảãáạ "))
def test_decomposed_and_composed_text_sort_alike(word):
    assert text.sort_key(unicodedata.normalize("NFD", word)) == text.sort_key(unicodedata.normalize("NFC", word))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("a\u202ebc\u202c\u200b\ufeff", "abc"),
        ("dòng\r\nmột\t hai\x00\x1b", "dòng một hai"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),  # marking as text is the layout's task
        (None, ""),
        (float("nan"), ""),
        ("e\u0302\u0301", "ế"),
    ],
)
def test_clean_removes_what_steers_and_what_breaks(raw, expected):
    assert text.clean(raw) == expected


@given(st.text(), st.integers(min_value=2, max_value=80))
def test_clean_keeps_its_limit_and_is_idempotent(raw, limit):
    cleaned = text.clean(raw, limit)
    assert len(cleaned) <= limit
    assert text.clean(cleaned, limit) == cleaned


def test_lists():
    assert text.listed(["a"]) == "a"
    assert text.listed(["a", "b", "c"]) == "a, b và c"
    assert text.listed(["a", "b", "c", "d", "e"], most=3) == "a, b, c và 02 cơ quan khác"
