"""Q — authority (rules.md section 2)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from . import normalise as n
from .build import World
from .member import Charge, Member, about_document
from .notation import Forms
from .rows import DocumentRow
from .rules_information import sent_documents, signers_own
from .world import main_file

PREFIXES = ("tuq.", "tm.", "kt.", "tl.", "q.")


def _lines(competence: str | None) -> list[tuple[str, str]]:
    """ "lines, separated by `;` or a line break; a prefix counts at the start of a line, with its dot": (prefix, rest), folded."""
    found = []
    for line in (competence or "").replace(";", "\n").splitlines():
        whole = n.folded(line)
        prefix = next((prefix for prefix in PREFIXES if whole.startswith(prefix)), "")
        found.append((prefix, whole[len(prefix) :].strip()))
    return found


def _register(world: World, sender: str) -> list[dict[str, Any]]:
    """The sender's entries in the signers' register, none where it has no register."""
    return [entry for entry in world.case.signers or [] if world.registry.canonical(entry["agency"]) == sender]


def _entries(register: list[dict[str, Any]], name: str, on: date) -> list[dict[str, Any]]:
    """Entries of that name in force that day. READING 41: names compare as in Q3."""
    found = []
    for entry in register:
        begins, ends = n.day(entry.get("valid_from")), n.day(entry.get("valid_to"))
        in_force = (begins is None or begins <= on) and (ends is None or on <= ends)
        if in_force and n.person_name(entry["name"]) == n.person_name(name):
            found.append(entry)
    return found


def q1(world: World) -> Iterator[Member]:
    """wrong_competence. "Tested where `signer_position` is present"; a missing competence has no lines (READING 42)."""
    for document, row, anchor, agency in sent_documents(world):
        if row.signer_position is None:
            yield Member(agency, decided=False)
            continue
        position, lines = n.folded(row.signer_position), _lines(row.signer_competence)
        prefixes = {prefix for prefix, _ in lines}
        deputy = position.startswith("phó")  # "A deputy's title starts with PHÓ"
        faults = []
        if "kt." in prefixes and not deputy:
            faults.append("KT")
        if deputy and not prefixes & {"kt.", "tuq.", "q."}:
            faults.append("deputy")
        if ("tl.", position) in lines:  # "`TL.` naming the signer's own position"
            faults.append("TL")
        authorised = _authorised(world, document.sender, row) if "tuq." in prefixes else True
        if authorised is False:
            faults.append("TUQ")
        charges = [Charge(about_document(document), anchor, fault) for fault in faults]
        if "tuq." in prefixes and not charges and not _register(world, document.sender):
            continue  # "no register: not tested" (READING 72)
        yield Member(agency, charges, decided=bool(charges) or authorised is not None)


def _authorised(world: World, sender: str, row: DocumentRow) -> bool | None:
    """ "`TUQ.` with a register and no authorisation in force (`TUQ`; no register: not tested)"; None = a fact is lacking."""
    register = _register(world, sender)
    if not register:
        return True
    if row.signer_name is None or row.issued is None:
        return None
    return any(entry.get("authorised") is True for entry in _entries(register, row.signer_name, row.issued))


def q2(world: World) -> Iterator[Member]:
    """unauthorised_signer: "the sender has a signers' register, and `signer_name` has no entry in force on `issued_date`"."""
    for document, row, anchor, agency in sent_documents(world):
        register = _register(world, document.sender)
        if not register:
            continue
        if row.signer_name is None or row.issued is None:
            yield Member(agency, decided=False)
        else:
            known = _entries(register, row.signer_name, row.issued)
            yield Member(agency, [] if known else [Charge(about_document(document), anchor)])


def q3(world: World) -> Iterator[Member]:
    """signer_certificate_mismatch: "personal signatures with a subject, and none's common name equals `signer_name`"."""
    for document, row, anchor, agency in sent_documents(world):
        if row.files == [] or not world.registry.flag(agency, "reports_signatures"):
            continue  # "No file … leaves K untested" (READING 43: and Q3); the flag
        main = main_file(row)
        if main is not None and main.signatures == []:
            continue  # "K1 leaves K2–K7, Q3 untested"
        personal = [s for s in (main.signatures or []) if s.party == "person" and s.subject is not None] if main else []
        if not personal or row.signer_name is None:
            yield Member(agency, decided=False)
        else:
            yield Member(agency, [] if signers_own(row) else [Charge(about_document(document), anchor)])


def q4(world: World) -> Iterator[Member]:
    """foreign_notation: "its organ part (letter: first part; typed: the part after the kind) is not among them"."""
    forms = Forms(world.case.document_types)
    for document, row, anchor, agency in sent_documents(world):
        own = world.registry.notations(document.sender)
        if not own:
            continue  # "the sender lists its notations"
        form = forms.read(row.number, row.notation, own, row.doc_type) if row.number and row.notation else None
        if form is None:  # "the notation can be read"
            yield Member(agency, decided=False)
            continue
        organ = n.folded(form.organ)
        # READING 44: compared case-folded, as all notations; typed: the organ may go on with a unit after a dash
        known = any(organ == n.folded(one) or organ.startswith(n.folded(one) + "-") for one in own)
        yield Member(agency, [] if known else [Charge(about_document(document), anchor)])


RULES = {"Q1": q1, "Q2": q2, "Q3": q3, "Q4": q4}
