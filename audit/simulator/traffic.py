"""The outgoing side: which documents are written, signed, numbered and sent when. Everything here is in good order.

A working day has a morning peak and one at the end of the day; what is signed late is often sealed or sent the next
morning, in time. A few urgent documents go out at weekends.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

from audit.simulator.clock import DAY, HOUR, MINUTE, MORNING_OPENS, Clock
from audit.simulator.model import Document, File, Signature, known
from audit.simulator.offices import OUTSIDERS, Certificate, Office, Signer, texts
from audit.simulator.options import SimulationOptions
from audit.working_time import EPOCH, day_number

# Half hours of signing and their weights: the morning's peak about ten, the evening's before closing time.
_HALF_HOURS: Final = [*range(15, 23), *range(26, 36), 37, 38]
_WEIGHTS: Final = [3, 7, 9, 9, 8, 7, 6, 4, 3, 4, 6, 7, 8, 10, 12, 9, 2, 1, 1, 1]
_CUMULATED: Final = list(accumulate(_WEIGHTS))
_RECIPIENT_RANGES: Final = ((5, 9), (10, 18), (19, 32), (33, 40))
_RECIPIENT_WEIGHTS: Final = (60, 28, 10, 2)
_RECIPIENT_MEAN: Final = 11.4
_URGENCIES: Final = ("thuong", "khan", "thuong_khan", "hoa_toc")
_URGENCY_WEIGHTS: Final = (900, 60, 25, 15)
LETTER: Final = "Công văn"
_TOPIC_SHARES: Final = ((date(2020, 2, 1), 0.0), (date(2023, 1, 1), 0.11), (date.max, 0.01))
"""The share of the mail that is about COVID-19, until each day."""
_WEEKEND_SHARE: Final = 0.015


class Drafter:
    """Writes the documents of a day: words, signatures, times. Numbers come later (`numbering.py`)."""

    def __init__(
        self, options: SimulationOptions, offices: Mapping[str, Office], clock: Clock, rng: random.Random
    ) -> None:
        self._options, self._offices, self._clock, self._rng = options, offices, clock, rng
        self._codes = list(offices)
        self._share = sum(office.weight for office in offices.values())
        self._covid = next(i for i, field in enumerate(texts()["fields"]) if field.get("topic"))
        self._outside_numbers = 800
        self._inbound = [code for code in self._codes if offices[code].kind != "mass_organisation"][:12]

    def day(self, day: int) -> list[Document]:
        """The documents signed on a day, ours and those that came from outside."""
        working = self._clock.is_working(day)
        volume = self._options.documents_per_day * (1.0 if working else _WEEKEND_SHARE)
        if day < day_number(self._options.full_from):
            volume *= self._options.history_share
        rng = self._rng
        documents: list[Document] = []
        for office in self._offices.values():
            wanted = volume * office.weight / self._share
            count = int(wanted) + (rng.random() < wanted % 1)
            documents += [self.document(office, day, urgent_only=not working) for _ in range(count)]
            if working and office.register_whole and rng.random() < 0.5:
                documents.append(self._paper(office, day))
        from_outside = int(volume * 0.05 + rng.random()) if working else 0
        return documents + [self._from_outside(day) for _ in range(from_outside)]

    def document(self, office: Office, day: int, *, urgent_only: bool = False) -> Document:
        """One electronic document, unnumbered, without its messages."""
        rng = self._rng
        urgency = (
            rng.choices(_URGENCIES[1:], _URGENCY_WEIGHTS[1:])[0]
            if urgent_only
            else rng.choices(_URGENCIES, _URGENCY_WEIGHTS)[0]
        )
        signed_at, registered_at = self._signing(day, urgency != "thuong")
        doc_type, notation, subject, topic = self._wording(office, day)
        signer = rng.choices(office.signers, (30, 30, 25, 15))[0]
        document = Document(
            uid="",
            sender=office.code,
            number=None,
            notation=notation,
            issued_day=registered_at // DAY,
            doc_type=doc_type,
            subject=subject,
            signer_name=signer.name,
            position=signer.position,
            competence=signer.competence,
            signed_at=signed_at,
            registered_at=registered_at,
            urgency=urgency,
            page_count=rng.randint(1, 12),
            files=None,
            topic=topic,
        )
        document.recipients = self._recipients(office.code)
        if urgency == "thuong" and rng.random() < 0.25:
            document.due_day = self._clock.working_after(document.issued_day, rng.randint(4, 12))
        self.attach(document, office, signer)
        return document

    def attach(self, document: Document, office: Office, signer: Signer) -> None:
        """Gives a document its files, signed by the signer and then sealed."""
        rng = self._rng
        sealed_at = document.registered_at
        tells = office.reports_signatures
        person = sign("person", signer.certificate, known(document.signed_at))
        seal = sign("agency", office.seal, sealed_at, covers_file=True)
        files = [self._file("main", "application/pdf", [person, seal] if tells else None)]
        for _ in range(rng.choices((0, 1, 2), (70, 20, 10))[0]):
            if rng.random() < 0.6:
                stamp = [sign("agency", office.seal, sealed_at + 20, covers_file=True)] if tells else None
                files.append(self._file("attachment", "application/pdf", stamp))
            else:
                sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                files.append(self._file("attachment", sheet, [] if tells else None))
        document.files = files
        document.declared_files = len(files) if rng.random() < 0.9 else None

    def _file(self, role: str, content_type: str, signatures: list[Signature] | None) -> File:
        rng = self._rng
        return File("", role, content_type, rng.randint(40_000, 900_000), f"{rng.getrandbits(256):064x}", signatures)

    def _signing(self, day: int, urgent: bool) -> tuple[int, int]:
        """When the signer signed and when the clerk numbered and sealed."""
        rng = self._rng
        slot = bisect(_CUMULATED, rng.random() * _CUMULATED[-1])
        signed_at = day * DAY + _HALF_HOURS[slot] * 1800 + rng.randrange(1800)
        if urgent:
            return signed_at, signed_at + rng.randint(40, 8 * MINUTE)
        if signed_at % DAY >= 16 * HOUR and rng.random() < 0.3:
            tomorrow = self._clock.next_working(day)
            return signed_at, tomorrow * DAY + MORNING_OPENS + rng.randint(5 * MINUTE, 165 * MINUTE)
        return signed_at, signed_at + rng.randint(90, 35 * MINUTE)

    def _wording(self, office: Office, day: int) -> tuple[str, str, str, bool]:
        """Kind, notation, subject, and whether it is of the priority topic."""
        rng, fields = self._rng, texts()["fields"]
        topic = rng.random() < _topic_share(day)
        field = fields[self._covid if topic else rng.choice(office.fields)]
        if rng.random() < 0.62:
            return (
                LETTER,
                f"{office.organ}-{rng.choice(field['units'])}",
                "V/v " + self._fill(rng.choice(field["letters"]), day),
                topic,
            )
        template = rng.choice(field["typed"])
        doc_type = rng.choice(
            next(kinds for opening, kinds in texts()["openings"].items() if template.startswith(opening))
        )
        abbreviation = texts()["abbreviations"][doc_type]
        return doc_type, f"{abbreviation}-{office.organ}", f"{doc_type} {self._fill(template, day)}", topic

    def _fill(self, template: str, day: int) -> str:
        slots, today = texts()["slots"], EPOCH + timedelta(days=day)
        words = {name: self._rng.choice(choices) for name, choices in slots.items()}
        return template.format(**words, year=today.year, month=today.month, day=today.day)

    def _recipients(self, sender: str) -> list[str]:
        rng = self._rng
        low, high = rng.choices(_RECIPIENT_RANGES, _RECIPIENT_WEIGHTS)[0]
        count = round(rng.randint(low, high) * self._options.mean_recipients / _RECIPIENT_MEAN)
        others = [code for code in self._codes if code != sender]
        chosen = rng.sample(others, min(count, len(others)))
        outside = max(0, count - len(others)) if count > len(others) else (rng.random() < 0.12)
        return chosen + rng.sample(list(OUTSIDERS), min(int(outside), len(OUTSIDERS)))

    def _paper(self, office: Office, day: int) -> Document:
        """A document issued on paper only: in a whole register it takes a number and goes to nobody electronically."""
        document = self.document(office, day)
        document.recipients, document.files, document.declared_files = [], None, None
        return document

    def _from_outside(self, day: int) -> Document:
        """A document from a ministry or another province; only its receipts are ours."""
        rng = self._rng
        office, sender = self._offices[rng.choice(self._inbound)], rng.choice(list(OUTSIDERS))
        document = self.document(office, day)
        document.sender, document.has_row = sender, False
        document.notation = (document.notation or "").replace(office.organ, OUTSIDERS[sender])
        self._outside_numbers += rng.randint(1, 9)
        document.number = str(self._outside_numbers)
        document.recipients = rng.sample(self._inbound, rng.randint(1, 3))
        return document


def sign(party: str, certificate: Certificate, at: int, *, covers_file: bool = False) -> Signature:
    """A good signature with its time stamp."""
    return Signature(
        party=party,
        subject=certificate.subject,
        serial=certificate.serial,
        issuer=certificate.issuer,
        valid_from=certificate.valid_from,
        valid_to=certificate.valid_to,
        signed_at=at,
        timestamp_at=at + 3,
        covers_file=covers_file,
    )


def sending_at(document: Document, clock: Clock, rng: random.Random) -> int:
    """When the clerk begins to send: soon after sealing, now and then the next morning, always in time."""
    if document.urgent:
        return document.registered_at + rng.randint(20, 5 * MINUTE)
    signed_on = known(document.signed_at) // DAY
    deadline = clock.noon(clock.next_working(signed_on))
    if rng.random() < 0.06 and document.registered_at // DAY == signed_on:
        return deadline - rng.randint(20 * MINUTE, 3 * HOUR)
    return document.registered_at + rng.randint(30, 14 * MINUTE)


def days_between(first: date, end: date) -> Sequence[int]:
    """Day numbers of ``[first, end)``."""
    return range(day_number(first), day_number(end))


def _topic_share(day: int) -> float:
    today = EPOCH + timedelta(days=day)
    return next(share for until, share in _TOPIC_SHARES if today < until)


def kind_of(document: Document) -> str:
    """The series a document is numbered in within its sender and year: the kind's abbreviation, ``""`` for letters."""
    if document.doc_type == LETTER or document.notation is None:
        return ""
    return document.notation.partition("-")[0]
