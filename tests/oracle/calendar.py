"""The working calendar of rules.md section 1, day by day: "working days, morning and afternoon sessions, holidays, swapped days"."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from . import normalise as n


class Calendar:
    """Reads a dict as calendar.toml; all instants are UTC, all days local."""

    def __init__(self, calendar: dict[str, Any]) -> None:
        self._weekdays = set(calendar.get("working_weekdays", [1, 2, 3, 4, 5]))
        self._off = {n.day(on) for year in calendar.get("days_off", {}).values() for on in year}
        self._worked = {n.day(on) for year in calendar.get("saturdays_worked", {}).values() for on in year}
        self._sessions = sorted(calendar["sessions"], key=lambda session: n.day(session["valid_from"]) or date.min)

    def is_working_day(self, on: date) -> bool:
        """A swapped Saturday is worked, a listed day is off, else the weekday decides."""
        if on in self._worked:
            return True
        return on not in self._off and on.isoweekday() in self._weekdays

    def next_working_day(self, on: date) -> date:
        """ "`next_working_day(d)`: first working day after `d`"."""
        return self.working_day_after(on, 1)

    def working_day_after(self, on: date, count: int) -> date:
        """The count-th working day after `on`."""
        while count:
            on += timedelta(days=1)
            if self.is_working_day(on):
                count -= 1
        return on

    def end_of_morning(self, on: date) -> datetime:
        """ "`end_of_morning(d)`: end of the morning session"."""
        return self._at(on, "morning", 1)

    def effective_day(self, at: datetime) -> date:
        """ "its local day if that is a working day and the instant is before the end of the afternoon session; else the next"."""
        on = n.local_day(at)
        if self.is_working_day(on) and at < self._at(on, "afternoon", 1):
            return on
        return self.next_working_day(on)

    def acknowledgement_deadline(self, arrival: datetime) -> datetime:
        """ "Ack deadline = `end(effective day of arrival)`"."""
        return n.end_of_day(self.effective_day(arrival))

    def in_working_time(self, at: datetime) -> bool:
        """Inside a session of a working day; sessions are half open."""
        return any(begins <= at < ends for begins, ends in self.sessions(n.local_day(at)))

    def working_time(self, begins: datetime, ends: datetime) -> timedelta:
        """Working time between two instants."""
        total, on = timedelta(), n.local_day(begins)
        while on <= n.local_day(ends):
            for opens, closes in self.sessions(on):
                total += max(timedelta(), min(ends, closes) - max(begins, opens))
            on += timedelta(days=1)
        return total

    def sessions(self, on: date) -> list[tuple[datetime, datetime]]:
        """The sessions of a day, none where it is no working day."""
        if not self.is_working_day(on):
            return []
        return [(self._at(on, part, 0), self._at(on, part, 1)) for part in ("morning", "afternoon")]

    def _at(self, on: date, part: str, edge: int) -> datetime:
        begun = [session for session in self._sessions if (n.day(session["valid_from"]) or date.min) <= on]
        session = begun[-1] if begun else self._sessions[0]
        return datetime.combine(on, time.fromisoformat(session[part][edge]), n.LOCAL).astimezone(UTC)
