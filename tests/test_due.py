"""What is due: a table of cases, laws, and a simulated quarter with restarts, standstill, failures and Tết."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.due import RETRY_FIRST, RETRY_MOST, Facts, Failure, Task, due, next_due_at, report_day
from audit.period import DAY, LOCAL_ZONE, WEEK, Edition, local_day, week_of
from audit.settings.deployment import Schedule
from audit.working_time import WorkingCalendar

SCHEDULE = Schedule()
MONDAY = date(2021, 2, 1)


def at(day: date, clock: str = "12:00") -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), LOCAL_ZONE)


def words(facts: Facts, now: datetime, calendar: WorkingCalendar) -> list[str]:
    return [" ".join(job.task.words()) for job in due(facts, now, calendar, SCHEDULE)]


def nights(first: date, last: date) -> frozenset[Task]:
    return frozenset(Task("daily", first + DAY * number) for number in range((last - first).days + 1))


def facts(first: date, last: date, *weeks: date) -> Facts:
    """Everything done from the first night to the last, and the reports of some weeks."""
    return Facts(first, nights(first, last) | {Task("weekly", week) for week in weeks})


@pytest.mark.parametrize(
    ("known", "now", "expected"),
    [
        pytest.param(Facts(), at(date(2021, 2, 3), "05:29"), [], id="nothing before the hour"),
        pytest.param(Facts(), at(date(2021, 2, 3), "05:30"), ["daily --day 2021-02-02"], id="a new deployment begins with yesterday"),
        pytest.param(facts(date(2021, 1, 25), date(2021, 2, 2), date(2021, 1, 25)), at(date(2021, 2, 3)), [], id="nothing twice"),
        pytest.param(facts(date(2021, 1, 25), date(2021, 1, 31)), at(MONDAY, "06:29"), [], id="the report waits for its hour"),
        pytest.param(facts(date(2021, 1, 25), date(2021, 1, 31)), at(MONDAY, "06:30"), ["weekly --week 2021-W04"], id="the report on Monday"),
        pytest.param(
            facts(date(2021, 1, 25), date(2021, 1, 29)), at(date(2021, 2, 2), "08:00"),
            ["daily --day 2021-01-30", "daily --day 2021-01-31", "weekly --week 2021-W04", "daily --day 2021-02-01"],
            id="three days off are made up in order, the report in its place",
        ),
        pytest.param(facts(date(2021, 2, 1), date(2021, 2, 14)), at(date(2021, 2, 15)), ["weekly --week 2021-W05"], id="Tet: week 6 waits, week 5 is overdue"),
        pytest.param(
            facts(date(2021, 2, 8), date(2021, 2, 16)), at(date(2021, 2, 17), "06:30"), ["weekly --week 2021-W06"],
            id="Tet: the first working day of the week is a Wednesday",
        ),
        pytest.param(
            replace(facts(MONDAY, date(2021, 2, 7), MONDAY), undelivered=frozenset({("weekly", MONDAY)})), at(date(2021, 2, 8)),
            ["deliver --from 2021-02-01 --to 2021-02-07"], id="a report that did not go out",
        ),
        pytest.param(
            facts(date(2021, 2, 1), date(2021, 2, 28), MONDAY, date(2021, 2, 8), date(2021, 2, 15)), at(date(2021, 3, 1), "06:30"),
            ["weekly --week 2021-W08", "report --from 2021-02-01 --to 2021-02-28 --deliver"], id="a month ends with a week: both, the week first",
        ),
        pytest.param(
            facts(date(2021, 2, 2), date(2021, 2, 28), MONDAY, date(2021, 2, 8), date(2021, 2, 15)), at(date(2021, 3, 1), "06:30"),
            ["weekly --week 2021-W08"], id="a month that was not ours from its first day is not reported",
        ),
        pytest.param(
            replace(facts(date(2021, 4, 1), date(2021, 4, 30), *(date(2021, 3, 29) + WEEK * n for n in range(4)))), at(date(2021, 5, 3)),
            [*(f"daily --day 2021-05-0{n}" for n in (1, 2))], id="the first of May is a holiday made up on Monday: the month waits for Tuesday",
        ),
    ],
)  # fmt: skip
def test_what_is_due(calendar: WorkingCalendar, known: Facts, now: datetime, expected: list[str]) -> None:
    assert words(known, now, calendar) == expected
    assert words(known, now.astimezone(UTC), calendar) == expected


@pytest.mark.parametrize(
    ("week", "weekday", "expected"),
    [
        (date(2021, 2, 1), 1, date(2021, 2, 8)),
        (date(2021, 2, 8), 1, date(2021, 2, 17)),  # Tết: 10 to 16 February are off
        (date(2021, 2, 1), 3, date(2021, 2, 17)),  # Wednesday the 10th is off, too
        (date(2022, 1, 24), 1, date(2022, 2, 7)),  # the whole week after is off
        (date(2024, 4, 22), 1, date(2024, 5, 2)),  # Monday 29 April was swapped against a Saturday
    ],
)
def test_reports_come_on_the_first_working_day(
    calendar: WorkingCalendar, week: date, weekday: int, expected: date
) -> None:
    assert report_day("weekly", week, calendar, Schedule(weekly_weekday=weekday)) == expected


@pytest.mark.parametrize(
    ("edition", "start", "expected"),
    [
        ("monthly", date(2021, 1, 1), date(2021, 2, 1)),
        ("monthly", date(2021, 4, 1), date(2021, 5, 4)),  # 1 and 2 May are the weekend, 3 May is made up
        ("quarterly", date(2021, 1, 1), date(2021, 4, 1)),
        ("quarterly", date(2021, 10, 1), date(2022, 1, 4)),
    ],
)
def test_months_and_quarters_come_on_the_first_working_day_after_them(
    calendar: WorkingCalendar, edition: Edition, start: date, expected: date
) -> None:
    # the hour's weekday is the week's alone
    assert report_day(edition, start, calendar, Schedule(weekly_weekday=3)) == expected


def test_only_the_wanted_editions_come(calendar: WorkingCalendar) -> None:
    known = facts(date(2021, 2, 1), date(2021, 2, 28))
    jobs = due(known, at(date(2021, 3, 1), "06:30"), calendar, Schedule(editions=("monthly",)))
    assert [job.task for job in jobs] == [Task("monthly", date(2021, 2, 1))]


def test_a_late_job_says_how_late_it_is(calendar: WorkingCalendar) -> None:
    jobs = due(facts(date(2021, 1, 25), date(2021, 1, 29)), at(date(2021, 2, 3)), calendar, SCHEDULE)
    assert [(job.task.kind, job.days_late) for job in jobs] == [
        ("daily", 3),
        ("daily", 2),
        ("weekly", 2),
        ("daily", 1),
        ("daily", 0),
    ]


@pytest.mark.parametrize(
    ("times", "wait"), [(1, RETRY_FIRST), (2, 2 * RETRY_FIRST), (3, 4 * RETRY_FIRST), (50, RETRY_MOST)]
)
def test_what_failed_waits_longer_each_time_and_holds_up_nothing(
    calendar: WorkingCalendar, times: int, wait: timedelta
) -> None:
    now = at(date(2021, 2, 3))
    failed = Task("daily", date(2021, 2, 1))
    known = replace(facts(MONDAY, date(2021, 1, 31)), failures={failed: Failure(times, now)})
    assert words(known, now, calendar) == ["daily --day 2021-02-02"]
    assert words(known, now + wait - timedelta(seconds=1), calendar) == ["daily --day 2021-02-02"]
    assert words(known, now + wait, calendar) == ["daily --day 2021-02-01", "daily --day 2021-02-02"]


@given(
    st.dates(date(2021, 1, 1), date(2021, 6, 1)),
    st.integers(0, 40),
    st.sets(st.integers(0, 40)),
    st.integers(0, 24 * 60 - 1),
)
def test_jobs_are_never_early_never_done_and_in_order(first: date, days: int, done: set[int], minute: int) -> None:
    calendar = _CALENDARS[0]
    now = at(first + DAY * days, "00:00") + timedelta(minutes=minute)
    known = Facts(first, frozenset(Task("daily", first + DAY * number) for number in done))
    jobs = due(known, now, calendar, SCHEDULE)
    assert all(job.due_at <= now and job.task not in known.done for job in jobs)
    assert [job.due_at for job in jobs] == sorted(job.due_at for job in jobs)
    assert len({job.task for job in jobs}) == len(jobs)
    assert next_due_at(known, now, calendar, SCHEDULE) > now
    # doing them all leaves nothing, and what was due stays due until it is done
    assert due(replace(known, done=known.done | {job.task for job in jobs}), now, calendar, SCHEDULE) == []
    assert {job.task for job in jobs} <= {job.task for job in due(known, now + 3 * DAY, calendar, SCHEDULE)}


_CALENDARS: list[WorkingCalendar] = []


@pytest.fixture(autouse=True)
def _kept(calendar: WorkingCalendar) -> None:
    _CALENDARS[:] = [calendar]


@pytest.mark.parametrize("seed", range(5))
def test_a_quarter_with_standstill_and_failures_misses_nothing_and_does_nothing_twice(
    calendar: WorkingCalendar, seed: int
) -> None:
    """Looks at random minutes, standstill of up to nine days, a third of all work fails: time moved, not waited for."""
    chance = random.Random(seed)
    now, end = at(date(2021, 1, 4), "05:31"), at(date(2021, 4, 6), "23:59")
    known = Facts()
    ended: list[Task] = []
    while now < end:
        for job in due(known, now, calendar, SCHEDULE):
            first = known.first_day or job.task.day
            if chance.random() < 1 / 3:
                before = known.failures.get(job.task)
                failures = {**known.failures, job.task: Failure(before.times + 1 if before else 1, now)}
                known = replace(known, first_day=first, failures=failures)
            else:
                ended.append(job.task)
                known = replace(known, first_day=first, done=known.done | {job.task})
        now += chance.choice([timedelta(minutes=1), timedelta(hours=3), timedelta(hours=7), chance.randint(1, 9) * DAY])
    while due(known, now, calendar, SCHEDULE) or any(task not in known.done for task in known.failures):
        jobs = due(known, now, calendar, SCHEDULE)
        ended += [job.task for job in jobs]
        known = replace(known, done=known.done | {job.task for job in jobs})
        now += timedelta(hours=1)
    assert len(ended) == len(set(ended))
    last = local_day(now) - DAY
    days = [task.day for task in ended if task.kind == "daily"]
    assert set(days) >= {
        date(2021, 1, 3) + DAY * number for number in range((date(2021, 4, 5) - date(2021, 1, 3)).days)
    }
    assert max(days) <= last
    weeks = sorted(task.day for task in ended if task.kind == "weekly")
    expected, week = [], week_of(date(2021, 1, 3)).start
    while week + WEEK <= date(2021, 4, 5):
        expected.append(week)
        week += WEEK
    assert weeks[: len(expected)] == expected
    months = sorted(task.day for task in ended if task.kind == "monthly")
    assert months[:3] == [date(2021, 2, 1), date(2021, 3, 1)][: len(months)]
