"""What is due: decided from what the ledger knows was done, never from the clock that fired.

Pure: facts and an instant in, jobs out, oldest first. After days of standstill every missed day and week comes out, in
order; what was done by hand or by cron does not come again; what failed waits longer each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal

import numpy as np

from audit.period import DAY, LOCAL_ZONE, WEEK, local_day, week_name, week_of
from audit.settings.deployment import Schedule
from audit.working_time import WorkingCalendar, date_of, day_number

Kind = Literal["daily", "weekly", "deliver"]

RETRY_FIRST: Final = timedelta(minutes=5)
"""Wait after the first failure; doubled after each further one."""
RETRY_MOST: Final = timedelta(hours=6)
_RANK: Final = {"daily": 0, "weekly": 1, "deliver": 2}


@dataclass(frozen=True, slots=True, order=True)
class Task:
    """A piece of work: of a kind, for a local day (`daily`) or the week that begins on it (`weekly`, `deliver`)."""

    kind: Kind
    day: date

    def words(self) -> list[str]:
        """The command line that does it."""
        if self.kind == "daily":
            return ["daily", "--day", self.day.isoformat()]
        if self.kind == "weekly":
            return ["weekly", "--week", week_name(self.day)]
        return ["deliver", "--from", self.day.isoformat(), "--to", (self.day + WEEK - DAY).isoformat()]


@dataclass(frozen=True, slots=True)
class Failure:
    """How often a task has failed since it was last done, and when it ended or was last begun."""

    times: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What the ledger knows.

    Attributes:
        first_day: the day with which the deployment begins; None: nothing was ever done, yesterday is the first.
        done: tasks that are done.
        failures: tasks that failed and are not done.
        undelivered: weeks whose report was made and did not reach everybody.
    """

    first_day: date | None = None
    done: frozenset[Task] = frozenset()
    failures: Mapping[Task, Failure] = field(default_factory=dict)
    undelivered: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Job:
    """A task that is due.

    Attributes:
        task: what is to be done.
        due_at: since when, aware.
        days_late: local days after the one on which it was due; 0: in time.
    """

    task: Task
    due_at: datetime
    days_late: int


def due(facts: Facts, now: datetime, calendar: WorkingCalendar, schedule: Schedule) -> list[Job]:
    """The jobs that may begin now, in the order in which they are to be done.

    A day is due on the day after it at `schedule.daily`; a week's report at `schedule.weekly` on the first working day
    from `schedule.weekly_weekday` of the week after it on; it delivers itself, and what did not go out is due again. A
    task that failed waits (`RETRY_FIRST`, doubled each time, at most `RETRY_MOST`) and holds up none of the others: a
    report with a gap that it names is better than none.

    Args:
        facts: what the ledger knows.
        now: an aware instant.
        calendar: the working days.
        schedule: the times.
    """
    today = local_day(now)
    first = _first_day(facts, today)
    found = [
        Job(task, due_at, (today - local_day(due_at)).days)
        for task, due_at in _tasks(first, today, calendar, schedule, facts.undelivered)
        if task not in facts.done and due_at <= now and _waited(facts.failures.get(task), now)
    ]
    return sorted(found, key=lambda job: (job.due_at, _RANK[job.task.kind], job.task.day))


def next_due_at(facts: Facts, now: datetime, calendar: WorkingCalendar, schedule: Schedule) -> datetime:
    """When the next job that is not due yet will be, whatever failed."""
    today = local_day(now)
    tasks = _tasks(_first_day(facts, today), today + 2 * DAY, calendar, schedule)
    return min(due_at for _, due_at in tasks if due_at > now)


def report_day(week: date, calendar: WorkingCalendar, schedule: Schedule) -> date:
    """The local day on which the report of the week beginning on `week` is due."""
    wanted = week + WEEK + DAY * (schedule.weekly_weekday - 1)
    return date_of(int(calendar.next_working_day(np.array([day_number(wanted) - 1], dtype=np.int32))[0]))


def _first_day(facts: Facts, today: date) -> date:
    return today - DAY if facts.first_day is None else facts.first_day


def _tasks(
    first: date,
    today: date,
    calendar: WorkingCalendar,
    schedule: Schedule,
    undelivered: frozenset[date] = frozenset(),
) -> Iterator[tuple[Task, datetime]]:
    """Every task since the first day, done or not, with the instant from which it is due."""
    for number in range((today - first).days):
        day = first + DAY * number
        yield Task("daily", day), datetime.combine(day + DAY, schedule.daily, LOCAL_ZONE)
    week = week_of(first).start
    while week + WEEK <= today:
        due_at = datetime.combine(report_day(week, calendar, schedule), schedule.weekly, LOCAL_ZONE)
        yield Task("weekly", week), due_at
        if week in undelivered:
            yield Task("deliver", week), due_at
        week += WEEK


def _waited(failure: Failure | None, now: datetime) -> bool:
    if failure is None:
        return True
    doublings = min(failure.times - 1, 12)
    wait: timedelta = min(RETRY_FIRST * 2**doublings, RETRY_MOST)
    return now >= failure.last_at + wait
