"""T — information and form; M — secrecy (rules.md section 2)."""

from collections.abc import Iterator
from datetime import date, datetime

from . import normalise as n
from .build import World
from .member import About, Charge, Member, about_document, blamed_for_event
from .notation import Forms
from .rows import DocumentRow, Signature
from .world import Document, main_file, main_hash


def sent_documents(world: World) -> Iterator[tuple[Document, DocumentRow, datetime, str]]:
    """ "T, Q, K, D, M: member = document; anchor = its first send": with register row, anchor and blamed sender."""
    for document in world.documents:
        anchor = document.first_sent_at
        if document.row is None or anchor is None or not world.happened_in_period(anchor):
            continue
        agency = blamed_for_event(world, document.sender, anchor)
        if agency is not None:
            yield document, document.row, anchor, agency


def t1(world: World) -> Iterator[Member]:
    """missing_information: "a required field missing"; one finding, fields listed in the detail."""
    for document, row, anchor, agency in sent_documents(world):
        required = world.policy["required"]["fields"]
        # READING 34: an empty list of recipients is blank
        missing = [name for name in required if getattr(row, "issued" if name == "issued_date" else name) in (None, [])]
        yield Member(agency, [Charge(about_document(document), anchor)] if missing else [])


def t2(world: World) -> Iterator[Member]:
    """malformed_notation: `syntax`, or `kind`."""
    forms = Forms(world.case.document_types)
    for document, row, anchor, agency in sent_documents(world):
        if world.registry.kind(document.sender) in world.policy["exempt"]["kinds"]:
            continue  # "sender's kind not exempt"
        if row.number is None or row.notation is None:
            yield Member(agency, decided=False)
            continue
        form = forms.read(row.number, row.notation, world.registry.notations(document.sender), row.doc_type)
        extra = ""
        if form is None:
            extra = "syntax"
        elif forms.is_known(row.doc_type) and form.kind != forms.abbreviation(row.doc_type):
            extra = "kind"  # READING 35: a letter's kind is none, and so is Công văn's abbreviation
        yield Member(agency, [Charge(about_document(document), anchor, extra)] if extra else [])


def signers_own(row: DocumentRow) -> list[Signature]:
    """Personal signatures of the main file whose name is the signer's."""
    main = main_file(row)
    if main is None or main.signatures is None or row.signer_name is None:
        return []
    name = n.person_name(row.signer_name)
    personal = [s for s in main.signatures if s.party == "person" and s.subject is not None]
    return [s for s in personal if n.person_name(n.common_name(s.subject or "")) == name]


def _signed_on(row: DocumentRow) -> date | None:
    """ "the local day of the signer's signature, else of `signed_at`". READING 36: name matches; of several the last."""
    own = [s.signed_at for s in signers_own(row) if s.signed_at is not None]
    signed_at = max(own) if own else row.signed_at
    return n.local_day(signed_at) if signed_at else None


def t3(world: World) -> Iterator[Member]:
    """wrong_date: `future`, `antedated`, `postdated`."""
    for document, row, anchor, agency in sent_documents(world):
        if row.issued is None:
            yield Member(agency, decided=False)
            continue
        signed_on = _signed_on(row)
        faults = ["future"] if row.issued > n.local_day(anchor) else []
        if signed_on is not None and row.issued < signed_on:
            faults.append("antedated")
        if signed_on is not None and row.issued > world.calendar.next_working_day(signed_on):
            faults.append("postdated")
        # READING 37: with no day of signing known, only `future` can be found, and nothing is proved in order
        charges = [Charge(about_document(document), anchor, fault) for fault in faults]
        yield Member(agency, charges, decided=bool(charges) or signed_on is not None)


def t4(world: World) -> Iterator[Member]:
    """number_gap. Member: series (sender, year, kind); "all rows of the register, sent or not"."""
    forms = Forms(world.case.document_types)
    series: dict[tuple[str, int, str], dict[int, date]] = {}
    for row in world.register:
        if row.number is None or row.notation is None or row.issued is None or not row.number.isdigit():
            continue  # "Letters suffixed are left out"
        form = forms.read(row.number, row.notation, world.registry.notations(row.sender), row.doc_type)
        numbers = series.setdefault((row.sender, row.issued.year, forms.series_kind(row.notation, form)), {})
        # READING 38: a number used twice is anchored by its earlier issue date
        numbers[int(row.number)] = min(row.issued, numbers.get(int(row.number), row.issued))
    for (sender, year, kind), numbers in series.items():
        if world.registry.flag(sender, "register_whole"):
            yield from _series(world, About(sender=sender, notation=kind, issued_date=str(year)), numbers)


def _series(world: World, about: About, numbers: dict[int, date]) -> Iterator[Member]:
    anchored = sorted(m for m, issued in numbers.items() if world.happened_in_period(n.start_of_day(issued)))
    if not anchored:
        return
    # READING 39: the series is blamed on who answers on the last of its issue dates in the period
    agency = world.registry.answering(about.sender, max(numbers[m] for m in anchored))
    if agency is None or not world.registry.keeps(agency, "documents"):
        return
    last = world.end.fromordinal(world.end.toordinal() - 1)
    if not world.coverage.complete(
        about.sender, world.start, last, "documents"
    ):  # "T4 the documents of the whole period"
        yield Member(agency, decided=False)
        return
    charges = []
    for m in anchored:
        before = max(
            (number for number in numbers if number < m), default=None
        )  # "Neighbours by number, in all rows of the year"
        if before is not None:
            charges += _gap(about, before, m, n.start_of_day(numbers[m]), world.limit("number_gap_jump"))
    yield Member(agency, charges)


def _gap(about: About, before: int, m: int, anchor: datetime, jump: int) -> list[Charge]:
    """ "m − n ≤ [20] → each missing number is a finding …; more → one finding (number = n + 1, extra `jump`)"."""

    def missing(number: int) -> About:
        return About(**{**vars(about), "number": str(number)})

    if m - before > jump:
        return [Charge(missing(before + 1), anchor, "jump")]
    return [Charge(missing(number), anchor) for number in range(before + 1, m)]


def m1(world: World) -> Iterator[Member]:
    """secret_on_axis: "secrecy present and other than `thuong`". READING 40: absent secrecy is a lacking fact."""
    for document, row, anchor, agency in sent_documents(world):
        if row.secrecy is None:
            yield Member(agency, decided=False)
        else:
            yield Member(agency, [] if row.secrecy == "thuong" else [Charge(about_document(document), anchor)])


def t5(world: World) -> Iterator[Member]:
    """missing_component: "the PDF's text lacks a component …; only where the file is at hand; extra = letter"."""
    for document, row, anchor, agency in sent_documents(world):
        if world.registry.kind(document.sender) in world.policy["exempt"]["kinds"]:
            continue  # READING 81
        missing = world.case.texts.get(main_hash(row) or "")
        charges = [Charge(about_document(document), anchor, letter) for letter in missing or ""]
        yield Member(agency, charges, decided=missing is not None)


RULES = {"T1": t1, "T2": t2, "T3": t3, "T4": t4, "T5": t5, "M1": m1}
