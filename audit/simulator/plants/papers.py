"""T5, and K, D2, Q3 once more: what only the files of agencies show that let the audit fetch them.

Every kind of bad file is planted into their documents of the period. Every other one their logs call good; and of some
good ones the logs tell ill, which must not become a finding.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from audit.simulator.dice import Dice
from audit.simulator.model import Document, File, Signature, known
from audit.simulator.papers import COMPONENTS, make_papers, papers_of
from audit.simulator.plants import forms, signing
from audit.simulator.plants.plant import Plant
from audit.simulator.plants.steps import note
from audit.simulator.province import Province
from audit.simulator.traffic import sign
from audit.simulator.truth import Truth, of_document
from audit.simulator.workshop import Window, Workshop
from audit.working_time import day_number

_EXEMPT: Final = "mass_organisation"
_PRAISED: Final = 0.5
"""Share of bad files that the log calls good."""
_SLANDERED: Final = 0.06
"""Share of good files of which the log tells ill, …"""
_UNSIGNED: Final = 0.5
"""… and of these the share that it calls unsigned."""
_PROVED_BY_FILES: Final = frozenset(
    {
        "unsigned", "missing_signing_party", "signing_order", "invalid_certificate", "broken_integrity",
        "missing_timestamp", "unsigned_attachment", "signer_certificate_mismatch",
    }
)  # fmt: skip


def givers_of(province: Province) -> frozenset[str]:
    """The agencies that let their files be fetched: the first ones that are pulled and tell of signatures."""
    able = [
        code
        for code, office in province.offices.items()
        if office.reports_signatures and office.kind != _EXEMPT and code not in province.unpulled
    ]
    return frozenset(able[: province.options.file_agencies])


def plant_papers(province: Province, workshop: Workshop) -> None:
    """Plant into the documents that have files, make the files, and note truth and near misses in the province."""
    givers, options = givers_of(province), province.options
    if not givers:
        return
    workshop.only, workshop.rng = givers, Dice(options.seed + 1)
    workshop.truth, workshop.near_misses = [], []
    first, end = day_number(options.start), day_number(options.end)
    if options.plant:
        worked = [day for day in range(first, end) if workshop.clock.is_working(day)] or [first]
        window = Window(first, end, worked[-1] if len(worked) > 1 else end, dense=True)
        for plant in PLANTS:
            for _ in range(max(1, round(plant.per_week * min(4.0, options.documents_per_day / 60)))):
                plant.make(workshop, window)
        _tell_otherwise(province, workshop, givers)
    make_papers(province, givers)
    province.truth += workshop.truth
    province.near_misses += workshop.near_misses


def missing_component(workshop: Workshop, window: Window) -> None:
    """T5: one or two components are forgotten."""
    document = _with_file(workshop, window)
    if document is None:
        return
    letters = workshop.rng.sample(COMPONENTS, workshop.rng.choice((1, 1, 2)))
    document.main.without = "".join(letters)
    for letter in letters:
        note(workshop, "missing_component", document, "medium", letter)


def scanned(workshop: Workshop, window: Window) -> None:
    """Near T5: a scan without text, of which nobody can tell what stands on it."""
    document = _with_file(workshop, window)
    if document is None:
        return
    document.main.scanned = True
    for letter in COMPONENTS:
        workshop.spare("missing_component", document, document.sender, extra=letter)


def damaged(workshop: Workshop, window: Window) -> None:
    """Near all of K: half of a file, which proves nothing."""
    document = _with_file(workshop, window)
    if document is not None:
        document.main.damaged = True
        workshop.spare("unsigned", document, document.sender)


def _with_file(workshop: Workshop, window: Window) -> Document | None:
    """A document whose main file is a good one and can be fetched."""
    return workshop.take(window, lambda document: bool(document.files) and document.main.signatures is not None)


def _tell_otherwise(province: Province, workshop: Workshop, givers: frozenset[str]) -> None:
    """Let logs tell of signatures what is not so; the files know better."""
    rng = workshop.rng
    known_faults = (truth for truth in (*province.truth, *workshop.truth) if truth.rule in _PROVED_BY_FILES)
    faulty = {_key(truth) for truth in known_faults}
    for document in province.documents:
        files = list(papers_of(province, document, givers))
        if files and _key(of_document("", document, "", "low")) in faulty:
            if rng.random() < _PRAISED:
                for file in files:
                    file.told = _praise(workshop, document, file)
        elif files and files[0] is document.main and not document.marked and rng.random() < _SLANDERED:
            document.marked = True
            _slander(workshop, document)


def _key(truth: Truth) -> tuple[str, ...]:
    """Of the document that it is about."""
    return truth.sender, truth.number, truth.notation, truth.issued_date


def _praise(workshop: Workshop, document: Document, file: File) -> list[Signature]:
    """Signatures in good order, whatever the file holds."""
    office, sealed_at = workshop.offices[document.sender], document.registered_at
    seal = sign("agency", office.seal, sealed_at, covers_file=True)
    if file.role != "main":
        return [seal]
    signer = next((one for one in office.signers if one.name == document.signer_name), office.signers[0])
    return [sign("person", signer.certificate, min(document.signed_at or sealed_at, sealed_at)), seal]


def _slander(workshop: Workshop, document: Document) -> None:
    """No signature, or broken ones, where the file has good ones."""
    signatures = known(document.main.signatures)
    if workshop.rng.random() < _UNSIGNED:
        document.main.told = []
        workshop.spare("unsigned", document, document.sender)
        return
    document.main.told = [replace(signature, intact=False) for signature in signatures]
    for signature in signatures:
        workshop.spare("broken_integrity", document, document.sender, extra=signature.serial)


PLANTS = (
    Plant(missing_component, 4),
    Plant(scanned, 1),
    Plant(damaged, 1),
    *(
        Plant(make, 1)
        for make in (
            signing.unsigned, signing.missing_party, signing.signing_order, signing.sealed_twice,
            signing.certificate_just_valid, signing.missing_timestamp, signing.unsigned_attachment,
            forms.signer_certificate_mismatch,
        )
    ),
    Plant(signing.invalid_certificate, 3),
    Plant(signing.broken_integrity, 3),
)  # fmt: skip
