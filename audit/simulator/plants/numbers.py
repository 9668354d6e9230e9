"""T4, L2, L3: gaps in whole registers, numbers used twice, one content under two numbers.

These change numbers, so they come before all others; every document they touch is taken.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from audit.simulator.clock import DAY, end_of
from audit.simulator.model import Document
from audit.simulator.numbering import name
from audit.simulator.plants.plant import Plant
from audit.simulator.plants.steps import first_send
from audit.simulator.traffic import kind_of
from audit.simulator.truth import Truth
from audit.simulator.workshop import Window, Workshop
from audit.working_time import EPOCH

JUMP = 20


def number_gap(workshop: Workshop, window: Window) -> None:
    """T4: a number is missing between two entries of a whole register: the row was taken out."""
    found = []
    for series in _series(workshop, whole=True).values():
        for before, gone, after in zip(series, series[1:], series[2:], strict=False):
            in_window = window.first <= after.registered_at // DAY < window.end
            if (
                in_window
                and not (before.marked or gone.marked or after.marked)
                and not any(pair.marked for pair in gone.pairs)
            ):
                found.append((before, gone, after))
    if not found:
        return
    before, gone, after = workshop.rng.choice(found)
    before.marked = gone.marked = after.marked = True
    workshop.remove(gone)
    workshop.truth.append(_gap(gone, gone.number or "", "", after))


def number_jump(workshop: Workshop, window: Window) -> None:
    """T4 `jump`: the counter was moved on by more than twenty."""
    jumped = {(truth.sender, truth.issued_date, truth.notation) for truth in workshop.truth if truth.extra == "jump"}
    found = []
    for key, series in _series(workshop, whole=True).items():
        for place in range(1, len(series)):
            in_window = window.first <= series[place].registered_at // DAY < window.end
            free = not any(document.marked for document in series[place - 1 :])
            if in_window and free and (key[0], str(key[1]), key[2]) not in jumped:
                found.append((series, place))
    if not found:
        return
    series, place = workshop.rng.choice(found)
    step = workshop.rng.randint(JUMP, 3 * JUMP)
    for document in series[place:]:
        document.number = str(int(document.number or 0) + step)
        name(document)
    series[place - 1].marked = series[place].marked = True
    following = str(int(series[place - 1].number or 0) + 1)
    workshop.truth.append(_gap(series[place], following, "jump", series[place]))


def _gap(model: Document, number: str, extra: str, after: Document) -> Truth:
    """A T4 finding: number, kind and year of the missing number; anchored at the issue date of the number after it."""
    return Truth(
        rule="number_gap",
        agency=model.sender,
        sender=model.sender,
        issued_date=str(_year(model)),
        number=number,
        notation=kind_of(model),
        extra=extra,
        severity="low",
        anchor=after.issued_day * DAY,
        anchored="register",
        visible_from=end_of(after.registered_at // DAY),
    )


def number_reused(workshop: Workshop, window: Window) -> None:
    """L2: a number given a second time, some days later."""
    pair = _twins(workshop, window, 1, 60)
    if pair is None:
        return
    earlier, later = pair
    later.number, later.notation = earlier.number, earlier.notation
    name(later)
    _expect_issued(workshop, "number_reused", later, "high")


def number_reused_same_day(workshop: Workshop, window: Window) -> None:
    """L2: two documents of one day, one number: the second is known by its uid, and its recipients keep that."""
    pair = _twins(workshop, window, 0, 1)
    if pair is None:
        return
    earlier, later = pair
    taken = set(earlier.recipients or ())
    kept = [
        pair
        for pair in later.pairs
        if pair.recipient in workshop.offices
        and not workshop.offices[pair.recipient].style.own_ids
        and pair.recipient not in taken
    ]
    if not kept or first_send(earlier) >= min(pair.sends[0].sent_at for pair in kept):
        return  # L2 goes by the first send, the key by the register: both must call the same one the second
    later.pairs, later.recipients = kept, [pair.recipient for pair in kept]
    later.number, later.notation = earlier.number, earlier.notation
    name(later)
    later.uid += "-B"
    _expect_issued(workshop, "number_reused", later, "high", number=f"{later.number}#{later.uid}")


def replacement(workshop: Workshop, window: Window) -> None:
    """Near L2: the same number again, sent as the replacement of the first."""
    pair = _twins(workshop, window, 1, 30)
    if pair is None:
        return
    earlier, later = pair
    if first_send(later) // DAY != later.registered_at // DAY:
        return  # until it is sent as a replacement, the number is used twice
    later.number, later.notation = earlier.number, earlier.notation
    name(later)
    for one in later.pairs:
        for send in one.sends:
            send.business_type, send.replaces, send.reason = 3, earlier.uid, "Thay thế văn bản có sai sót"
        for receipt in one.receipts:
            receipt.business_type = 3
    workshop.spare("number_reused", later, later.sender)


def duplicate_content(workshop: Workshop, window: Window) -> None:
    """L3: the same file again under another number within 30 days."""
    pair = _twins(workshop, window, 1, 31)
    if pair is not None:
        _copy_content(*pair)
        _expect_issued(workshop, "duplicate_content", pair[1], "low")


def old_content(workshop: Workshop, window: Window) -> None:
    """Near L3: the same file again, 31 days or more later."""
    pair = _twins(workshop, window, 31, 60)
    if pair is not None:
        _copy_content(*pair)
        workshop.spare("duplicate_content", pair[1], pair[1].sender)


def _copy_content(earlier: Document, later: Document) -> None:
    later.main.sha256 = earlier.main.sha256
    for pair in later.pairs:
        for receipt in pair.receipts:
            if receipt.sha256 is not None:
                receipt.sha256 = later.main.sha256


def _twins(workshop: Workshop, window: Window, least: int, below: int) -> tuple[Document, Document] | None:
    """Two free documents of one series, now taken: the later one of the window, `least` to `below` − 1 days after."""
    found = [
        (earlier, later)
        for series in _series(workshop, whole=False).values()
        for place, later in enumerate(series)
        if window.first <= later.issued_day < window.last_start and _is_free(workshop, later)
        for earlier in series[:place]
        if least <= later.issued_day - earlier.issued_day < below and _is_free(workshop, earlier)
    ]
    if not found:
        return None
    earlier, later = workshop.rng.choice(found)
    earlier.marked = later.marked = True
    return earlier, later


def _is_free(workshop: Workshop, document: Document) -> bool:
    """Sent to somebody, and not taken."""
    return bool(document.pairs) and workshop.is_untouched(document)


def _series(workshop: Workshop, *, whole: bool) -> dict[tuple[str, int, str], list[Document]]:
    """The registers' series in the order of their numbers: whole ones, or the others; of agencies with whole logs."""
    found: defaultdict[tuple[str, int, str], list[Document]] = defaultdict(list)
    for document in workshop.all_documents():
        if document.sender not in workshop.unsafe and workshop.offices[document.sender].register_whole == whole:
            found[document.sender, _year(document), kind_of(document)].append(document)
    return found


def _year(document: Document) -> int:
    return (EPOCH + timedelta(days=document.issued_day)).year


def _expect_issued(workshop: Workshop, rule: str, document: Document, severity: str, **more: object) -> None:
    """Notes a finding about a document "issued in the period"."""
    visible_from = end_of(document.registered_at // DAY)
    workshop.expect(
        rule, document, document.sender, severity, anchor=document.issued_day * DAY, visible_from=visible_from, **more
    )


PLANTS = (
    Plant(number_jump, 0.4),
    Plant(number_gap, 3),
    Plant(number_reused, 2),
    Plant(number_reused_same_day, 0.5),
    Plant(replacement, 1),
    Plant(duplicate_content, 2),
    Plant(old_content, 1),
)
