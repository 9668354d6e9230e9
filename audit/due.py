"""What is due: decided from what the ledger knows was done, never from the clock that fired.

Pure: facts and an instant in, jobs out, oldest first. After days of standstill every missed day, week, month and
quarter comes out, in order; what was done by hand or by cron does not come again; what failed waits longer each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal

import numpy as np

from audit.period import DAY, EDITIONS, LOCAL_ZONE, Edition, Period, local_day, week_name
from audit.settings.deployment import Schedule
from audit.working_time import WorkingCalendar, date_of, day_number

Kind = Literal["daily", "weekly", "monthly", "quarterly", "deliver"]

RETRY_FIRST: Final = timedelta(minutes=5)
"""Wait after the first failure; doubled after each further one."""
RETRY_MOST: Final = timedelta(hours=6)
_RANK: Final = {"daily": 0, "weekly": 1, "monthly": 2, "quarterly": 3, "deliver": 4}


@dataclass(frozen=True, slots=True, order=True)
class Task:
    """A piece of work.

    Attributes:
        kind: `daily`, an edition, or `deliver`, which mails an edition that was made.
        day: the local day (`daily`), or the first day of the period.
        delivered: the edition that is mailed; `""` for all other kinds.
    """

    kind: Kind
    day: date
    delivered: Edition | Literal[""] = ""

    @property
    def edition(self) -> Edition | None:
        """The edition that is made or mailed; None for a day's work."""
        if self.kind == "deliver":
            return self.delivered or None
        return None if self.kind == "daily" else self.kind

    @property
    def period(self) -> Period | None:
        """What is reported or mailed; None for a day's work."""
        return None if self.edition is None else EDITIONS[self.edition](self.day)

    def words(self) -> list[str]:
        """The command line that does it."""
        period = self.period
        if period is None:
            return ["daily", "--day", self.day.isoformat()]
        if self.kind == "weekly":
            return ["weekly", "--week", week_name(self.day)]
        days = ["--from", period.start.isoformat(), "--to", period.last_day.isoformat()]
        return ["deliver", *days] if self.kind == "deliver" else ["report", *days, "--deliver"]


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
        undelivered: editions, each with its first day, that were made and did not reach everybody.
    """

    first_day: date | None = None
    done: frozenset[Task] = frozenset()
    failures: Mapping[Task, Failure] = field(default_factory=dict)
    undelivered: frozenset[tuple[Edition, date]] = frozenset()


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
    from `schedule.weekly_weekday` of the week after it on, a month's or quarter's at the same hour on the first working
    day after it; they deliver themselves, and what did not go out is due again. A task that failed waits
    (`RETRY_FIRST`, doubled each time, at most `RETRY_MOST`) and holds up none of the others: a report with a gap that
    it names is better than none.

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


def report_day(edition: Edition, start: date, calendar: WorkingCalendar, schedule: Schedule) -> date:
    """The local day on which the report of the period beginning on `start` is due."""
    wanted = EDITIONS[edition](start).end
    if edition == "weekly":
        wanted += DAY * (schedule.weekly_weekday - 1)
    return date_of(int(calendar.next_working_day(np.array([day_number(wanted) - 1], dtype=np.int32))[0]))


def _first_day(facts: Facts, today: date) -> date:
    return today - DAY if facts.first_day is None else facts.first_day


def _tasks(
    first: date,
    today: date,
    calendar: WorkingCalendar,
    schedule: Schedule,
    undelivered: frozenset[tuple[Edition, date]] = frozenset(),
) -> Iterator[tuple[Task, datetime]]:
    """Every task since the first day, done or not, with the instant from which it is due."""
    for number in range((today - first).days):
        day = first + DAY * number
        yield Task("daily", day), datetime.combine(day + DAY, schedule.daily, LOCAL_ZONE)
    for edition in schedule.editions:
        period = EDITIONS[edition](first)
        if edition != "weekly" and period.start < first:
            period = EDITIONS[edition](period.end)  # days still open make up for a week's beginning, not for a month's
        while period.end <= today:
            day = report_day(edition, period.start, calendar, schedule)
            due_at = datetime.combine(day, schedule.weekly, LOCAL_ZONE)
            yield Task(edition, period.start), due_at
            if (edition, period.start) in undelivered:
                yield Task("deliver", period.start, edition), due_at
            period = EDITIONS[edition](period.end)


def _waited(failure: Failure | None, now: datetime) -> bool:
    if failure is None:
        return True
    doublings = min(failure.times - 1, 12)
    wait: timedelta = min(RETRY_FIRST * 2**doublings, RETRY_MOST)
    return now >= failure.last_at + wait
