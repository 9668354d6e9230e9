"""H: log services that fail."""

from __future__ import annotations

from datetime import timedelta

from audit.simulator.clock import DAY, end_of
from audit.simulator.province import Failure, Province
from audit.simulator.truth import Truth
from audit.simulator.workshop import Workshop
from audit.working_time import date_of, day_number

DOWN = "H03.18"
LOOPING = "H03.14"


def break_logs(province: Province, workshop: Workshop) -> None:
    """H2: one agency's service is down for one day of the period, another's pages go in circles for one table and day."""
    options = province.options
    days = [day for day in range(day_number(options.start), day_number(options.end)) if workshop.clock.is_working(day)]
    last = date_of(days[-1]) if days else options.end - timedelta(days=1)
    middle = date_of(days[len(days) // 2]) if days else last
    known = [code for code in province.offices if code not in province.unpulled]
    if options.outage:
        province.failures.append(Failure(DOWN if DOWN in known else known[-1], middle, "down"))
    if options.partial:
        province.failures.append(Failure(LOOPING if LOOPING in known else known[-2], last, "loop", ("receipts",)))
    for failure in province.failures:
        day = day_number(failure.day)
        truth = Truth(
            rule="missing_log",
            agency=failure.agency,
            extra=failure.day.isoformat(),
            severity="high",
            anchor=day * DAY,
            visible_from=end_of(day),
            story=failure.kind,
        )
        workshop.truth.append(truth)
    workshop.unsafe = {failure.agency for failure in province.failures} | set(province.unpulled)
