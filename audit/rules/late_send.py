"""G3 – Gửi chậm so với ngày ký: sent after the morning that the law allows, but before the end of that day.

Basis: QĐ 28/2018/QĐ-TTg Điều 6: on the day of signing, at the latest in the morning of the next working day.
Population: registered documents with electronic recipients, not urgent (or urgent without `signed_at`); deadline =
    end of the morning of the next working day after D, the local day of `signed_at`, else `issued_date`.
Breach: the recipient sent to last was sent to after the deadline, and not after G4's.
No breach: sent in time; or so late, or to one recipient not at all, that it is G4. Undecided until G4's deadline or
    the last send.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.sending import counted_in_days, dispatch
from audit.rule import Rule, Severity, Verdicts, members, one_finding_each
from audit.working_time import NEVER

if TYPE_CHECKING:
    from audit.facts import Facts


def judge(facts: Facts) -> Verdicts:
    """One member a document; the sender is blamed."""
    sent = dispatch(facts)
    day = facts.documents.counted_day[sent.document]
    next_day = facts.calendar.next_working_day(day)
    deadline, last_limit = facts.calendar.end_of_morning(next_day), facts.calendar.end_of_day(next_day)
    sender = facts.documents.sender[sent.document]
    blamed = facts.blamed(sender, deadline, at_end=True)
    due = facts.period.holds_deadline(deadline) & facts.agencies.tells(blamed, "documents", "sends")
    chosen = np.flatnonzero(due & counted_in_days(facts, sent.document))
    document, deadline, last_limit = sent.document[chosen], deadline[chosen], last_limit[chosen]
    last = sent.last_first_send[chosen]
    in_time = last <= deadline
    complete = facts.complete(sender[chosen], facts.calendar.start_of_day(day[chosen]), deadline, ("sends",))
    told = (last < NEVER) | (last_limit <= facts.period.as_of_at)
    population = members(
        agency=blamed[chosen],
        decided=in_time | (complete & told),
        breach=~in_time & (last <= last_limit),
        anchored_at=deadline,
        severity=Severity.MEDIUM,
        document=document,
        deadline_at=deadline,
        observed_at=last,
    )
    return one_finding_each(population)


RULE = Rule(code="G3", id="late_send", severity=Severity.MEDIUM, member="document", judge=judge)
