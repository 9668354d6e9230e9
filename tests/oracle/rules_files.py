"""D — files (rules.md section 2)."""

from collections.abc import Iterator

from .build import World
from .member import Charge, Member, about_document, about_pair
from .rows import DocumentRow, File
from .rules_information import sent_documents
from .world import Document, Pair, main_file, main_hash


def d1(world: World) -> Iterator[Member]:
    """missing_attachment: `no_file`, `empty`, `count`, `hash`."""
    for document, row, anchor, agency in sent_documents(world):
        if row.files is None:
            yield Member(agency, decided=False)
            continue
        faults = [Charge(about_document(document), anchor, extra) for extra in _faults(row, row.files)]
        # READING 82: what came to a recipient is about the pair
        received = _differently_received(world, document)
        faults += [Charge(about_pair(pair, world.facts(pair)), anchor, "hash") for pair in received]
        yield Member(agency, faults)


def _faults(row: DocumentRow, files: list[File]) -> list[str]:
    if not files:
        return ["no_file"]  # READING 46: one fault, one finding: no `count` beside it
    found = ["empty"] if any(one.size == 0 for one in files) else []
    # "`declared_file_count`, main file included, > files (`count`)"
    return [*found, "count"] if (row.declared_file_count or 0) > len(files) else found


def _differently_received(world: World, document: Document) -> list[Pair]:
    """ "a recipient's `received_file_sha256` differs and no update or replacement was sent to it"."""
    expected = main_hash(document.row)
    if expected is None:
        return []
    found = []
    for pair in document.pairs.values():
        # READING 73: what came in broken is N1, and its hash proves nothing of the file that was sent
        differs = any(r.received_sha256 not in (None, expected) for r in pair.receipts if r.state != "fail")
        if differs and not _updated(world, pair):
            found.append(pair)
    return found


def _updated(world: World, pair: Pair) -> bool:
    """READING 47: a message of type 2 or 3 of this document, or a type 3 whose `replaces` names its uid or a message of it, to this recipient."""
    types = {send.type for send in pair.all_sends}
    if 2 in types or {0, 3} <= types:  # READING 74: a document that is itself a replacement is not replaced by that
        return True
    names = {pair.document.uid, *(send.axis for send in pair.all_sends)} - {None}
    others = [
        other
        for other in world.pairs
        if other.document.sender == pair.document.sender and other.recipient == pair.recipient
    ]
    return any(send.type == 3 and send.replaces in names for other in others for send in other.all_sends)


def d2(world: World) -> Iterator[Member]:
    """unsigned_attachment: "a PDF beside the main file without the agency's signature"; "Member: document with such a file".

    READING 48: the member is a document with a PDF beside its main file.
    """
    for document, row, anchor, agency in sent_documents(world):
        if row.files == [] or not world.registry.flag(agency, "reports_signatures"):
            continue
        if row.files is None:  # "An absent `files` … field is unknown (not decided)"
            yield Member(agency, decided=False)
            continue
        main = main_file(row)
        beside = [(i, one) for i, one in enumerate(row.files, 1) if one is not main and _is_pdf(one)]
        if main is None:
            if beside:
                yield Member(agency, decided=False)
            continue
        if beside:
            unsigned = [one.name or str(i) for i, one in beside if _sealed(one) is False]
            decided = bool(unsigned) or all(_sealed(one) is not None for _, one in beside)
            yield Member(agency, [Charge(about_document(document), anchor, extra) for extra in unsigned], decided)


def _is_pdf(one: File) -> bool:
    return one.content_type == "application/pdf" or (one.name or "").lower().endswith(".pdf")


def _sealed(one: File) -> bool | None:
    """Whether the file bears the agency's signature; None = the system does not tell."""
    if one.signatures is None:
        return None
    parties = {signature.party for signature in one.signatures}
    if "agency" in parties:
        return True
    return False if parties <= {"person"} else None


RULES = {"D1": d1, "D2": d2}
