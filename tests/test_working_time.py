"""Every edge of the calendar on one screen each, and the arrays against a slow, obvious version."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import ConfigError
from audit.settings import CalendarSettings, load_settings
from audit.working_time import (
    FIRST_DAY,
    LAST_DAY,
    NAT,
    NEVER,
    NO_DAY,
    WorkingCalendar,
    constant_offset,
    date_of,
    day_number,
)

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHIPPED = load_settings().calendar
CALENDAR = WorkingCalendar(SHIPPED)


def instant(text: str) -> int:
    """A local time as microseconds."""
    return micros(datetime.fromisoformat(text).replace(tzinfo=ZONE))


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def instants(*texts: str) -> np.ndarray:
    return np.array([instant(text) for text in texts], dtype=np.int64)


def days(*texts: str) -> np.ndarray:
    return np.array([day_number(date.fromisoformat(text)) for text in texts], dtype=np.int32)


def dates(numbers: np.ndarray) -> list[str]:
    assert numbers.dtype == np.int32
    return [date_of(number).isoformat() for number in numbers]


def local(found: np.ndarray) -> list[str]:
    assert found.dtype == np.int64
    return [(EPOCH + timedelta(microseconds=int(at))).astimezone(ZONE).strftime("%Y-%m-%d %H:%M") for at in found]


# -- days -------------------------------------------------------------------------------------------------------------


def test_a_local_day_begins_at_17_utc():
    assert dates(CALENDAR.day_of(instants("2021-02-04 00:00", "2021-02-04 23:59:59.999999", "2021-02-05 00:00"))) == [
        "2021-02-04",
        "2021-02-04",
        "2021-02-05",
    ]


def test_24_00_belongs_to_the_day_that_it_ends():
    midnight = CALENDAR.end_of_day(days("2021-02-04"))
    assert dates(CALENDAR.day_of(midnight)) == ["2021-02-05"]
    assert dates(CALENDAR.day_ended_by(midnight)) == ["2021-02-04"]
    assert dates(CALENDAR.day_ended_by(midnight + 1)) == ["2021-02-05"]


def test_start_and_end_of_a_day():
    assert local(CALENDAR.start_of_day(days("2021-12-31"))) == ["2021-12-31 00:00"]
    assert local(CALENDAR.end_of_day(days("2021-12-31"))) == ["2022-01-01 00:00"]


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2021-02-05", True),  # Friday
        ("2021-02-06", False),  # Saturday
        ("2021-02-07", False),  # Sunday
        ("2021-02-08", True),  # Monday
        ("2021-02-09", True),  # the last day before Tết
        ("2021-02-10", False),
        ("2021-02-16", False),  # the last day of Tết
        ("2021-02-17", True),
        ("2021-04-21", False),  # Giỗ Tổ Hùng Vương, a Wednesday
        ("2024-04-29", False),  # swapped against …
        ("2024-05-04", True),  # … this Saturday
        ("2024-05-05", False),
        ("2026-01-02", False),
        ("2026-01-10", True),
        ("2026-11-23", True),  # the proposed swap is not entered
        ("2026-11-24", False),  # Ngày Văn hóa Việt Nam, for the first time
    ],
)
def test_working_days(day, worked):
    assert CALENDAR.is_working_day(days(day)).tolist() == [worked]


@pytest.mark.parametrize(
    ("day", "following"),
    [
        ("2021-02-04", "2021-02-05"),
        ("2021-02-05", "2021-02-08"),  # over a weekend
        ("2021-02-06", "2021-02-08"),
        ("2021-02-09", "2021-02-17"),  # over Tết
        ("2021-02-13", "2021-02-17"),
        ("2024-05-03", "2024-05-04"),  # into a worked Saturday
        ("2024-05-04", "2024-05-06"),
        ("2021-12-31", "2022-01-04"),  # over the year's end: 3 January 2022 made up for Saturday
        ("2025-12-31", "2026-01-05"),
    ],
)
def test_next_working_day(day, following):
    assert dates(CALENDAR.next_working_day(days(day))) == [following]


@pytest.mark.parametrize(
    ("day", "n", "found"),
    [
        ("2021-02-04", 1, "2021-02-05"),
        ("2021-02-04", 10, "2021-02-25"),
        ("2021-02-06", 2, "2021-02-09"),
        ("2021-02-09", 1, "2021-02-17"),
    ],
)
def test_working_day_after(day, n, found):
    assert dates(CALENDAR.working_day_after(days(day), n)) == [found]


def test_working_day_after_counts_each_row_by_itself():
    assert dates(CALENDAR.working_day_after(days("2021-02-04", "2021-02-04"), np.array([1, 3]))) == [
        "2021-02-05",
        "2021-02-09",
    ]


def test_working_day_after_counts_from_one():
    with pytest.raises(ValueError, match="from 1"):
        CALENDAR.working_day_after(days("2021-02-04"), 0)


# -- sessions ---------------------------------------------------------------------------------------------------------


def test_ends_of_sessions():
    assert local(CALENDAR.end_of_morning(days("2021-02-05", "2021-02-06"))) == ["2021-02-05 11:30", "2021-02-06 11:30"]
    assert local(CALENDAR.end_of_afternoon(days("2021-02-05"))) == ["2021-02-05 17:00"]


@pytest.mark.parametrize(
    ("arrival", "effective"),
    [
        ("2021-02-04 00:00", "2021-02-04"),
        ("2021-02-04 16:59", "2021-02-04"),
        ("2021-02-04 16:59:59.999999", "2021-02-04"),
        ("2021-02-04 17:00", "2021-02-05"),  # not before the end of the afternoon
        ("2021-02-04 17:01", "2021-02-05"),
        ("2021-02-04 23:59", "2021-02-05"),
        ("2021-02-05 17:00", "2021-02-08"),  # Friday evening
        ("2021-02-06 10:00", "2021-02-08"),  # Saturday
        ("2021-02-09 17:00", "2021-02-17"),  # the eve of Tết
        ("2024-05-04 10:00", "2024-05-04"),  # a worked Saturday
        ("2021-12-31 18:00", "2022-01-04"),
    ],
)
def test_effective_day(arrival, effective):
    assert dates(CALENDAR.effective_day(instants(arrival))) == [effective]


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2021-02-04 07:30", "2021-02-04 17:00", 480),  # a whole day has eight hours
        ("2021-02-04 07:29", "2021-02-04 07:31", 1),
        ("2021-02-04 11:29", "2021-02-04 13:01", 2),  # noon does not count
        ("2021-02-04 11:30", "2021-02-04 13:00", 0),
        ("2021-02-04 16:59", "2021-02-05 07:31", 2),  # nor does the night
        ("2021-02-05 16:00", "2021-02-08 08:30", 120),  # nor the weekend
        ("2021-02-09 16:00", "2021-02-17 08:30", 120),  # nor Tết
        ("2024-05-03 16:00", "2024-05-04 08:30", 120),  # a worked Saturday does
        ("2021-12-31 16:00", "2022-01-04 08:30", 120),
        ("2021-02-04 08:00", "2021-02-04 08:00:59.999999", 0),  # rounded down
        ("2021-02-04 09:00", "2021-02-04 08:00", -60),
        ("2021-02-04 08:00:30", "2021-02-04 08:00", -1),  # rounded down, not towards zero
        ("2021-02-06 08:00", "2021-02-07 20:00", 0),
    ],
)
def test_working_minutes(start, end, minutes):
    found = CALENDAR.working_minutes(instants(start), instants(end))
    assert found.dtype == np.int64
    assert found.tolist() == [minutes]


def test_working_time_keeps_microseconds():
    found = CALENDAR.working_time(instants("2021-02-04 16:59:59.999999"), instants("2021-02-05 07:30:00.000001"))
    assert found.tolist() == [2]


def test_hours_change_with_the_season():
    winter = {"valid_from": date(2021, 10, 16), "morning": ["07:30", "12:00"], "afternoon": ["13:30", "17:00"]}
    summer = {"valid_from": date(2021, 4, 16), "morning": ["07:00", "11:30"], "afternoon": ["13:30", "17:30"]}
    calendar = WorkingCalendar(CalendarSettings.model_validate({"sessions": [winter, summer]}))
    asked = days(
        "2021-04-15", "2021-04-16", "2021-10-15", "2021-10-16"
    )  # before the first entry: the first entry's hours
    assert local(calendar.end_of_afternoon(asked)) == [
        "2021-04-15 17:30",
        "2021-04-16 17:30",
        "2021-10-15 17:30",
        "2021-10-16 17:00",
    ]
    assert calendar.working_minutes(instants("2021-10-15 00:00"), instants("2021-10-16 00:00")).tolist() == [510]
    assert calendar.working_minutes(instants("2021-10-18 00:00"), instants("2021-10-19 00:00")).tolist() == [480]


# -- missing and far away ---------------------------------------------------------------------------------------------


def test_missing_goes_in_and_comes_out():
    none, day, missing = np.array([NO_DAY], np.int32), days("2021-02-04"), np.array([NAT, NEVER])
    for method in (CALENDAR.start_of_day, CALENDAR.end_of_day, CALENDAR.end_of_morning, CALENDAR.end_of_afternoon):
        assert method(none).tolist() == [NAT]
    assert CALENDAR.next_working_day(none).tolist() == [NO_DAY]
    assert CALENDAR.working_day_after(none, 5).tolist() == [NO_DAY]
    assert CALENDAR.is_working_day(none).tolist() == [False]
    for of in (CALENDAR.day_of, CALENDAR.day_ended_by, CALENDAR.effective_day):
        assert of(missing).tolist() == [NO_DAY, NO_DAY]
    there = np.repeat(CALENDAR.start_of_day(day), 2)
    assert CALENDAR.working_minutes(missing, there).tolist() == [NAT, NAT]
    assert CALENDAR.working_time(there, missing).tolist() == [NAT, NAT]


def test_empty_arrays_stay_empty():
    assert CALENDAR.effective_day(np.array([], np.int64)).tolist() == []
    assert CALENDAR.working_minutes(np.array([], np.int64), np.array([], np.int64)).tolist() == []


def test_days_outside_the_tables_are_clipped_not_refused():
    far = days("1900-06-01", "9999-12-31")
    assert CALENDAR.is_working_day(far).dtype == np.bool_
    assert CALENDAR.next_working_day(far).tolist() == [
        CALENDAR.next_working_day(np.array([FIRST_DAY], np.int32))[0],
        LAST_DAY,
    ]
    assert CALENDAR.working_time(CALENDAR.start_of_day(far), CALENDAR.start_of_day(far)).tolist() == [0, 0]


def test_a_day_off_before_the_tables_changes_no_other_day():
    """Counted from the end, a Friday three days before the tables would be a Wednesday, three days before they end."""
    told, before = SHIPPED.model_dump(), date_of(FIRST_DAY - 3)
    listed = CalendarSettings.model_validate(told | {"days_off": told["days_off"] | {str(before.year): [before]}})
    every = np.arange(FIRST_DAY, LAST_DAY + 1)
    assert WorkingCalendar(listed).is_working_day(every).tolist() == CALENDAR.is_working_day(every).tolist()
    assert CALENDAR.is_working_day(every[-3:-2]).tolist() == [True]


def test_a_zone_that_changes_its_clock_is_a_mistake():
    assert constant_offset(ZONE) == 7 * 3600 * 1_000_000
    assert constant_offset(ZoneInfo("Europe/Berlin")) is None
    berlin = CalendarSettings.model_validate(SHIPPED.model_dump() | {"timezone": "Europe/Berlin"})
    with pytest.raises(ConfigError) as caught:
        WorkingCalendar(berlin)
    assert [(mistake.file, mistake.key) for mistake in caught.value.mistakes] == [("calendar.toml", "timezone")]


# -- against others ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", [2021, 2022, 2023, 2024, 2025])
def test_the_shipped_days_agree_with_the_package_holidays(year):
    theirs = holidays.country_holidays("VN", years=[year])
    first, last = day_number(date(year, 1, 1)), day_number(date(year, 12, 31))
    numbers = np.arange(first, last + 1, dtype=np.int32)
    expected = [theirs.is_working_day(date_of(number)) for number in numbers]
    assert CALENDAR.is_working_day(numbers).tolist() == expected


def test_the_package_misses_the_swap_of_january_2026():
    theirs = holidays.country_holidays("VN", years=[2026])
    numbers = np.arange(day_number(date(2026, 1, 1)), day_number(date(2027, 1, 1)), dtype=np.int32)
    ours = CALENDAR.is_working_day(numbers)
    differs = [
        date_of(number).isoformat()
        for number, worked in zip(numbers, ours, strict=True)
        if theirs.is_working_day(date_of(number)) != worked
    ]
    assert differs == ["2026-01-02", "2026-01-10"]


def obvious_working(day: date) -> bool:
    return day in SHIPPED.worked or (day.isoweekday() <= 5 and day not in SHIPPED.off)


def obvious_next(day: date) -> date:
    day += timedelta(days=1)
    while not obvious_working(day):
        day += timedelta(days=1)
    return day


def obvious_effective(at: datetime) -> date:
    return at.date() if obvious_working(at.date()) and at.time() < time(17) else obvious_next(at.date())


FIRST_MINUTE = datetime(2021, 1, 25)


def obvious_working_minute(at: datetime) -> bool:
    clock = at.time()
    return obvious_working(at.date()) and (time(7, 30) <= clock < time(11, 30) or time(13) <= clock < time(17))


WORKED = [obvious_working_minute(FIRST_MINUTE + timedelta(minutes=minute)) for minute in range(40 * 24 * 60)]


def obvious_minutes(start: datetime, end: datetime) -> int:
    """Minute by minute."""
    first, last = ((at - FIRST_MINUTE) // timedelta(minutes=1) for at in (start, end))
    return sum(WORKED[first:last])


MINUTES = st.datetimes(FIRST_MINUTE, datetime(2021, 2, 25)).map(lambda at: at.replace(second=0, microsecond=0))


@given(st.lists(MINUTES, min_size=1, max_size=50))
def test_effective_days_as_the_obvious_version(moments):
    array = np.array([micros(at.replace(tzinfo=ZONE)) for at in moments], dtype=np.int64)
    assert dates(CALENDAR.effective_day(array)) == [obvious_effective(at).isoformat() for at in moments]


@given(MINUTES, st.timedeltas(timedelta(0), timedelta(days=4)))
def test_working_minutes_as_the_obvious_version(start, length):
    end = start + timedelta(minutes=length // timedelta(minutes=1))
    pair = (np.array([micros(at.replace(tzinfo=ZONE))], dtype=np.int64) for at in (start, end))
    assert CALENDAR.working_minutes(*pair).tolist() == [obvious_minutes(start, end)]


@given(st.lists(st.dates(date(2021, 1, 1), date(2026, 12, 1)), min_size=1, max_size=50), st.integers(1, 15))
def test_working_days_after_as_the_obvious_version(asked, n):
    expected = []
    for day in asked:
        for _ in range(n):
            day = obvious_next(day)  # noqa: PLW2901  # it walks
        expected.append(day.isoformat())
    numbers = np.array([day_number(day) for day in asked], dtype=np.int32)
    assert dates(CALENDAR.working_day_after(numbers, n)) == expected


@given(st.tuples(MINUTES, MINUTES, MINUTES).map(sorted))
def test_working_time_adds_up(moments):
    a, b, c = (np.array([micros(at.replace(tzinfo=ZONE))], dtype=np.int64) for at in moments)
    assert CALENDAR.working_time(a, b) + CALENDAR.working_time(b, c) == CALENDAR.working_time(a, c)
    assert CALENDAR.working_time(c, a) == -CALENDAR.working_time(a, c)


def test_long_columns_as_their_pieces():
    rng = np.random.default_rng(814)
    start = rng.integers(instant("2021-01-01 00:00"), instant("2022-01-01 00:00"), 100_003)
    end = start + rng.integers(0, 20 * 24 * 3600 * 1_000_000, 100_003)
    pieces = [slice(0, 7), slice(7, 40_000), slice(40_000, 100_003)]
    for method, columns in ((CALENDAR.working_time, (start, end)), (CALENDAR.effective_day, (start,))):
        expected = np.concatenate([method(*(column[piece] for column in columns)) for piece in pieces])
        np.testing.assert_array_equal(method(*columns), expected)
