"""Statuses of a pair as events, and the recalls they answer (rules.md section 1, Statuses)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .rows import StatusRow

ANSWERS = ("02", "03", "15", "16")
ACKNOWLEDGING = ("02", "03", "04", "05", "06")


@dataclass
class Event:
    """Status messages of one code that are one event."""

    code: str | None
    at: datetime
    issuer: str
    rows: list[StatusRow] = field(default_factory=list)
    of_recall_only: bool = False  # answers a recall and is no refusal or acknowledgement of the document

    @property
    def axes(self) -> set[str]:
        """The message ids that it bears. READING 12: the event bears the ids of all its rows."""
        return {row.axis for row in self.rows if row.axis is not None}


@dataclass
class Recall:
    """A message of type 1 or 2, or a status 13."""

    type: int  # 1, 2 or 13
    sent_at: datetime
    axis: str | None
    arrival: datetime | None
    answers: list[Event] = field(default_factory=list)

    @property
    def takes_back(self) -> bool:
        """ "*Recalled* = a recall (type 1 or 13) arrived and was not refused (02, 16)"."""
        return self.type != 2 and self.arrival is not None and not any(e.code in ("02", "16") for e in self.answers)


def events(rows: list[StatusRow], same_event_minutes: int) -> list[Event]:
    """ "the same code of the same pair less than 2 minutes after the first of them is the same event, at the earliest time"."""
    found: list[Event] = []
    open_events: dict[str | None, Event] = {}
    for row in sorted(rows, key=lambda row: (row.at, row.seq)):
        event = open_events.get(row.code)
        if event is None or row.at - event.at >= timedelta(minutes=same_event_minutes):
            event = open_events[row.code] = Event(row.code, row.at, row.from_org)
            found.append(event)
        event.rows.append(row)
    return sorted(found, key=lambda event: event.at)


def answer(recalls: list[Recall], found: list[Event], recipient: str) -> None:
    """Gives every recall its answers and marks the statuses that are answers only."""
    candidates = [event for event in found if event.code in ANSWERS and event.issuer == recipient]
    for recall in recalls:
        recall.answers = _answers(recall, candidates)
    answering = [event for event in candidates if any(event in recall.answers for recall in recalls)]
    acknowledged_at: datetime | None = None
    for event in found:
        # "such a status is no refusal or acknowledgement of the document, except an id-less 02 or 03 of a document that
        # had none before: it is both". READING 13: none = no refusal or acknowledgement (02-06) earlier.
        acknowledged_before = acknowledged_at is not None and acknowledged_at < event.at
        both = event.code in ("02", "03") and not event.axes and not acknowledged_before
        event.of_recall_only = event in answering and not both
        if event.code in ACKNOWLEDGING and not event.of_recall_only:
            acknowledged_at = acknowledged_at or event.at


def _answers(recall: Recall, candidates: list[Event]) -> list[Event]:
    bearing = [event for event in candidates if recall.axis is not None and recall.axis in event.axes]
    if recall.type == 13:
        # "a status that bears its `axis_doc_id` answers it only after that" (its arrival in the recipient's own log)
        bearing = [event for event in bearing if recall.arrival is not None and event.at > recall.arrival]
    if bearing:
        return bearing
    if recall.arrival is None:
        return []
    # "or, where none bears it, when it is the recipient's first such status without an id after the recall's arrival"
    return [event for event in candidates if not event.axes and event.at > recall.arrival][:1]
