"""T1–T3, Q: what stands on the document and who signed it."""

from __future__ import annotations

import unicodedata

from audit.simulator.clock import DAY, HOUR, MINUTE
from audit.simulator.model import Document, known
from audit.simulator.numbering import name
from audit.simulator.plants.plant import Plant
from audit.simulator.plants.steps import first_send, note, without_due
from audit.simulator.traffic import LETTER
from audit.simulator.workshop import Window, Workshop

_BLANKS = (None, "", "N/A", ".", "…")


def victim(workshop: Workshop, window: Window) -> Document | None:
    """An ordinary document of a state agency whose register holds electronic documents only."""
    return workshop.take(window, lambda document: without_due(document) and _is_plain(workshop, document))


def _is_plain(workshop: Workshop, document: Document) -> bool:
    """Not of a whole register (whose numbers other plants count on), nor of an organisation exempt from the forms."""
    office = workshop.offices[document.sender]
    return (
        not office.register_whole
        and office.kind != "mass_organisation"
        and office.organ != "TTr"
        and not document.topic
    )


def missing_information(workshop: Workshop, window: Window) -> None:
    """T1: fields left empty, or filled with what systems write where they have nothing."""
    document = victim(workshop, window)
    if document is None:
        return
    blank = workshop.rng.choice(_BLANKS)
    fields = ["page_count", "position", "urgency", "doc_type", "subject", "number"]
    for field in workshop.rng.sample(fields, workshop.rng.choice((1, 1, 2))):
        if field == "page_count":
            document.page_count = workshop.rng.choice((None, 0))
        elif field == "position":
            document.position = blank
        elif field == "urgency":
            document.urgency = None
        elif field == "doc_type":
            document.doc_type = blank
        elif field == "subject":
            document.subject = blank
        else:
            document.number, document.uid = None, f"{document.uid}-{workshop.rng.getrandbits(32):08x}"
    note(workshop, "missing_information", document, "medium")


def completed_later(workshop: Workshop, window: Window) -> None:
    """T1 for a day: the clerk fills in position and pages the next working morning, and the row comes again."""
    document = victim(workshop, window)
    if document is None:
        return
    day = workshop.clock.next_working(max(first_send(document), document.registered_at) // DAY)
    document.revised_at = day * DAY + 10 * HOUR
    workshop.expect(
        "missing_information",
        document,
        document.sender,
        "medium",
        anchor=first_send(document),
        visible_until=document.revised_at,
    )


def malformed_notation(workshop: Workshop, window: Window) -> None:
    """T2: a notation that fits no form, or whose kind is not the document's."""
    document = victim(workshop, window)
    if document is None or document.notation is None:
        return
    if document.doc_type == LETTER:
        organ, _, unit = document.notation.partition("-")
        document.notation = workshop.rng.choice((f"{organ}-{unit.capitalize()}a", f"{organ}{unit}", f"{organ}_{unit}"))
        fault = "syntax"
    else:
        document.doc_type = "Phương án" if workshop.rng.random() < 0.5 else LETTER
        fault = "kind"
    name(document)
    note(workshop, "malformed_notation", document, "low", fault)


def wrong_date(workshop: Workshop, window: Window) -> None:
    """T3: dated after it was sent, before it was signed, or days after it was signed."""
    document = workshop.take(
        window,
        lambda document: without_due(document) and _is_plain(workshop, document) and _done_in_a_day(workshop, document),
    )
    if document is None:
        return
    fault = workshop.rng.choice(("future", "antedated", "postdated"))
    if fault == "future":
        document.issued_day = workshop.clock.next_working(document.issued_day)
    elif fault == "antedated":
        document.issued_day -= workshop.rng.randint(1, 4)
    else:
        person = known(document.main.signatures)[0]
        while workshop.clock.next_working(known(person.signed_at) // DAY) >= document.issued_day:
            person.signed_at = known(person.signed_at) - DAY
        document.signed_at, person.timestamp_at = None, person.signed_at
    name(document)
    note(workshop, "wrong_date", document, "medium", fault)


def _done_in_a_day(workshop: Workshop, document: Document) -> bool:
    """Signed, dated and sent to all on one day, by a system that tells of signatures."""
    day = document.issued_day
    sent = {send.sent_at // DAY for pair in document.pairs for send in pair.sends}
    tells = workshop.offices[document.sender].reports_signatures
    return document.signed_at is not None and document.signed_at // DAY == day and sent == {day} and tells


def dated_next_day(workshop: Workshop, window: Window) -> None:
    """Near T3 and G3: signed late in the day, dated and sent the next working morning."""
    document = victim(workshop, window)
    if document is None:
        return
    day = workshop.clock.next_working(known(document.signed_at) // DAY)
    document.issued_day, document.registered_at = day, day * DAY + 9 * HOUR
    for file in document.files or ():
        for signature in file.signatures or ():
            if signature.party == "agency":
                signature.signed_at, signature.timestamp_at = document.registered_at, document.registered_at + 2
    name(document)
    workshop.postman.deliver(document, document.registered_at + 20 * MINUTE)
    for fault in ("future", "antedated", "postdated"):
        workshop.spare("wrong_date", document, document.sender, extra=fault)
    workshop.spare("late_send", document, document.sender)


def wrong_competence(workshop: Workshop, window: Window) -> None:
    """Q1: the lines above the name do not fit the post."""
    document = victim(workshop, window)
    if document is None:
        return
    head = workshop.offices[document.sender].signers[0].position
    faults = ["KT", "deputy", "TL"]
    if document.sender in workshop.registered:
        faults.append("TUQ")
    fault = workshop.rng.choice(faults)
    document.position, document.competence = {
        "KT": (head, f"KT. {head}"),
        "deputy": (f"PHÓ {head}", None),
        "TL": (head, f"TL. {head}"),
        "TUQ": ("TRƯỞNG PHÒNG TỔNG HỢP", f"TUQ. {head}"),
    }[fault]
    note(workshop, "wrong_competence", document, "high", fault)


def right_competence(workshop: Workshop, window: Window) -> None:
    """Near Q1: an acting head (Q.) who is a deputy; by order (TL.), for the office's head by his deputy (KT.)."""
    document = victim(workshop, window)
    if document is None:
        return
    head = workshop.offices[document.sender].signers[0].position.capitalize()
    if workshop.rng.random() < 0.5:
        document.position, document.competence = f"Phó {head}", f"Q. {head}"
    else:
        document.position, document.competence = "Phó Trưởng phòng Tổng hợp", f"TL. {head}\nKT. Trưởng phòng Tổng hợp"
    for fault in ("KT", "deputy", "TL"):
        workshop.spare("wrong_competence", document, document.sender, extra=fault)


def unauthorised_signer(workshop: Workshop, window: Window) -> None:
    """Q2: signed, with an own certificate, by somebody who stands in no register, or no longer."""
    document = workshop.take(window, lambda document: document.sender in workshop.registered)
    if document is None:
        return
    former = workshop.former[document.sender]
    document.signer_name = former.name
    for file in document.files or ():
        for signature in file.signatures or ():
            if signature.party == "person":
                signature.subject, signature.serial = former.certificate.subject, former.certificate.serial
    note(workshop, "unauthorised_signer", document, "high")


def signer_certificate_mismatch(workshop: Workshop, window: Window) -> None:
    """Q3: signed with a colleague's certificate."""
    document = workshop.take(window, lambda document: workshop.offices[document.sender].reports_signatures)
    if document is None:
        return
    others = [signer for signer in workshop.offices[document.sender].signers if signer.name != document.signer_name]
    known(document.main.signatures)[0].subject = workshop.rng.choice(others).certificate.subject
    note(workshop, "signer_certificate_mismatch", document, "high")


def titled_certificate(workshop: Workshop, window: Window) -> None:
    """Near Q3: the certificate bears a title, other capitals, two blanks and decomposed letters."""
    document = workshop.take(window, lambda document: workshop.offices[document.sender].reports_signatures)
    if document is None or document.signer_name is None:
        return
    spelt = unicodedata.normalize("NFD", document.signer_name.upper().replace(" ", "  ", 1))
    known(document.main.signatures)[0].subject = f"CN=ThS. {spelt}, O=UBND tỉnh Bắc Kạn, C=VN"
    workshop.spare("signer_certificate_mismatch", document, document.sender)


def foreign_notation(workshop: Workshop, window: Window) -> None:
    """Q4: the notation of another agency."""
    document = victim(workshop, window)
    if document is None or document.notation is None:
        return
    own = workshop.offices[document.sender].organ
    states = [office for office in workshop.offices.values() if office.kind != "mass_organisation"]
    others = sorted({office.organ for office in states if office.organ not in (own, "TTr")})
    if not others:
        return
    foreign = workshop.rng.choice(others)
    first, _, second = document.notation.partition("-")
    document.notation = f"{foreign}-{second}" if document.doc_type == LETTER else f"{first}-{foreign}"
    name(document)
    note(workshop, "foreign_notation", document, "medium")


PLANTS = (
    Plant(missing_information, 4),
    Plant(completed_later, 1),
    Plant(malformed_notation, 3),
    Plant(wrong_date, 3),
    Plant(dated_next_day, 1),
    Plant(wrong_competence, 3),
    Plant(right_competence, 1),
    Plant(unauthorised_signer, 1),
    Plant(signer_certificate_mismatch, 2),
    Plant(titled_certificate, 1),
    Plant(foreign_notation, 2),
)
