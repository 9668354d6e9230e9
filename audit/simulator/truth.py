"""What the simulator knows because it planted it: the findings that must come out, and those that must not.

Ids are computed here from ``rules.md`` (*Finding id*) alone, in a few lines of the simulator's own, so that truth and
judge meet only in the ids.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

from audit.simulator.clock import DAY, day_text
from audit.simulator.model import Document

FOREVER: Final = 2**62
Severity = Literal["critical", "high", "medium", "low"]
LADDER: Final[tuple[Severity, ...]] = ("low", "medium", "high", "critical")

CODES: Final = {
    "failed_send": "G1",
    "undelivered": "G2",
    "late_send": "G3",
    "overdue_send": "G4",
    "late_urgent_send": "G5",
    "failed_receipt": "N1",
    "unanswered_receipt": "N2",
    "late_acknowledgement": "N3",
    "late_forwarding": "N4",
    "backlog": "N5",
    "urgent_backlog": "N6",
    "late_processing": "N7",
    "refusal_without_reason": "N8",
    "misrouted": "N9",
    "status_out_of_order": "N10",
    "unknown_status": "N11",
    "lost_status": "N12",
    "unmatched_receipt": "N13",
    "missing_information": "T1",
    "malformed_notation": "T2",
    "wrong_date": "T3",
    "number_gap": "T4",
    "missing_component": "T5",
    "wrong_competence": "Q1",
    "unauthorised_signer": "Q2",
    "signer_certificate_mismatch": "Q3",
    "foreign_notation": "Q4",
    "unsigned": "K1",
    "missing_signing_party": "K2",
    "signing_order": "K3",
    "invalid_certificate": "K4",
    "broken_integrity": "K5",
    "missing_signature_information": "K6",
    "missing_timestamp": "K7",
    "missing_attachment": "D1",
    "unsigned_attachment": "D2",
    "duplicate_send": "L1",
    "number_reused": "L2",
    "duplicate_content": "L3",
    "unanswered_recall": "R1",
    "secret_on_axis": "M1",
    "system_outage": "H1",
    "missing_log": "H2",
    "expiring_certificate": "H3",
}
"""The rules that can be planted: all; T5 where the files of agencies can be fetched."""


def raised(severity: Severity, steps: int = 1) -> Severity:
    """A severity some steps up, at most critical."""
    return LADDER[min(LADDER.index(severity) + steps, len(LADDER) - 1)]


@dataclass(frozen=True, slots=True)
class Truth:
    """A finding that follows from what was planted. All instants are seconds of local time.

    Attributes:
        rule: Rule id.
        agency: Who is blamed.
        anchor: Its anchor: the event's instant, or the deadline.
        anchored: ``event`` (anchor in ``[start, end)``), ``deadline`` (in ``(start, end]``, and not after `as_of`), or
            ``open`` (N5, N6: open in the period and at `as_of`, `anchor` being the limit, strictly before `as_of`),
            ``register`` (T4: as an event, once the whole period can be seen), or
            ``standing`` (H3: probed from `opened_at` to `anchor`, and true since `visible_from`).
        visible_from: The first `as_of` that can know it.
        visible_until: From this `as_of` on it no longer holds (an answer came, the document was resent).
        opened_at: Only ``open``: from when the pair was open; only ``standing``: the first probe.
    """

    rule: str
    agency: str
    sender: str = ""
    issued_date: str = ""
    number: str = ""
    notation: str = ""
    recipient: str = ""
    extra: str = ""
    severity: Severity = "high"
    anchor: int = 0
    anchored: Literal["event", "deadline", "open", "register", "standing"] = "event"
    visible_from: int = 0
    visible_until: int = FOREVER
    opened_at: int = 0

    @property
    def code(self) -> str:
        """The rule's short code."""
        return CODES[self.rule]

    @property
    def finding_id(self) -> str:
        """First 16 hex digits of SHA-256 over ``rule|agency|sender|issued_date|number|notation|recipient|extra``."""
        notation = unicodedata.normalize("NFC", self.notation).casefold()
        parts = (
            self.rule,
            self.agency,
            self.sender,
            self.issued_date,
            self.number,
            notation,
            self.recipient,
            self.extra,
        )
        return hashlib.sha256("|".join(parts).encode("utf-8")).hexdigest()[:16]

    def holds(self, start: int, end: int, as_of: int) -> bool:
        """Whether a run over the period ``[start, end)`` that looks at `as_of` must report it."""
        if not self.visible_from <= as_of < self.visible_until:
            return False
        if self.anchored == "standing":
            return start < as_of and self.opened_at < min(end, as_of) and start <= self.anchor
        if self.anchor > as_of or (self.anchored == "register" and end > as_of):
            return False
        if self.anchored == "deadline":
            return start < self.anchor <= end
        if self.anchored == "open":
            return self.anchor < as_of and self.opened_at <= min(end, as_of) and self.visible_until > start
        return start <= self.anchor < end


def of_document(rule: str, document: Document, agency: str, severity: Severity, **more: object) -> Truth:
    """Truth about a document or one of its pairs; the priority topic raises its severity by one step."""
    keyed = document.number is not None and document.notation is not None
    facts: dict[str, object] = {
        "issued_date": day_text(document.issued_day) if keyed else "",
        "number": document.number if keyed else document.uid,
        "notation": document.notation if keyed else "",
        "severity": raised(severity) if document.topic else severity,
    }
    return Truth(rule, agency, document.sender, **(facts | more))  # type: ignore[arg-type]  # Truth's own fields, all of them


def day_end(instant: int) -> int:
    """24:00 of the day of an instant: the first `as_of` that sees it."""
    return -(-instant // DAY) * DAY
