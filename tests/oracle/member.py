"""What a rule says: members of its population, decided or not, and the charges against them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from . import normalise as n
from .facts import Facts
from .world import Document, Pair

if TYPE_CHECKING:
    from .build import World

# code: (rule id, severity) — rules.md section 2
RULES = {
    "G1": ("failed_send", "high"),
    "G2": ("undelivered", "high"),
    "G3": ("late_send", "medium"),
    "G4": ("overdue_send", "high"),
    "G5": ("late_urgent_send", "high"),
    "N1": ("failed_receipt", "high"),
    "N2": ("unanswered_receipt", "high"),
    "N3": ("late_acknowledgement", "medium"),
    "N4": ("late_forwarding", "medium"),
    "N5": ("backlog", "high"),
    "N6": ("urgent_backlog", "critical"),
    "N7": ("late_processing", "high"),
    "N8": ("refusal_without_reason", "medium"),
    "N9": ("misrouted", "medium"),
    "N10": ("status_out_of_order", "low"),
    "N11": ("unknown_status", "low"),
    "N12": ("lost_status", "medium"),
    "N13": ("unmatched_receipt", "low"),
    "T1": ("missing_information", "medium"),
    "T2": ("malformed_notation", "low"),
    "T5": ("missing_component", "medium"),
    "T3": ("wrong_date", "medium"),
    "T4": ("number_gap", "low"),
    "Q1": ("wrong_competence", "high"),
    "Q2": ("unauthorised_signer", "high"),
    "Q3": ("signer_certificate_mismatch", "high"),
    "Q4": ("foreign_notation", "medium"),
    "K1": ("unsigned", "critical"),
    "K2": ("missing_signing_party", "critical"),
    "K3": ("signing_order", "high"),
    "K4": ("invalid_certificate", "critical"),
    "K5": ("broken_integrity", "critical"),
    "K6": ("missing_signature_information", "high"),
    "K7": ("missing_timestamp", "low"),
    "D1": ("missing_attachment", "high"),
    "D2": ("unsigned_attachment", "high"),
    "L1": ("duplicate_send", "medium"),
    "L2": ("number_reused", "high"),
    "L3": ("duplicate_content", "low"),
    "R1": ("unanswered_recall", "high"),
    "M1": ("secret_on_axis", "critical"),
    "H1": ("system_outage", "high"),
    "H2": ("missing_log", "high"),
    "H3": ("expiring_certificate", "low"),
}


@dataclass(frozen=True, kw_only=True)
class About:
    """What a finding is about; empty where not applicable."""

    sender: str = ""
    number: str = ""
    notation: str = ""
    issued_date: str = ""
    recipient: str = ""
    subject: str | None = None  # with the issue date: for the priority topic
    issued: date | None = None


@dataclass(frozen=True)
class Charge:
    """A finding before it has severity step, topic and id."""

    about: About
    anchored_at: datetime
    extra: str = ""
    deadline_at: datetime | None = None
    severity: str | None = None  # where it is not the rule's base severity


@dataclass(frozen=True)
class Member:
    """A member of a population that could be put in the period and blamed. Left out = not yielded at all."""

    agency: str
    charges: Sequence[Charge] = field(default_factory=list)
    decided: bool = True


def about_document(document: Document, recipient: str = "") -> About:
    """ "documents …: by their own row only"."""
    number, notation, issued_date = document.identity
    subject = document.row.subject if document.row else None
    return About(
        sender=document.sender,
        number=number,
        notation=notation,
        issued_date=issued_date,
        recipient=recipient,
        subject=subject,
        issued=document.issued,
    )


def about_pair(pair: Pair, facts: Facts) -> About:
    """Subject "from the sender's document row where present, else from the recipient's receipt"."""
    about = about_document(pair.document, pair.recipient)
    return About(**{**vars(about), "subject": facts.subject})


def blamed_for_event(world: "World", code: str, at: datetime) -> str | None:
    """ "Blame falls on an agency in scope or on nobody"; anchored by an event: its local day."""
    return world.registry.answering(code, n.local_day(at))


def blamed_for_deadline(world: "World", code: str, at: datetime) -> str | None:
    """The same, anchored by a deadline: "24:00 belongs to the day that it ends"."""
    return world.registry.answering(code, n.ended_day(at))
