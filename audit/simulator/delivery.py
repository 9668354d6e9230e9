"""The way of a document to its recipients, and what they do with it, all in time.

Each pair gets its sends, the recipient's receipt, and the status messages of both logs. Recipients outside the province
have no log of ours; the sender sees their answers. Senders outside have none either; only the recipient's side is ours.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from typing import Final

from audit.simulator.clock import DAY, HOUR, MINUTE, MORNING_OPENS, Clock, end_of
from audit.simulator.model import Document, Pair, Receipt, Send, Status, known
from audit.simulator.offices import Office, texts
from audit.simulator.traffic import sending_at

FORWARD_MINUTES: Final = {"khan": 120, "thuong_khan": 60, "hoa_toc": 30}
RESOLVE_HOURS: Final = {"khan": 24, "thuong_khan": 8, "hoa_toc": 4}


class Postman:
    """Delivers documents: fills their `pairs`."""

    def __init__(self, offices: Mapping[str, Office], clock: Clock, rng: random.Random) -> None:
        self._offices, self._clock, self._rng = offices, clock, rng
        self._arrivals: Counter[str] = Counter()
        self._reasons = texts()["reasons"]

    def deliver(self, document: Document, at: int | None = None) -> None:
        """Sends to all recipients, one after the other within seconds, from `at` on; None: when it is in time."""
        rng = self._rng
        document.pairs.clear()
        at = sending_at(document, self._clock, rng) if at is None else at
        wants_reply = rng.choices((True, False, None), (40, 52, 8))[0]
        for recipient in document.recipients or ():
            pair = Pair(document, recipient)
            document.pairs.append(pair)
            self.deliver_pair(pair, at, wants_reply)
            at += rng.randint(0, 3)

    def deliver_pair(self, pair: Pair, at: int, wants_reply: bool | None = None) -> None:
        """All that passes between the two when it is sent at `at`, in good order; what passed before is undone."""
        pair.sends, pair.receipts, pair.statuses = [], [], []
        arrived_at, axis_id = self.send(pair, at, may_fail=True)
        if pair.recipient in self._offices:
            self.receive(pair, axis_id, arrived_at, wants_reply)
        else:
            self._answer_outside(pair, axis_id, arrived_at)

    def axis_id(self) -> str:
        """A new message id of the axis."""
        text = f"{self._rng.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def send(self, pair: Pair, at: int, *, may_fail: bool = False, business_type: int = 0) -> tuple[int, str]:
        """One message that arrives; now and then after a failed attempt. Returns when, and the message's id."""
        rng = self._rng
        if may_fail and rng.random() < 0.012 and at % DAY < 22 * HOUR:
            self.fail(pair, at)
            at += rng.randint(4 * MINUTE, 20 * MINUTE)
        delay = rng.randint(2, 40) if rng.random() < 0.93 else rng.randint(60, 20 * MINUTE)
        axis_id = self.axis_id()
        pair.sends.append(Send(axis_id, len(pair.sends) + 1, at, "done", at + delay, business_type=business_type))
        return at + delay, axis_id

    def fail(self, pair: Pair, at: int, *, business_type: int = 0) -> None:
        """An attempt that the axis reports as failed within a minute."""
        error = self._rng.choice(self._reasons["errors"])
        state_at = at + self._rng.randint(5, 60)
        pair.sends.append(
            Send(self.axis_id(), len(pair.sends) + 1, at, "fail", state_at, business_type=business_type, error=error)
        )

    def receive(self, pair: Pair, axis_id: str, arrived_at: int, wants_reply: bool | None) -> None:
        """The recipient's receipt and statuses, from arrival to completion."""
        document, rng = pair.document, self._rng
        receipt = self.arrive(pair, axis_id, arrived_at, wants_reply)
        if rng.random() < 0.004:
            self.refuse(pair, receipt, rng.choice(self._reasons["refusals"]))
            return
        acknowledged_at, forwarded_at = self.handling(document, arrived_at)
        self.acknowledge(pair, receipt, acknowledged_at)
        self.forward(pair, receipt, forwarded_at)
        if wants_reply is not False or rng.random() < 0.2:
            self.complete(pair, receipt, self.completion(document, arrived_at, forwarded_at))
        if rng.random() < 0.02:
            self._repeat(pair, rng.choice(pair.statuses))

    def _repeat(self, pair: Pair, status: Status) -> None:
        """The recipient's system tells the same again within two minutes: one event (rules.md, *Statuses*)."""
        again = self.answer(pair, status.code, status.at + self._rng.randint(20, 110), status.axis_id)
        again.description = status.description

    def arrive(
        self, pair: Pair, axis_id: str, arrived_at: int, wants_reply: bool | None, business_type: int = 0
    ) -> Receipt:
        """The recipient's system has taken it in: a receipt, and status 01."""
        document = pair.document
        self._arrivals[pair.recipient] += 1
        receipt = Receipt(
            axis_id,
            arrived_at,
            "done",
            arrived_at,
            business_type=business_type,
            needs_reply=wants_reply,
            due_day=document.due_day,
            arrival_number=self._arrivals[pair.recipient],
            sha256=document.main.sha256 if document.files and self._rng.random() < 0.8 else None,
        )
        pair.receipts.append(receipt)
        self.answer(pair, "01", arrived_at, axis_id)
        return receipt

    def answer(self, pair: Pair, code: str | None, at: int, axis_id: str | None, text: str | None = None) -> Status:
        """A status message of the recipient, in both logs where both sides have one."""
        text = text or texts()["answers"].get(code or "")
        theirs = at + self._rng.randint(2, 50) if pair.document.sender in self._offices else None
        ours = at if pair.recipient in self._offices else None
        status = Status(code, at, True, ours, theirs, axis_id, text)
        pair.statuses.append(status)
        return status

    def acknowledge(self, pair: Pair, receipt: Receipt, at: int) -> None:
        """Registered and accepted: status 03."""
        receipt.registered_at = at
        self.answer(pair, "03", at, receipt.axis_id)

    def forward(self, pair: Pair, receipt: Receipt, at: int) -> None:
        """Handed on to whoever deals with it: 04, and 05 when that one begins; as far as the system tells."""
        if not self._offices[pair.recipient].reports_forwarding:
            return
        receipt.forwarded_at = at
        self.answer(pair, "04", at, receipt.axis_id)
        if self._rng.random() < 0.6:
            self.answer(pair, "05", at + self._rng.choice((0, 0, 30, 90, 240)), receipt.axis_id)

    def complete(self, pair: Pair, receipt: Receipt, at: int) -> None:
        """Done: 06, as far as the system tells."""
        if not self._offices[pair.recipient].reports_completion:
            return
        receipt.completed_at = at
        if self._rng.random() < 0.85:
            self.answer(pair, "06", at, receipt.axis_id)

    def refuse(self, pair: Pair, receipt: Receipt, reason: str) -> None:
        """Returned with a reason, soon after arrival: status 02."""
        at = self.handling(pair.document, known(receipt.arrived_at))[0]
        receipt.returned_at, receipt.return_reason = at, reason
        self.answer(pair, "02", at, receipt.axis_id, reason)

    def _answer_outside(self, pair: Pair, axis_id: str, arrived_at: int) -> None:
        self.answer(pair, "01", arrived_at, axis_id)
        if self._rng.random() < 0.8:
            self.answer(pair, "03", self._clock.later(arrived_at, self._rng.randint(5 * MINUTE, 3 * HOUR)), axis_id)

    def handling(self, document: Document, arrived_at: int) -> tuple[int, int]:
        """When it is acknowledged and forwarded: N2–N4's deadlines are kept."""
        rng, clock = self._rng, self._clock
        if document.urgent:
            limit = FORWARD_MINUTES[document.urgency or ""] * MINUTE
            acknowledged_at = arrived_at + rng.randint(20, limit // 2)
            return acknowledged_at, acknowledged_at + rng.randint(0, limit * 2 // 5)
        day = clock.effective_day(arrived_at)
        start = arrived_at if day == arrived_at // DAY else day * DAY + MORNING_OPENS
        acknowledged_at = clock.later(start, rng.randint(60, 150 * MINUTE))
        if acknowledged_at // DAY > day:  # too late in the day for that: the clerk stays on
            acknowledged_at = start + rng.randint(60, 100 * MINUTE)
        forwarded_at = acknowledged_at
        if rng.random() < 0.75:
            forwarded_at = clock.later(acknowledged_at, rng.randint(2 * MINUTE, 230 * MINUTE))
        return acknowledged_at, forwarded_at

    def completion(self, document: Document, arrived_at: int, forwarded_at: int) -> int:
        """When it is done: before the due date, else well within ten working days; urgent ones within their hours."""
        rng, clock = self._rng, self._clock
        if document.urgent:
            return max(
                forwarded_at + 300,
                arrived_at + int(RESOLVE_HOURS[document.urgency or ""] * HOUR * rng.uniform(0.2, 0.95)),
            )
        day = clock.working_after(forwarded_at // DAY, rng.choice((1, 1, 2, 2, 3, 4, 5, 7)))
        at = day * DAY + MORNING_OPENS + rng.randint(0, 9 * HOUR)
        if document.due_day is not None and at > end_of(document.due_day):
            at = clock.later(forwarded_at, rng.randint(20 * MINUTE, 2 * HOUR))
        return at
