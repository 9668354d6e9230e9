"""K, D: digital signatures and files."""

from __future__ import annotations

from audit.simulator.model import Document
from audit.simulator.offices import Office
from audit.simulator.plants.plant import Plant
from audit.simulator.workshop import Window, Workshop


def victim(workshop: Workshop, window: Window) -> Document | None:
    """A document of a sender whose system tells of signatures."""
    return workshop.take(window, lambda document: _tells(workshop.offices[document.sender]))


def _tells(office: Office) -> bool:
    return office.reports_signatures


def note(workshop: Workshop, rule: str, document: Document, severity: str, extra: str = "") -> None:
    """Notes a finding about the sender of a document; anchored at its first send."""
    first_send = min(send.sent_at for pair in document.pairs for send in pair.sends)
    workshop.expect(rule, document, document.sender, severity, extra=extra, anchor=first_send)


def unsigned(workshop: Workshop, window: Window) -> None:
    """K1: a scan without any signature."""
    document = victim(workshop, window)
    if document is not None:
        document.main.signatures = []
        note(workshop, "unsigned", document, "critical")


def missing_party(workshop: Workshop, window: Window) -> None:
    """K2: only the leader or only the seal."""
    document = victim(workshop, window)
    if document is None:
        return
    assert document.main.signatures, "the sender's system tells of signatures"
    person, seal = document.main.signatures
    if workshop.rng.random() < 0.5:
        document.main.signatures, missing = [seal], "person"
    else:
        person.covers_file = True
        document.main.signatures, missing = [person], "agency"
    note(workshop, "missing_signing_party", document, "critical", missing)


PLANTS = (Plant(unsigned, 4), Plant(missing_party, 3))
