"""What a judgement is asked for: whole local days, and the moment at which the audit looks.

`as_of` is a local day's end, written as the first day that is *not* seen: `date(2021, 2, 8)` is 24:00 of 7 February.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

LOCAL_ZONE: Final = ZoneInfo("Asia/Ho_Chi_Minh")
"""Working time, days and weeks of the audit are those of this zone (rules.md section 1)."""

Edition = Literal["weekly", "monthly", "quarterly"]

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Local days `[start, end)` as they look at `as_of`.

    Attributes:
        start: the first day.
        end: the day after the last one.
        as_of: the day after the last one whose log and events are looked at.
    """

    start: date
    end: date
    as_of: date

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"a period ends after it starts, not {self.start} to {self.end}")

    @property
    def last_day(self) -> date:
        """The last day of the period."""
        return self.end - DAY

    @property
    def last_seen(self) -> date:
        """The last day that `as_of` sees."""
        return self.as_of - DAY

    def days(self) -> list[date]:
        """The days of the period, in order."""
        return [self.start + DAY * number for number in range((self.end - self.start).days)]

    def before(self) -> Period:
        """The period of the same length just before, as it looked at its own end."""
        return Period(self.start - (self.end - self.start), self.start, self.start)

    def name(self) -> str:
        """What folders of the period are called: `2021-W05`, `2021-02`, `2021-Q1`, a day, else first and last day."""
        if self.end - self.start == WEEK and self.start.isoweekday() == 1:
            return week_name(self.start)
        if self.start.day == self.end.day == 1:
            months = (self.end.year - self.start.year) * 12 + self.end.month - self.start.month
            if months == 1:
                return f"{self.start:%Y-%m}"
            if months == 3 and self.start.month % 3 == 1:
                return f"{self.start.year}-Q{self.start.month // 3 + 1}"
        if self.end - self.start == DAY:
            return self.start.isoformat()
        return f"{self.start.isoformat()}_{self.last_day.isoformat()}"


def day_end(day: date) -> datetime:
    """The instant at which the local day before `day` ends, in UTC: what `as_of=day` stands for."""
    return datetime.combine(day, time.min, LOCAL_ZONE).astimezone(UTC)


def local_day(instant: datetime) -> date:
    """The local day in which an aware instant lies."""
    return instant.astimezone(LOCAL_ZONE).date()


def week_of(day: date) -> Period:
    """The ISO week (Monday to Sunday) that holds `day`, as it looks at its end."""
    monday = day - DAY * (day.isoweekday() - 1)
    return Period(monday, monday + WEEK, monday + WEEK)


def month_of(day: date) -> Period:
    """The calendar month that holds `day`, as it looks at its end."""
    return _months(day.replace(day=1), 1)


def quarter_of(day: date) -> Period:
    """The calendar quarter that holds `day`, as it looks at its end."""
    return _months(date(day.year, (day.month - 1) // 3 * 3 + 1, 1), 3)


def edition_of(period: Period) -> Edition | None:
    """The edition that reports a period: a week from Monday, a month, a quarter; None: no edition does."""
    for edition, of in EDITIONS.items():
        whole = of(period.start)
        if (whole.start, whole.end) == (period.start, period.end):
            return edition
    return None


def _months(start: date, number: int) -> Period:
    place = start.year * 12 + start.month - 1 + number
    end = date(place // 12, place % 12 + 1, 1)
    return Period(start, end, end)


EDITIONS: Final[Mapping[Edition, Callable[[date], Period]]] = {
    "weekly": week_of,
    "monthly": month_of,
    "quarterly": quarter_of,
}
"""The editions of a report, with the period of each that holds a day."""


def week_name(day: date) -> str:
    """`2021-W05` for a day of that week."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def today() -> date:
    """The running local day."""
    return datetime.now(LOCAL_ZONE).date()


def asked_period(first_day: date, last_day: date, as_of: date | None, running_day: date) -> Period:
    """The period from `first_day` to `last_day`, both included.

    Args:
        first_day: the first day.
        last_day: the last day.
        as_of: as `parse_as_of` gives it; None: the end of the period, or of yesterday where the period is not over yet.
        running_day: today.

    Raises:
        ValueError: the last day is before the first.
    """
    if last_day < first_day:
        raise ValueError(f"{last_day} is before {first_day}")
    end = last_day + DAY
    return Period(first_day, end, min(end, running_day) if as_of is None else as_of)


def parse_day(text: str) -> date:
    """A local day written `2021-02-04`.

    Raises:
        ValueError: it is none.
    """
    return date.fromisoformat(text)


def parse_as_of(text: str) -> date:
    """The moment at which the audit looks, as the first day not seen.

    A day stands for its end. An instant (local where it names no zone) inside a day stands for the end of the day
    before.

    Raises:
        ValueError: it is neither.
    """
    if len(text) == len("2021-02-04"):
        return date.fromisoformat(text) + DAY
    instant = datetime.fromisoformat(text)
    return local_day(instant if instant.tzinfo else instant.replace(tzinfo=LOCAL_ZONE))


def parse_week(text: str) -> Period:
    """An ISO week written `2021-W05`, as it looks at its end.

    Raises:
        ValueError: it is none.
    """
    matched = re.fullmatch(r"(\d{4})-?W(\d{2})", text)
    if not matched:
        raise ValueError(f"not an ISO week such as 2021-W05: {text}")
    return week_of(date.fromisocalendar(int(matched[1]), int(matched[2]), 1))
