"""Times and dates of the wire: what is accepted, what they mean, and that both readers agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audit.instants import parse_date, parse_deadline, parse_deadlines, parse_instant, parse_instants
from audit.working_time import NAT

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def at(text: str) -> int:
    return (datetime.fromisoformat(text) - EPOCH) // MICROSECOND


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("2021-02-04T15:41:02+07:00", "2021-02-04T15:41:02+07:00"),
        ("2021-02-04T15:41:02", "2021-02-04T15:41:02+07:00"),
        ("2021-02-04 15:41:02", "2021-02-04T15:41:02+07:00"),
        ("2021-02-04T15:41", "2021-02-04T15:41:00+07:00"),
        ("2021-02-04T08:41:02Z", "2021-02-04T08:41:02+00:00"),
        ("2021-02-04T08:41:02-05:30", "2021-02-04T08:41:02-05:30"),
        ("2021-02-04T15:41:02+0700", "2021-02-04T15:41:02+07:00"),
        ("2021-02-04T15:41:02+07", "2021-02-04T15:41:02+07:00"),
        ("2021-02-04T15:41:02.5+07:00", "2021-02-04T15:41:02.500000+07:00"),
        ("2021-02-04T15:41:02,123456789", "2021-02-04T15:41:02.123456+07:00"),
        ("2024-02-29T00:00:00+07:00", "2024-02-29T00:00:00+07:00"),
        ("1900-01-01T00:00:00Z", "1900-01-01T00:00:00+00:00"),
        ("2200-12-31T23:59:59Z", "2200-12-31T23:59:59+00:00"),
    ],
)
def test_instant(text: str, meaning: str) -> None:
    assert parse_instant(text) == at(meaning)
    assert parse_instants([text]).tolist() == [at(meaning)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2021-02-04",
        "2021-02-30T00:00:00+07:00",
        "2023-02-29T00:00:00+07:00",
        "2021-13-01T00:00:00+07:00",
        "2021-00-01T00:00:00+07:00",
        "2021-01-00T00:00:00+07:00",
        "2021-02-04T24:00:00+07:00",
        "2021-02-04T15:60:00+07:00",
        "2021-02-04T15:41:60+07:00",
        "2021-02-04T15:41:02+24:00",
        "2021-02-04T15:41:02+07:60",
        "1899-12-31T00:00:00+07:00",
        "2201-01-01T00:00:00+07:00",
        "0001-01-01T00:00:00+07:00",
        "9999-12-31T23:59:59+07:00",
        "2021/02/04T15:41:02+07:00",
        "04-02-2021T15:41:02+07:00",
        "20210204T154102+07:00xxxx",
        "2021-02-04T15:41:02 07:00",
        "２０２１-02-04T15:41:02+07:00",
        "1612428062",
        "2021-W05-4T15:41:02+07:00",
        "2021-02-04T15:41:02+07:00\n",
    ],
)
def test_no_instant(text: str) -> None:
    assert parse_instant(text) is None
    assert parse_instants([text]).tolist() == [NAT]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("2021-02-10", "2021-02-11T00:00:00+07:00"),
        ("2021-02-28", "2021-03-01T00:00:00+07:00"),
        ("2021-02-10T17:00:00+07:00", "2021-02-10T17:00:00+07:00"),
    ],
)
def test_a_date_as_a_deadline_is_its_end(text: str, meaning: str) -> None:
    assert parse_deadline(text) == at(meaning)
    assert parse_deadlines([text]).tolist() == [at(meaning)]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1970-01-01", 0),
        ("2021-02-04", 18662),
        ("2021-02-30", None),
        ("2021-2-4", None),
        ("04/02/2021", None),
        ("2021-02-04T00:00:00", None),
        ("1899-12-31", None),
    ],
)
def test_date(text: str, day: int | None) -> None:
    assert parse_date(text) == day


offsets = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(datetime(1900, 1, 2), datetime(2200, 12, 30), timezones=offsets)


@given(times)
def test_what_python_writes_is_read_to_the_microsecond(time: datetime) -> None:
    expected = (time - EPOCH) // MICROSECOND
    assert parse_instant(time.isoformat()) == expected
    assert parse_instants([time.isoformat()]).tolist() == [expected]


digits = st.text("0123456789", min_size=2, max_size=2)
clock = st.builds("{}{}-{}-{}T{}:{}:{}".format, *[digits] * 7)
common = st.builds(
    "{}{}".format,
    clock,
    st.one_of(st.sampled_from(["", "Z", "z"]), st.builds("{}{}:{}".format, st.sampled_from("+-"), digits, digits)),
)


@given(st.lists(st.one_of(common, times.map(datetime.isoformat), st.text(max_size=30)), max_size=20))
@example(["2021-02-29T00:00:00+07:00", "2021-02-28T00:00:00+07:00", "x"])
def test_the_reader_of_columns_agrees_with_the_reader_of_one(texts: list[str]) -> None:
    one_by_one = [NAT if (instant := parse_instant(text)) is None else instant for text in texts]
    assert parse_instants(texts).tolist() == one_by_one
