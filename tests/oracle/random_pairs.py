"""What happens to a document on its way to one recipient: attempts, arrival, statuses, recalls, as both sides write it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from . import normalise as n
from .random_documents import copy_of
from .random_logs import Logs
from .wire_noise import Row

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
REASONS = (
    None,
    "Từ chối",
    "từ chối  tiếp nhận",
    "Gửi nhầm đơn vị",
    "gửi\u00a0 nhầm nơi nhận",
    "Văn bản không thuộc thẩm quyền.",
    "Thiếu phụ lục",
    "-",
)
ATTEMPTS: tuple[tuple[str | None, ...], ...] = (
    *([("done",)] * 10),
    ("fail",),
    ("fail", "fail"),
    ("fail", "done"),
    ("done", "done"),
    ("done", "fail"),
    ("processing",),
    (None,),
    ("fail", "processing"),
    ("done", "processing", "done"),
)


@dataclass
class Journey:
    """One document to one recipient."""

    rng: random.Random
    logs: Logs
    document: Row
    recipient: str
    signed_at: datetime

    def __post_init__(self) -> None:
        self.with_ids = self.chance(0.75)
        self.serial = 0
        self.lost_on_the_way = self.chance(0.06)
        self.unmatched = self.chance(0.05)

    def chance(self, probability: float) -> bool:
        """True that often."""
        return self.rng.random() < probability

    def pick(self, options: Sequence[Any]) -> Any:
        """One of them."""
        return self.rng.choice(options)

    def tell(self) -> None:
        """Writes the whole story into the logs."""
        sent_at = self._first_send()
        if sent_at is None:
            return
        arrivals = self._attempts(sent_at, self.pick([0] * 15 + [3]))
        if not arrivals and self.chance(0.9):
            return
        arrival = min(arrivals, default=sent_at + MINUTE)
        self._statuses(sent_at, arrival)
        if self.chance(0.35):
            self._recall(arrival + self.pick([MINUTE, HOUR, 20 * HOUR, -MINUTE]))

    # -- sending

    def _first_send(self) -> datetime | None:
        calendar = self.logs.calendar
        due_on = calendar.next_working_day(n.local_day(self.signed_at))
        morning, end = calendar.end_of_morning(due_on), n.end_of_day(due_on)
        exact = [self.signed_at + minutes * MINUTE for minutes in (30, 60, 120)]
        late = [
            morning,
            morning + SECOND,
            end,
            end + SECOND,
            end + 20 * HOUR,
            None,
            *exact,
            *(at + SECOND for at in exact),
        ]
        found: datetime | None = self.pick(late) if self.chance(0.4) else self.signed_at + 5 * MINUTE
        return found

    def _axis(self) -> str | None:
        self.serial += 1
        return f"{self.document['document_uid']}>{self.recipient}#{self.serial}" if self.with_ids else None

    def _base(self, axis: str | None, business_type: int) -> Row:
        return {
            **copy_of(self.document),
            "recipient": self.recipient,
            "axis_doc_id": axis,
            "business_type": business_type,
        }

    def _attempts(self, sent_at: datetime, business_type: int) -> list[datetime]:
        """The sends of type 0 or 3; gives when they arrived."""
        arrivals, axis = [], self._axis()
        for attempt, state in enumerate(self.pick(ATTEMPTS), 1):
            axis = self._axis() if self.chance(0.3) else axis
            state_at = sent_at + self.pick([7 * SECOND, 7 * SECOND, MINUTE, 5 * HOUR, 30 * HOUR]) if state else None
            state_at = None if self.chance(0.1) else state_at
            row = {
                **self._base(axis, business_type),
                "attempt": attempt,
                "sent_at": sent_at,
                "state": state,
                "state_at": state_at,
            }
            row["business_type"] = None if business_type == 0 and self.chance(0.3) else business_type
            row["replaces"] = self._replaced() if business_type == 3 else None
            if not self.unmatched:
                self.logs.emit(self.document["sender"], "sends", row, sent_at)
            if state != "fail" and not self.lost_on_the_way:
                arrivals += self._receipt(axis, state_at or sent_at, business_type)
            sent_at = sent_at + self.pick([7 * SECOND, MINUTE, HOUR, 20 * HOUR])
        return arrivals

    def _replaced(self) -> str | None:
        """A replacement names what it replaces by its uid, by a message of it, or not at all."""
        uid = f"{self.document['sender']}-{self.rng.randrange(30)}"
        return self.pick([None, uid, uid, f"{uid}>{self.recipient}#1"])

    # -- receiving

    def _receipt(self, axis: str | None, done_at: datetime, business_type: int) -> list[datetime]:
        if self.chance(0.1):
            return []
        arrived_at = self._time_of_arrival(done_at)
        state = self.pick(["done"] * 10 + ["fail", "processing", None])
        row = {
            **self._base(axis, business_type),
            "arrived_at": None if self.chance(0.05) else arrived_at,
            "state": state,
            "state_at": self.pick([None, arrived_at, arrived_at + MINUTE]),
            "subject": self.document["subject"],
            "urgency": self.document["urgency"],
            "needs_reply": self.pick([True, True, None, False]),
            "due_at": self._due(arrived_at),
            "received_file_sha256": self._received_hash(),
        }
        if state != "fail":
            self._progress(row, arrived_at)
        self.logs.emit(self._log_of_receipt(), "receipts", row, arrived_at)
        return [] if state == "fail" else [arrived_at]

    def _log_of_receipt(self) -> str:
        """The recipient's; a system that mixes the two registers up writes it into the sender's."""
        return self.recipient if self.chance(0.96) else str(self.document["sender"])

    def _time_of_arrival(self, done_at: datetime) -> datetime:
        on = n.local_day(done_at)
        five = n.start_of_day(on) + 17 * HOUR
        edges = [
            at
            for at in (five - SECOND, five, five + SECOND, n.end_of_day(on) - SECOND, n.end_of_day(on))
            if at >= done_at
        ]
        found: datetime = self.pick(edges) if edges and self.chance(0.25) else done_at
        return found

    def _due(self, arrived_at: datetime) -> Any:
        day = n.local_day(arrived_at + self.pick([0, 24, 72]) * HOUR)
        return self.pick([None, None, None, day.isoformat(), arrived_at + 24 * HOUR])

    def _received_hash(self) -> str | None:
        files = self.document.get("files") or [{}]
        own = files[0].get("sha256")
        found: str | None = self.pick([None, *[own] * 12, own.upper() if own else None, "f" * 64])
        return found

    def _progress(self, row: Row, arrived_at: datetime) -> None:
        if self.chance(0.4):
            row["forwarded_at"] = self.pick(self._forwarding_edges(arrived_at))
        if self.chance(0.35):
            due = n.due(row["due_at"]) if isinstance(row["due_at"], str) else row["due_at"]
            done = [
                arrived_at + HOUR,
                arrived_at + 30 * HOUR,
                *([due, due + SECOND] if due and due >= arrived_at else []),
            ]
            row["completed_at"] = self.pick(done)
        if self.chance(0.05):
            row["returned_at"] = arrived_at + self.pick([MINUTE, 30 * HOUR])
            row["return_reason"] = self.pick(REASONS)

    def _forwarding_edges(self, arrival: datetime) -> list[datetime]:
        calendar = self.logs.calendar
        end = n.end_of_day(calendar.next_working_day(calendar.effective_day(arrival)))
        urgent = [arrival + minutes * MINUTE for minutes in (30, 60, 120)]
        return [arrival, arrival + HOUR, arrival + HOUR, end, end + SECOND, *urgent, *(at + SECOND for at in urgent)]

    # -- answering

    def _statuses(self, sent_at: datetime, arrival: datetime) -> None:
        deadline = self.logs.calendar.acknowledgement_deadline(arrival)
        answered = self.pick(
            [
                *[arrival + 5 * MINUTE] * 5,
                arrival,
                deadline,
                deadline + SECOND,
                None,
                sent_at - 5 * MINUTE,
                sent_at - 6 * MINUTE,
            ]
        )
        if self.chance(0.3):
            self.status("01", arrival + self.pick([timedelta(), SECOND]))
        if answered is None:
            return
        first = self.pick(["03"] * 9 + ["02", "02", "05"])
        self.status(first, answered, description=self.pick(REASONS))
        if self.chance(0.06):
            self.status(self.pick(["99", "7", "00", None, "N/A", "X"]), answered + HOUR)
        if first == "02" and self.chance(0.7):
            return
        self._processing(arrival, answered)

    def _processing(self, arrival: datetime, answered: datetime) -> None:
        for code, probability in (("04", 0.5), ("05", 0.3), ("06", 0.4), ("03", 0.1)):
            if self.chance(probability):
                edges = [at for at in self._forwarding_edges(arrival) if at >= answered]
                self.status(code, self.pick([*edges, answered, answered - MINUTE, answered + 50 * HOUR]))

    def status(self, code: str | None, at: datetime, axis: str | None = None, description: str | None = None) -> None:
        """A status of the recipient's, into both logs, at times twice, at times lost."""
        row = {
            **copy_of(self.document),
            "from_org": self.recipient,
            "to_org": self.document["sender"],
            "axis_doc_id": axis,
            "status_code": code,
            "at": at,
            "description": description,
        }
        row.pop("sender")
        if self.chance(0.2):
            row["document_uid"] = (
                None if row["number"] and row["notation"] and row["issued_date"] else row["document_uid"]
            )
        if self.chance(0.01):
            row["from_org"], row["to_org"] = row["to_org"], row["from_org"]
        if self.chance(0.94):
            self.logs.emit(self.recipient, "statuses", row, at)
        if self.chance(0.9):
            again = at + self.pick([timedelta()] * 6 + [30 * SECOND, 119 * SECOND, 120 * SECOND, -30 * SECOND])
            self.logs.emit(self.document["sender"], "statuses", {**row, "at": again}, again)
        if self.chance(0.01):
            self.logs.emit(self.recipient, "statuses", {**row, "at": at + 30 * HOUR}, at)  # a clock that is wrong

    # -- recalls

    def _recall(self, at: datetime) -> None:
        axis = self._axis() if self.with_ids or self.chance(0.5) else None
        kind = self.pick([1, 2, 13])
        arrival = at + 7 * SECOND
        if kind == 13:
            arrival = at
            row = {
                **copy_of(self.document),
                "from_org": self.document["sender"],
                "to_org": self.recipient,
                "axis_doc_id": axis,
            }
            row |= {"status_code": "13", "at": at, "description": "Lấy lại"}
            row.pop("sender")
            self.logs.emit(self.document["sender"], "statuses", row, at)
            if self.chance(0.9):
                self.logs.emit(self.recipient, "statuses", row, at)
        else:
            state = self.pick(["done"] * 8 + ["fail", "processing"])
            row = {**self._base(axis, kind), "attempt": 1, "sent_at": at, "state": state, "state_at": arrival}
            self.logs.emit(self.document["sender"], "sends", row, at)
            if state != "fail" and self.chance(0.6):
                receipt = {**self._base(axis, kind), "arrived_at": arrival, "state": self.pick(["done"] * 8 + ["fail"])}
                self.logs.emit(self._log_of_receipt(), "receipts", receipt, arrival)
        self._answer(axis, arrival)

    def _answer(self, axis: str | None, arrival: datetime) -> None:
        deadline = self.logs.calendar.acknowledgement_deadline(arrival)
        at = self.pick(
            [arrival, arrival + SECOND, arrival + 10 * MINUTE, arrival + HOUR, deadline, deadline + SECOND, None]
        )
        if at is not None:
            self.status(self.pick(["15", "15", "16", "02", "03"]), at, axis if self.chance(0.6) else None)
