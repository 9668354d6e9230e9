"""H2 – Chưa có nhật ký: a day's log that the agency's system did not give whole.

Basis: NĐ 30/2020/NĐ-CP Điều 4 khoản 2 điểm d; QĐ 28/2018/QĐ-TTg Điều 6; letter 814 item 2. That a log is due daily is
    policy.
Population: days of the period that ended at or before `as_of`, of each agency in scope that is `pulled`; the tables
    that it keeps.
Breach: a table of the day is not complete, and at least one attempt failed at the agency. extra = day.
No breach: all tables are complete, however many attempts it took. Undecided where only our own attempts failed, or
    none was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.coverage import TABLES
from audit.facts.log_days import log_days
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each
from audit.working_time import date_of

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a day; the agency itself is blamed."""
    found = log_days(facts)
    agencies = facts.agencies
    # an agency whose rows stand in another's log has no log of its own: that one is judged
    own = np.flatnonzero(agencies.pulled[found.agency] & (agencies.log_of[found.agency] == found.agency))
    at_agency = np.asarray(found.failed_at_agency[own].any(axis=1))
    extra = [date_of(day).isoformat() for day in found.day[own].tolist()]
    population = members(
        agency=found.agency[own],
        decided=found.whole[own] | at_agency,
        breach=at_agency,
        anchored_at=facts.calendar.start_of_day(found.day[own].astype(np.int32)),
        severity=Severity.HIGH,
        extra=np.array(extra, dtype=object),
    )
    return one_finding_each(population, [_detail(found.complete[row], found.reason[row]) for row in own[at_agency]])


def _detail(complete: np.ndarray, reason: np.ndarray) -> dict[str, object]:
    """The tables that are not complete, and the first reason that is told of them."""
    missing = np.flatnonzero(~complete)
    told = next((str(reason[place]) for place in missing if reason[place]), None)
    return {"tables": [TABLES[place] for place in missing]} | ({} if told is None else {"failure": told})


RULE = Rule(code="H2", id="missing_log", severity=Severity.HIGH, member="day", judge=judge, follows_topic=False)
