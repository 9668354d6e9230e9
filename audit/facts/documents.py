"""What is known of every document: its entry in the register, the day it counts from, its urgency, its first send."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.facts.arrays import Ints, Mask, days, earliest, instants, is_one_of, text_keys
from audit.facts.identity import Identity
from audit.facts.pairs import CHAIN_KINDS
from audit.facts.rows import Registrations, Sends
from audit.tables import texts_in
from audit.working_time import NAT, NO_DAY, WorkingCalendar

URGENCY_UNKNOWN, NOT_URGENT, KHAN, THUONG_KHAN, HOA_TOC = -1, 0, 1, 2, 3
"""Levels of NĐ 30/2020, Phụ lục I, III.2.b. Unknown or unreadable urgency is judged as not urgent, and counted."""
URGENCY_LEVELS = {"thuong": NOT_URGENT, "khan": KHAN, "thuong_khan": THUONG_KHAN, "hoa_toc": HOA_TOC}
URGENT_NAMES = ("khan", "thuong_khan", "hoa_toc")


def urgency_levels(column: pd.Series) -> Ints:
    """The level of every text, URGENCY_UNKNOWN where it is missing or not one of the four."""
    codes, words = pd.factorize(column)
    levels = [URGENCY_LEVELS.get(str(word).strip().casefold(), URGENCY_UNKNOWN) for word in words]
    return np.array([*levels, URGENCY_UNKNOWN], dtype=np.int64)[codes]


def folded(column: pd.Series) -> npt.NDArray[np.object_]:
    """Texts compared without case and with white space folded; None where missing."""
    codes, words = pd.factorize(column)
    return np.array([*(" ".join(str(word).casefold().split()) for word in words), None], dtype=object)[codes]


def main_files(registrations: Registrations, files: pd.DataFrame) -> pd.DataFrame:
    """The files of the registered entries: `entry`, `is_main`, `row` (position in `files`).

    The main file is the first with the role main, or the only file of the entry. A file without a role, or with one
    that nobody knows, is not main beside others.
    """
    rows = pd.Index(registrations.frame["document_row"]).get_indexer(files["document_row"])
    mine = np.flatnonzero(rows >= 0)
    frame = pd.DataFrame({"entry": rows[mine], "row": mine, "file_no": files["file_no"].to_numpy()[mine]})
    frame = frame.sort_values(["entry", "file_no"], ignore_index=True)
    role = files["role"].astype("str").str.casefold().eq("main").to_numpy(dtype=bool)[frame["row"]]
    first_main = role & ~pd.Series(frame["entry"].where(role)).duplicated().to_numpy()
    alone = ~frame["entry"].duplicated(keep=False).to_numpy()
    frame["is_main"] = first_main | alone
    return frame


@dataclass(frozen=True, slots=True)
class AllDocuments:
    """Every document.

    Attributes:
        sender: index of the agency. entry: row of the register, -1 = none.
        issued_day: NO_DAY = unknown. signed_at: NAT = unknown.
        counted_day: local day of the signature, else the issue date (D of rules.md, group G).
        urgency: a level. first_sent_at: NEVER = not sent. has_recipients: the register names some.
    """

    sender: Ints
    entry: Ints
    issued_day: Ints
    signed_at: Ints
    counted_day: Ints
    urgency: Ints
    first_sent_at: Ints
    has_recipients: Mask

    def __len__(self) -> int:
        return len(self.sender)


def documents_of(
    identity: Identity, registrations: Registrations, sends: Sends, calendar: WorkingCalendar
) -> AllDocuments:
    """What register and sends tell of the documents that `identity` numbers."""
    entry = identity.entry
    registered = entry >= 0
    at = np.where(registered, entry, 0)

    def of_entry(values: Ints, missing: int) -> Ints:
        return (
            np.where(registered, values[at], missing) if len(values) else np.full(len(entry), missing, dtype=np.int64)
        )

    frame = registrations.frame
    chain = is_one_of(sends.kind, CHAIN_KINDS)
    issued_day = of_entry(days(frame["issued_date"]), NO_DAY)
    signed_at = of_entry(instants(frame["signed_at"]), NAT)
    signed_day = np.where(signed_at == NAT, NO_DAY, calendar.day_of(signed_at))
    return AllDocuments(
        sender=identity.sender,
        entry=entry,
        issued_day=issued_day,
        signed_at=signed_at,
        counted_day=np.where(signed_day == NO_DAY, issued_day, signed_day),
        urgency=of_entry(urgency_levels(frame["urgency"]), URGENCY_UNKNOWN),
        first_sent_at=earliest(identity.size, identity.of_sends[chain], sends.sent_at[chain]),
        has_recipients=of_entry(frame["has_recipients"].to_numpy(dtype=np.int64), 0) == 1,
    )


def register_content(registrations: Registrations, files: pd.DataFrame) -> npt.NDArray[np.object_]:
    """(folded subject, hash of the main file) of every entry, None where missing."""
    main = main_files(registrations, files)
    main = main[main["is_main"]]
    size = len(registrations.frame)
    hashes = np.full(size, None, dtype=object)
    sha256 = files["sha256"].astype(object).to_numpy()[main["row"]]
    told = pd.notna(sha256)
    hashes[main["entry"].to_numpy()[told]] = sha256[told]
    content = np.empty(size, dtype=object)
    content[:] = list(zip(folded(registrations.frame["subject"]), hashes, strict=True))
    return content


def text_of(column: pd.Series, rows: Ints) -> npt.NDArray[np.object_]:
    """The texts of some rows; None where the row is -1 or the text missing."""
    texts = np.full(len(rows), None, dtype=object)
    told = rows >= 0
    texts[told] = texts_of(column.iloc[rows[told]])
    return texts


def texts_of(column: pd.Series) -> npt.NDArray[np.object_]:
    """All texts of a column; None where missing."""
    return texts_in(column.array)


def same_text_keys(column: pd.Series) -> Ints:
    """Hashes of folded texts: equal where two texts are the same but for case and white space; 0 = missing."""
    return text_keys(pd.Series(folded(column), dtype="str"))
