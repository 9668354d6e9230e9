"""An agency's several logs as one: what any of them tells is told, the more specific wins, contradictions are counted.

Of each thing (`audit.facts.matching`) the newest row of every source is looked at, and one row is made of them that
takes the place of the last. **More specific** is the source whose kind tells more of the table, by the settings'
``tells``, of equals the first of the settings; a value beats none, a time with its clock beats a day, an end (done,
fail) beats a state on the way to it. Where two sources tell different values, that is a contradiction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from audit.facts.agencies import AgencyIndex
from audit.facts.arrays import Ints, Mask, combine, days, hashes, instants, run_starts, text_keys, whole_numbers
from audit.facts.matching import APART_MOST, SAME_SENDING, SAME_STATUS, Candidates, same_things
from audit.facts.overlay import AS_IT_IS, OverlaidTable, patched
from audit.facts.versions import newest
from audit.log_table import LogTable
from audit.settings.tells import tells_of
from audit.tables import COLUMNS, PAGES_OF_A_SOURCE, SCHEMAS
from audit.working_time import DAY, HOUR, MINUTE, NAT

_ALL_COLUMNS: Final = 1_000
"""What a kind tells that tells everything."""
_LOCAL: Final = 7 * HOUR
_ENDS: Final = ("done", "fail")
_TOGETHER: Final[Mapping[str, tuple[str, ...]]] = {
    "document_uid": ("uid_key",),
    "axis_doc_id": ("axis_key",),
    "received_file_sha256": ("file_key",),
    "has_files": ("document_row",),
    "has_recipients": ("recipients",),
    "state": ("state_at", "error_code", "error_message"),
}
"""Columns that are told by one source together: the first decides which."""
_STATED: Final[Mapping[str, tuple[str, ...]]] = {
    "documents": (
        *("doc_type", "subject", "signer_name", "signer_position", "urgency", "secrecy", "page_count"),
        *("signed_at", "due_at"),
    ),
    "sends": ("sent_at", "state"),
    "receipts": ("arrived_at", "state", "subject", "urgency", "forwarded_at", "completed_at", "returned_at", "due_at"),
    "statuses": (),
}
"""Columns in which two sources may contradict each other."""
_SAME_TIME: Final = 2 * MINUTE


@dataclass(frozen=True, slots=True)
class Merged:
    """A table, merged.

    Attributes:
        table: Its rows.
        things: How many things several sources tell, as so many numbers.
        contradictions: Log day of every value that two sources tell differently.
    """

    table: LogTable
    things: Ints
    contradictions: Ints


def merged(table: LogTable, agencies: AgencyIndex, as_of_day: int) -> Merged:
    """The rows of a table, of which those that several sources of an agency tell are made one.

    Args:
        table: One of the wire's four tables.
        agencies: The agencies as integers.
        as_of_day: Rows of this day and later ones do not exist yet.
    """
    nothing = Merged(table, np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
    several = [index for index, agency in enumerate(agencies.registry.agencies) if agency.more_sources]
    if not several or not len(table):
        return nothing
    mine = np.isin(agencies.indexes(table["agency"]), several) & (days(table["log_day"]) < as_of_day)
    rows = np.flatnonzero(mine)
    if not len(rows) or whole_numbers(table["page_no"], 0)[rows].max() <= PAGES_OF_A_SOURCE:
        return nothing
    part = _Part(table.name, table.some(SCHEMAS[table.name].names, rows), agencies, as_of_day)
    if not len(part.things):
        return nothing
    over = np.full(len(table), AS_IT_IS, dtype=np.int64)
    over[rows[part.touched]] = np.arange(len(part.touched))
    frame, contradictions = part.merge()
    return Merged(OverlaidTable(table, over, frame), np.unique(part.things), contradictions)


class _Part:
    """The rows of the agencies with several sources.

    Attributes:
        newest: Positions of the newest row of every source and thing that several sources tell.
        things: The thing of each of them, 0….
        touched: Positions of all rows of those things, older versions too.
    """

    def __init__(self, name: str, frame: pd.DataFrame, agencies: AgencyIndex, as_of_day: int) -> None:
        self.name, self.frame = name, frame
        log = agencies.indexes(frame["agency"])
        source = (whole_numbers(frame["page_no"], 1) - 1) // PAGES_OF_A_SOURCE
        base, ident, at, more = _keys(name, frame, agencies, log)
        full = combine(base, ident, *more, source)
        kept = newest(LogTable.of(name, frame), [full], as_of_day).rows
        rank = _ranks(name, agencies)
        rank_of = np.array([rank[int(a)].get(int(s), len(rank)) for a, s in zip(log[kept], source[kept], strict=True)])
        apart = {"statuses": SAME_STATUS, "sends": SAME_SENDING}.get(name, APART_MOST)
        group = same_things(Candidates(base[kept], rank_of, ident[kept], at[kept], apart))
        size = np.bincount(group, minlength=len(kept))
        told = np.flatnonzero(size[group] > 1)
        order = told[np.lexsort((rank_of[told], group[told]))]
        self.newest: Ints = kept[order]
        self.things: Ints = np.asarray(pd.factorize(group[order])[0], dtype=np.int64)
        thing_of = pd.Series(self.things, index=full[self.newest])
        thing_of = thing_of[~thing_of.index.duplicated()]
        found = thing_of.reindex(full).to_numpy()
        self.touched: Ints = np.flatnonzero(~np.isnan(found)) if len(self.things) else np.empty(0, dtype=np.int64)
        self._thing_of_touched = found[self.touched].astype(np.int64)

    def merge(self) -> tuple[pd.DataFrame, Ints]:
        """The touched rows anew, and the log days of the contradictions."""
        made = self._made()
        last = self._last_touched()
        frame = self.frame.iloc[self.touched].reset_index(drop=True)
        keys = [name for name in ("document_uid", "uid_key", "axis_doc_id", "axis_key", "attempt") if name in frame]
        if self.name == "statuses":
            keys.append("at")
        own = {"agency", "log_day", "page", "page_no", "line"}
        from_thing = np.full(len(frame), AS_IT_IS, dtype=np.int64)
        from_thing[last] = np.arange(len(made))
        for name in frame.columns:
            if name in keys:
                frame[name] = made[name].take(self._thing_of_touched).reset_index(drop=True)
            elif name == "changed_at":
                # a row made of several says not when it changed: so it replaces what came before it
                frame[name] = frame[name].where(from_thing == AS_IT_IS)
            elif name not in own:
                frame[name] = patched(frame[name], from_thing, made[name])
        day = days(self.frame["log_day"])[self.touched][last]
        return frame, self._contradictions(made, day)

    def _made(self) -> pd.DataFrame:
        """One row a thing."""
        told = self.frame.iloc[self.newest].reset_index(drop=True)
        columns: dict[str, pd.Series] = {}
        for column in COLUMNS[self.name]:
            if column.name not in columns:
                chosen = _first(self.things, _specific(told, column.name, column.kind))
                for name in (column.name, *_TOGETHER.get(column.name, ())):
                    columns[name] = told[name].take(chosen).reset_index(drop=True)
        return pd.DataFrame(columns)

    def _last_touched(self) -> Ints:
        """Of every thing the position, among the touched rows, of its last one."""
        part = self.frame.iloc[self.touched]
        order = np.lexsort(
            (
                whole_numbers(part["line"], 0),
                whole_numbers(part["page_no"], 0),
                days(part["log_day"]),
                self._thing_of_touched,
            )
        )
        thing = self._thing_of_touched[order]
        return np.asarray(order[np.append(thing[1:] != thing[:-1], True)], dtype=np.int64)

    def _contradictions(self, made: pd.DataFrame, day: Ints) -> Ints:
        told = self.frame.iloc[self.newest]
        found = [np.empty(0, dtype=np.int64)]
        for name in _STATED[self.name]:
            differs = _differs(told[name], made[name].take(self.things))
            found.append(day[np.unique(self.things[differs])])
        return np.concatenate(found)


def _keys(name: str, frame: pd.DataFrame, agencies: AgencyIndex, log: Ints) -> tuple[Ints, Ints, Ints, list[Ints]]:
    """Base, id and time of every row, and what else is part of its key in its own source."""
    reference = hashes(frame["reference"])
    if name == "statuses":
        sides = [agencies.indexes(frame[side]) for side in ("from_org", "to_org")]
        at = instants(frame["at"])
        none = np.zeros(len(frame), dtype=np.int64)
        return combine(log, *sides, reference, text_keys(frame["status_code"])), none, at, [at]
    sender = agencies.indexes(frame["sender"])
    if name == "documents":
        return combine(log, sender, reference), hashes(frame["uid_key"]), np.full(len(frame), NAT, dtype=np.int64), []
    base = combine(
        log, sender, reference, agencies.indexes(frame["recipient"]), whole_numbers(frame["business_type"], 0)
    )
    at = instants(frame["sent_at" if name == "sends" else "arrived_at"])
    attempt = [whole_numbers(frame["attempt"], -1)] if name == "sends" else []
    return base, hashes(frame["axis_key"]), at, attempt


def _ranks(table: str, agencies: AgencyIndex) -> list[dict[int, int]]:
    """For each agency the rank of each of its sources: 0 tells most of the table."""
    found = []
    for agency in agencies.registry.agencies:
        breadth = []
        for place, name in enumerate(agency.source_names):
            seen = agency.through(name).source
            told = None if seen is None else tells_of(seen.kind, seen.direction).columns
            breadth.append((-(_ALL_COLUMNS if told is None else len(told.get(table, ()))), place))  # type: ignore[call-overload]
        found.append({place: rank for rank, (_, place) in enumerate(sorted(breadth))})
    return found


def _specific(told: pd.DataFrame, name: str, kind: str) -> Ints:
    """How specific each row's value is: 0 is none."""
    column = told[name]
    if name in ("has_files", "has_recipients"):
        return np.asarray(column.to_numpy(dtype=bool), dtype=np.int64)
    if kind == "hash":
        return np.asarray(hashes(column) != 0, dtype=np.int64)
    present = column.notna().to_numpy().astype(np.int64)
    if kind in ("instant", "deadline"):
        present += present.astype(bool) & _has_clock(instants(column))
    elif name == "state":
        present += column.isin(_ENDS).to_numpy()
    return np.asarray(present, dtype=np.int64)


def _has_clock(at: Ints) -> Mask:
    return np.asarray((at != NAT) & ((at + _LOCAL) % DAY != 0), dtype=bool)


def _first(things: Ints, specific: Ints) -> Ints:
    """Of every thing the position of its most specific row, the first of equals: rows stand by thing and rank."""
    order = np.lexsort((-specific, things))
    thing = things[order]
    return np.asarray(order[run_starts(thing)], dtype=np.int64)


def _differs(column: pd.Series, chosen: pd.Series) -> Mask:
    """Where a value is told, and is another one than the chosen."""
    told = column.notna().to_numpy() & chosen.notna().to_numpy()
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        own, other = instants(column), instants(chosen)
        clocks = _has_clock(own) & _has_clock(other)
        return np.asarray(told & clocks & (np.abs(own - other) > _SAME_TIME), dtype=bool)
    if column.name == "state":
        told &= column.isin(_ENDS).to_numpy() & chosen.isin(_ENDS).to_numpy()
    return np.asarray(told & (_folded(column) != _folded(chosen)), dtype=bool)


def _folded(column: pd.Series) -> np.ndarray:
    """The texts without case and odd white space; what is missing is no text."""
    places, values = pd.factorize(column)
    texts = np.array([*(" ".join(str(value).casefold().split()) for value in values), ""], dtype=object)
    return np.asarray(texts[places])
