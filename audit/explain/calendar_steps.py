"""How the working calendar leads from an instant to a limit, step by step.

Every value comes from `audit.working_time.WorkingCalendar`, which the rules ask too; here is only told why it answered
as it did.
"""

from __future__ import annotations

import numpy as np

from audit.explain.step import Rest, Step, step
from audit.explain.target import day, instant, one
from audit.facts import Facts


def effective_day(facts: Facts, at: int) -> tuple[int, Step]:
    """The effective day of an instant, and why it is that day."""
    calendar = facts.calendar
    came_on = int(calendar.day_of(one(at))[0])
    effective = int(calendar.effective_day(one(at))[0])
    closes_at = instant(int(calendar.end_of_afternoon(one(came_on))[0]))
    if came_on == effective:
        return effective, step("calendar.in_hours", at=instant(at), effective=day(effective), closes_at=closes_at)
    rests = rests_between(facts, came_on, effective)
    if not calendar.is_working_day(one(came_on))[0]:
        return effective, step("calendar.on_day_off", day=day(came_on), effective=day(effective), rests=rests)
    if rests:
        key = "calendar.after_hours_before_rest"
        return effective, step(key, at=instant(at), effective=day(effective), closes_at=closes_at, rests=rests)
    return effective, step("calendar.after_hours", at=instant(at), effective=day(effective), closes_at=closes_at)


def working_day_after(facts: Facts, from_day: int, number: int = 1) -> tuple[int, Step]:
    """The `number`-th working day after a day, and the days off on the way."""
    found = int(facts.calendar.working_day_after(one(from_day), number)[0])
    rests = rests_between(facts, from_day, found)
    key = "calendar.next_working_day" if number == 1 else "calendar.working_days_after"
    if rests:
        return found, step(f"{key}_over_rest", day=day(from_day), found=day(found), number=number, rests=rests)
    return found, step(key, day=day(from_day), found=day(found), number=number)


def rests_between(facts: Facts, first: int, last: int) -> tuple[Rest, ...]:
    """The days off from `first` to before `last`, those on end together."""
    span = np.arange(first, last, dtype=np.int64)
    off = span[~facts.calendar.is_working_day(span)]
    groups = np.split(off, np.flatnonzero(np.diff(off) > 1) + 1) if len(off) else []
    listed = facts.settings.calendar.off
    return tuple(
        Rest(day(int(group[0])), day(int(group[-1])), any(day(int(number)) in listed for number in group))
        for group in groups
    )
