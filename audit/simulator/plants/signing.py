"""K, D, M: digital signatures, files, secrecy."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from audit.simulator.clock import DAY, MINUTE
from audit.simulator.model import Document, File, Signature, known
from audit.simulator.plants.plant import Plant
from audit.simulator.plants.steps import first_send, note
from audit.simulator.workshop import Window, Workshop

_PUBLIC_CA = "CN=VNPT-CA SHA2, O=VNPT Group, C=VN"


def victim(workshop: Workshop, window: Window) -> Document | None:
    """A document of a sender whose system tells of signatures."""
    return workshop.take(window, lambda document: workshop.offices[document.sender].reports_signatures)


def both(document: Document) -> tuple[Signature, Signature]:
    """The signer's signature and the seal on the main file."""
    person, seal = known(document.main.signatures)
    return person, seal


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
    person, seal = both(document)
    if workshop.rng.random() < 0.5:
        document.main.signatures, missing = [seal], "person"
    else:
        person.covers_file = True
        document.main.signatures, missing = [person], "agency"
    note(workshop, "missing_signing_party", document, "critical", missing)


def signing_order(workshop: Workshop, window: Window) -> None:
    """K3: the clerk sealed first, the leader signed after."""
    document = victim(workshop, window)
    if document is None:
        return
    person, seal = both(document)
    early = known(person.signed_at) - workshop.rng.randint(2, 20)
    seal.signed_at, seal.timestamp_at = early, early + 1
    note(workshop, "signing_order", document, "high")


def sealed_twice(workshop: Workshop, window: Window) -> None:
    """Near K3 and K5: the leader's signature no longer covers the file, for two seals in one minute came after it."""
    document = victim(workshop, window)
    if document is None:
        return
    person, seal = both(document)
    again = known(seal.signed_at) + 20
    stamp = replace(seal, signed_at=again, timestamp_at=again + 1)
    seal.covers_file, document.main.signatures = False, [person, seal, stamp]
    workshop.spare("signing_order", document, document.sender)
    for signature in (person, seal):
        workshop.spare("broken_integrity", document, document.sender, extra=signature.serial)


def invalid_certificate(workshop: Workshop, window: Window) -> None:
    """K4: expired, not yet valid, revoked before signing, or of a public CA."""
    document = victim(workshop, window)
    if document is None:
        return
    signature = workshop.rng.choice(both(document))
    signed_at = known(signature.signed_at)
    signature.serial = _other_serial(signature)
    fault = workshop.rng.choice(("expired", "early", "revoked", "issuer"))
    if fault == "expired":
        signature.valid_to = signed_at - workshop.rng.randint(1, 60) * DAY
    elif fault == "early":
        signature.valid_from = signed_at + DAY
    elif fault == "revoked":
        signature.revoked_at = signed_at - workshop.rng.randint(0, 5) * DAY
    else:
        signature.issuer = _PUBLIC_CA
    note(workshop, "invalid_certificate", document, "critical", signature.serial or "")


def _other_serial(signature: Signature) -> str:
    """Of an older certificate of the same holder: what is wrong with it is not wrong with the others."""
    return hashlib.sha256(f"{signature.serial} {signature.signed_at}".encode()).hexdigest()[:31].upper().lstrip("0")


def certificate_just_valid(workshop: Workshop, window: Window) -> None:
    """Near K4: signed in the last second of the certificate, and revoked a minute after sealing."""
    document = victim(workshop, window)
    if document is None:
        return
    person, seal = both(document)
    person.valid_to, seal.revoked_at = person.signed_at, known(seal.signed_at) + MINUTE
    person.timestamp_at = person.signed_at
    person.serial, seal.serial = _other_serial(person), _other_serial(seal)
    for signature in (person, seal):
        workshop.spare("invalid_certificate", document, document.sender, extra=signature.serial)


def broken_integrity(workshop: Workshop, window: Window) -> None:
    """K5: the file was changed after signing."""
    document = victim(workshop, window)
    if document is None:
        return
    person, seal = both(document)
    signature = workshop.rng.choice((person, seal))
    fault = workshop.rng.choice(("intact", "valid", "covers"))
    if fault == "covers":
        signature, seal.covers_file = seal, False
    elif fault == "intact":
        signature.intact = False
    else:
        signature.valid = False
    note(workshop, "broken_integrity", document, "critical", signature.serial or "")


def missing_signature_information(workshop: Workshop, window: Window) -> None:
    """K6: the signing tool left out the serial, the subscriber, the validity or the time."""
    document = victim(workshop, window)
    if document is None:
        return
    _, seal = both(document)
    fault = workshop.rng.choice(("serial", "subject", "validity", "time"))
    if fault == "serial":
        seal.serial = None
    elif fault == "subject":
        seal.subject = None
    elif fault == "validity":
        seal.valid_to = None
    else:
        seal.signed_at = None
    note(workshop, "missing_signature_information", document, "high")


def missing_timestamp(workshop: Workshop, window: Window) -> None:
    """K7: sealed without a time stamp."""
    document = victim(workshop, window)
    if document is None:
        return
    person, seal = both(document)
    seal.timestamp_at = None
    if workshop.rng.random() < 0.4:
        person.timestamp_at = None
    note(workshop, "missing_timestamp", document, "low")


def missing_attachment(workshop: Workshop, window: Window) -> None:
    """D1 of the document: no file, an empty one, fewer than declared."""
    document = victim(workshop, window)
    if document is None:
        return
    files = known(document.files)
    fault = workshop.rng.choice(("no_file", "empty", "count"))
    if fault == "no_file":
        document.files, document.declared_files = [], None
        for pair in document.pairs:
            for receipt in pair.receipts:
                receipt.sha256 = None
    elif fault == "empty":
        files[-1].size_bytes = 0
    else:
        document.declared_files = len(files) + workshop.rng.randint(1, 3)
    note(workshop, "missing_attachment", document, "high", fault)


def altered_on_the_way(workshop: Workshop, window: Window) -> None:
    """D1 of one recipient: what it received is not what was sent."""
    document = workshop.take(window)
    if document is None:
        return
    pairs = [pair for pair in document.pairs if pair.receipts and pair.recipient not in workshop.unsafe]
    if not pairs:
        return
    pair = workshop.rng.choice(pairs)
    pair.receipts[0].sha256 = f"{workshop.rng.getrandbits(256):064x}"
    more = {"extra": "hash", "recipient": pair.recipient, "anchor": first_send(document)}
    arrived_at = pair.receipts[0].arrived_at or 0
    workshop.expect("missing_attachment", document, document.sender, "high", **more, visible_from=arrived_at)


def unsigned_attachment(workshop: Workshop, window: Window) -> None:
    """D2: an appendix in a file of its own that the clerk did not seal."""
    document = victim(workshop, window)
    if document is None:
        return
    stem = document.main.name.removesuffix("_signed.pdf")
    sha256 = f"{workshop.rng.getrandbits(256):064x}"
    appendix = File(f"{stem}_Phụ lục.pdf", "attachment", "application/pdf", 88_000, sha256, [])
    known(document.files).append(appendix)
    document.declared_files = len(known(document.files))
    note(workshop, "unsigned_attachment", document, "high", appendix.name)


def secret(workshop: Workshop, window: Window) -> None:
    """M1: a document marked secret on the axis."""
    document = workshop.take(window)
    if document is not None:
        document.secrecy = workshop.rng.choice(("mat", "toi_mat"))
        note(workshop, "secret_on_axis", document, "critical")


PLANTS = (
    Plant(unsigned, 4),
    Plant(missing_party, 3),
    Plant(signing_order, 2),
    Plant(sealed_twice, 1),
    Plant(invalid_certificate, 3),
    Plant(certificate_just_valid, 1),
    Plant(broken_integrity, 2),
    Plant(missing_signature_information, 3),
    Plant(missing_timestamp, 6),
    Plant(missing_attachment, 3),
    Plant(altered_on_the_way, 1),
    Plant(unsigned_attachment, 3),
    Plant(secret, 1),
)
