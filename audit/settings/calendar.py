"""``calendar.toml``: the working week, the dated hours, the days off and the Saturdays worked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StrictInt, StringConstraints, ValidationInfo, field_validator

from audit.settings.base import Clock, Day, Section, Text, Unique, refuse

Weekday = Annotated[StrictInt, Field(ge=1, le=7)]
Year = Annotated[str, StringConstraints(pattern=r"^(19|20)\d\d$")]
DatesByYear = Mapping[Year, Annotated[tuple[Day, ...], Unique]]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise refuse("the name of a time zone, such as Asia/Ho_Chi_Minh") from None
    return name


def _session(value: tuple[time, time]) -> tuple[time, time]:
    if value[0] >= value[1]:
        raise refuse("a beginning before the end")
    return value


Session = Annotated[tuple[Clock, Clock], AfterValidator(_session)]


class SessionHours(Section):
    """The hours of a working day from a day on, until the next entry."""

    valid_from: Day
    morning: Session
    afternoon: Session

    @field_validator("afternoon")
    @classmethod
    def _after_morning(cls, value: tuple[time, time], info: ValidationInfo) -> tuple[time, time]:
        morning = info.data.get("morning")
        if morning is not None and value[0] < morning[1]:
            raise refuse(f"an afternoon that begins at or after the end of the morning ({morning[1]:%H:%M})")
        return value


class CalendarSettings(Section):
    """The whole of ``calendar.toml``."""

    timezone: Annotated[Text, AfterValidator(_zone)] = "Asia/Ho_Chi_Minh"
    working_weekdays: Annotated[tuple[Weekday, ...], Unique, Field(min_length=1)] = (1, 2, 3, 4, 5)
    """1 = Monday … 7 = Sunday (ISO)."""
    sessions: Annotated[tuple[SessionHours, ...], Field(min_length=1)]
    days_off: DatesByYear = Field(default_factory=dict)
    """Weekdays that are not worked, by year: holidays and days swapped against a Saturday."""
    saturdays_worked: DatesByYear = Field(default_factory=dict)
    """Days outside the working week that are worked instead, by year."""

    @field_validator("sessions")
    @classmethod
    def _one_beginning_each(cls, value: tuple[SessionHours, ...]) -> tuple[SessionHours, ...]:
        if len({session.valid_from for session in value}) != len(value):
            raise refuse("one entry for each valid_from")
        return value

    @property
    def off(self) -> frozenset[date]:
        """All days off."""
        return frozenset(day for days in self.days_off.values() for day in days)

    @property
    def worked(self) -> frozenset[date]:
        """All days worked outside the working week."""
        return frozenset(day for days in self.saturdays_worked.values() for day in days)
