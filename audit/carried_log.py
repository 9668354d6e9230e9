"""The log as it is carried on from night to night: of days long past only the rows that may still matter.

A folder a line (a local day): of every table one file with what periods from that day on need of the days before it,
and what it was made from. `CarriedLog` is a log like any other: that file, and all days from the line on. It is made
from the one before it and the days between, so that a night costs what it brought. What stands in it follows from the
log alone; it may be deleted at any time.

A file that was made from another log, by other settings or another version is never used: whoever pulls an old day
again gets everything judged from the beginning once. A row that comes late for something that was closed brings all
its rows back.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from audit.closing import SIDES, TRAFFIC, Closed, Line, Wanted, find_closed, pair_keys
from audit.facts.arrays import Ints, KeySet, Mask, any_of, days, hashes, latest
from audit.log import Log
from audit.registry import Registry
from audit.settings.policy import Limits
from audit.tables import LOG_TABLES, to_frame
from audit.working_time import WorkingCalendar, date_of, day_number

STEP_DAYS: Final = 14
"""Days that are taken up at once where there is nothing to carry on from: bounds the memory."""
KEPT_MOST: Final = 2

_MADE_FROM: Final = "made-from.json"
_LEFT: Final = "left.npz"
_FOLDERS: Final = "????-??-??-*"
_OF_DOCUMENTS: Final = ("files", "signatures")
_DAY: Final = timedelta(days=1)
_NOTHING: Final = np.empty(0, dtype=np.int64)

Tables: TypeAlias = Mapping[str, pa.Table]


class CarriedLog(Log):
    """A log of which the days before a line are one day, the one before it, with fewer rows."""

    def __init__(self, log: Log, folder: Path, line: date) -> None:
        super().__init__(log.root)
        self._log, self._carried, self._line = log, Log(folder), line

    def path(self, table: str, day: date) -> Path:
        """As `Log.path`."""
        return (self._log if day >= self._line else self._carried).path(table, day)

    def days(self) -> list[date]:
        """As `Log.days`."""
        return [self._line - _DAY, *(day for day in self._log.days() if day >= self._line)]


@dataclass(frozen=True, slots=True)
class Judging:
    """What decides what is closed."""

    registry: Registry
    calendar: WorkingCalendar
    limits: Limits
    basis: str
    """Digest of the settings and of this version."""


@dataclass(frozen=True)
class _State:
    """A folder: what is carried to the line, and what it left behind.

    Attributes:
        folder, line: where, and to which day.
        days: the days before the line that it was made from, with the digest of each.
        looked_at: days from the line on in which nothing speaks of what is closed, with their digests.
    """

    folder: Path
    line: date
    basis: str
    days: Mapping[str, str]
    looked_at: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> _State | None:
        try:
            told = json.loads((folder / _MADE_FROM).read_text(encoding="utf-8"))
            return cls(folder, date.fromisoformat(told["line"]), told["basis"], told["days"], told["looked_at"])
        except (OSError, ValueError, KeyError):
            return None

    def write(self) -> None:
        told = {"line": self.line.isoformat(), "basis": self.basis, "days": self.days, "looked_at": self.looked_at}
        beside = self.folder / f".{_MADE_FROM}.new"
        beside.write_text(json.dumps(told), encoding="utf-8")
        beside.replace(self.folder / _MADE_FROM)

    @property
    def made_at(self) -> int:
        """What came back stands in the later one of two of the same line."""
        return (self.folder / _LEFT).stat().st_mtime_ns

    @cached_property
    def left(self) -> _Left:
        """What is not carried."""
        return _Left.read(self.folder)


@dataclass(frozen=True, slots=True)
class _Left:
    """What was left behind: documents, whether wholly, and the days from first to last that have rows of them.

    `pairs` are the pairs that were left of documents not left wholly, `of_pairs` those documents.
    """

    references: Ints
    is_whole: Mask
    first_day: Ints
    last_day: Ints
    pairs: Ints
    of_pairs: Ints

    @classmethod
    def nothing(cls) -> _Left:
        return cls(_NOTHING, _NOTHING.astype(bool), _NOTHING, _NOTHING, _NOTHING, _NOTHING)

    @classmethod
    def read(cls, folder: Path) -> _Left:
        with np.load(folder / _LEFT) as stored:
            return cls(**{name: stored[name] for name in cls.__slots__})

    def write(self, folder: Path) -> None:
        np.savez(folder / _LEFT, **{name: getattr(self, name) for name in self.__slots__})

    def of(self, wanted: Wanted) -> list[Ints]:
        """The documents among them of which something is wanted that was left."""
        wholly = self.references[self.is_whole]
        return [
            self.references[KeySet(wanted.references).holds(self.references)],
            wholly[KeySet(wanted.first_rows_of).holds(wholly)],
            self.of_pairs[KeySet(wanted.pairs).holds(self.pairs)],
        ]

    def days_of(self, references: Ints) -> list[date]:
        """The days on which these documents may have rows."""
        at = np.flatnonzero(KeySet(references).holds(self.references))
        spans = [np.arange(self.first_day[row], self.last_day[row] + 1) for row in at]
        return [date_of(day) for day in np.unique(np.concatenate([_NOTHING, *spans])).tolist()]

    def without(self, references: Ints) -> _Left:
        """What stays behind when these documents come back."""
        kept = ~KeySet(references).holds(self.references)
        pairs = ~KeySet(references).holds(self.of_pairs)
        return _Left(
            references=self.references[kept],
            is_whole=self.is_whole[kept],
            first_day=self.first_day[kept],
            last_day=self.last_day[kept],
            pairs=self.pairs[pairs],
            of_pairs=self.of_pairs[pairs],
        )

    def and_closed(self, closed: Closed, first_day: Ints, last_day: Ints, references: Ints) -> _Left:
        """With what was closed now, and the days of `references`, which hold all that was."""
        whole = KeySet(closed.references)
        stays = ~whole.holds(self.of_pairs)
        new = np.flatnonzero(KeySet(np.concatenate([closed.references, closed.of_pairs])).holds(references))
        of, found = pd.factorize(np.concatenate([self.references, references[new]]))
        first, last = np.full(len(found), np.iinfo(np.int64).max), np.full(len(found), np.iinfo(np.int64).min)
        np.minimum.at(first, of, np.concatenate([self.first_day, first_day[new]]))
        np.maximum.at(last, of, np.concatenate([self.last_day, last_day[new]]))
        is_whole = any_of(len(found), of[: len(self.references)][self.is_whole]) | whole.holds(found)
        pairs = np.concatenate([self.pairs[stays], closed.pairs])
        return _Left(found, is_whole, first, last, pairs, np.concatenate([self.of_pairs[stays], closed.of_pairs]))


class CarriedLogs:
    """What is carried on of one log, under one folder; the folder need not exist."""

    def __init__(self, root: Path, log: Log, judging: Judging) -> None:
        self.root: Final = root
        self._log, self._judging = log, judging

    def to(self, start: date, wanted: Wanted | None = None) -> Log:
        """The log as periods need it that begin on `start` or later: carried, where that is at hand, else all of it.

        Args:
            start: local day.
            wanted: what must be in it though it is closed.
        """
        state = self._newest(start)
        if state is None or len(self._come_back(state, wanted or Wanted.nothing())[0]):
            return self._log
        return CarriedLog(self._log, state.folder, state.line)

    def carry_on(self, start: date, wanted: Wanted, every: int = 7) -> None:
        """Carry the log on to `start`, at most every so many days; and take back what turned out not to be closed.

        Args:
            start: no period that begins earlier will need what is carried.
            wanted: what must stay though it is closed. It is looked at only when something is carried on.
            every: days.
        """
        known = self._log.days()
        if not known or start - known[0] < timedelta(days=every):
            return
        state = self._newest(start)
        line = known[0] if state is None else state.line
        if state is not None and start - line < timedelta(days=every):
            back, looked_at = self._come_back(state, wanted)
            if not len(back):
                if looked_at != state.looked_at:
                    _State(state.folder, state.line, state.basis, state.days, looked_at).write()
                return
            start = line
        while True:
            line = min(start, line + timedelta(days=STEP_DAYS))
            state = self._carried(state, line, wanted)
            if line == start:
                break
        self._prune()

    def _newest(self, start: date) -> _State | None:
        """What is carried farthest, but not beyond `start`, of those made from the log as it is."""
        found = [state for folder in self.root.glob(_FOLDERS) if (state := _State.read(folder))]
        for state in sorted(found, key=lambda state: (state.line, state.made_at), reverse=True):
            if (
                state.line <= start
                and state.basis == self._judging.basis
                and state.days == self._digests(None, state.line)
            ):
                return state
        return None

    def _digests(self, first: date | None, end: date | None) -> dict[str, str]:
        """What each day's files look like from outside."""
        return {
            day.isoformat(): _looks(self._log, day)
            for day in self._log.days()
            if (first is None or day >= first) and (end is None or day < end)
        }

    def _come_back(self, state: _State, wanted: Wanted) -> tuple[Ints, dict[str, str]]:
        """Documents left behind that are wanted, or of which a day from the line on speaks; the days looked at."""
        digests = self._digests(state.line, None)
        news = [day for day, digest in digests.items() if state.looked_at.get(day) != digest]
        found = [self._spoken_of(state.left, date.fromisoformat(day)) for day in news]
        found += state.left.of(wanted)
        return np.unique(np.concatenate([_NOTHING, *found])), digests

    def _spoken_of(self, left: _Left, day: date) -> Ints:
        """The documents left behind of which a day speaks: of all their rows, or of a pair that was left."""
        anything, wholly = KeySet(left.references), KeySet(left.references[left.is_whole])
        parted, pairs = KeySet(left.of_pairs), KeySet(left.pairs)
        references = hashes(self._log.read("documents", [day], ["reference"])["reference"])
        found = [references[anything.holds(references)]]
        for table in TRAFFIC:
            references = hashes(self._log.read(table, [day], ["reference"])["reference"])
            found.append(references[wholly.holds(references)])
            if parted.holds(references).any():
                frame = self._log.read(table, [day], ["reference", *SIDES[table]])
                found.append(references[pairs.holds(pair_keys(frame, table))])
        return np.concatenate(found)

    def _carried(self, before: _State | None, to: date, wanted: Wanted) -> _State:
        """What is carried to `to` from what was carried before, and the days between."""
        judging = self._judging
        self.root.mkdir(parents=True, exist_ok=True)
        back = _NOTHING if before is None else self._come_back(before, wanted)[0]
        with tempfile.TemporaryDirectory(prefix=".new-", dir=self.root) as made:
            everything, folder, last = Log(Path(made) / "all"), Path(made) / "carried", to - _DAY
            _write(everything, last, self._pieces(before, to, back))
            spoken_of = self._references([day for day in self._log.days() if day >= to])
            kept = replace(wanted, references=np.concatenate([wanted.references, spoken_of]))
            line = Line.of(judging.calendar, judging.limits, to)
            closed = find_closed(everything, line, judging.registry, kept)
            _write(Log(folder), last, _without(everything, last, closed, _register_from(judging, wanted, to)))
            left = _Left.nothing() if before is None else before.left.without(back)
            left.and_closed(closed, *_spans(everything)).write(folder)
            state = _State(folder, to, judging.basis, self._digests(None, to), self._digests(to, None))
            state.write()
            name = hashlib.sha256((folder / _MADE_FROM).read_bytes() + (folder / _LEFT).read_bytes()).hexdigest()
            place = self.root / f"{to.isoformat()}-{name[:12]}"
            shutil.rmtree(place, ignore_errors=True)
            folder.rename(place)
        return replace(state, folder=place)

    def _pieces(self, before: _State | None, to: date, back: Ints) -> Iterator[Tables]:
        """Rows carried so far, those that come back, and the days up to `to`."""
        line = date.min
        if before is not None:
            line = before.line
            yield from _of_documents(Log(before.folder), line - _DAY, back, wanted=False)
            for day in before.left.days_of(back):
                yield from _of_documents(self._log, day, back, wanted=True)
        for day in self._log.days():
            if line <= day < to:
                yield from ({table: self._log.read_table(table, [day])} for table in LOG_TABLES)

    def _references(self, of_days: Sequence[date]) -> Ints:
        found = [self._log.read(table, of_days, ["reference"])["reference"] for table in ("documents", *TRAFFIC)]
        return np.unique(np.concatenate([hashes(column) for column in found]))

    def _prune(self) -> None:
        folders = sorted(self.root.glob(_FOLDERS), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for folder in folders[KEPT_MOST:]:
            shutil.rmtree(folder, ignore_errors=True)


def _write(log: Log, day: date, pieces: Iterable[Tables]) -> None:
    with log.writing(day, LOG_TABLES) as writer:
        for piece in pieces:
            writer.add(piece)


def _of_documents(log: Log, day: date, references: Ints, *, wanted: bool) -> Iterator[Tables]:
    """The rows of a day that speak of these documents, or (`wanted` false) of any other."""
    these = KeySet(references)
    documents = log.read_table("documents", [day])
    chosen = these.holds(_ints(documents, "reference")) == wanted
    yield {"documents": documents.filter(pa.array(chosen))}
    yield from _of_register(log, day, {table: _ints(documents, "document_row")[chosen] for table in _OF_DOCUMENTS})
    for table in TRAFFIC:
        rows = log.read_table(table, [day])
        yield {table: rows.filter(pa.array(these.holds(_ints(rows, "reference")) == wanted))}


def _without(log: Log, day: date, closed: Closed, register_from: int) -> Iterator[Tables]:
    """The rows that are not closed, and of the registers all from a day on."""
    whole, pairs = KeySet(closed.references), KeySet(closed.pairs)
    documents = log.read_table("documents", [day])
    is_open = ~whole.holds(_ints(documents, "reference"))
    told = to_frame(documents.select(["log_day", "issued_date"]))
    kept = is_open | (np.maximum(days(told["issued_date"]), days(told["log_day"])) >= register_from)
    row = _ints(documents, "document_row")
    yield {"documents": documents.filter(pa.array(kept))}
    yield from _of_register(log, day, {"files": row[kept], "signatures": row[is_open]})
    for table in TRAFFIC:
        rows = log.read_table(table, [day])
        keys = pair_keys(to_frame(rows.select(["reference", *SIDES[table]])), table)
        gone = whole.holds(_ints(rows, "reference")) | pairs.holds(keys)
        yield {table: rows.filter(pa.array(~gone))}


def _of_register(log: Log, day: date, of_rows: Mapping[str, Ints]) -> Iterator[Tables]:
    """Files and signatures of some rows of the register."""
    for table, documents in of_rows.items():
        rows = log.read_table(table, [day])
        yield {table: rows.filter(pa.array(np.isin(_ints(rows, "document_row"), documents)))}


def _register_from(judging: Judging, wanted: Wanted, line: date) -> int:
    """The first day of which registers stay: numbers are compared within a year, files within some days."""
    first = day_number(line) - judging.limits.duplicate_content_days
    if wanted.register_from is not None:
        first = min(first, wanted.register_from)
    return day_number(min(date_of(first), line).replace(month=1, day=1))


def _spans(log: Log) -> tuple[Ints, Ints, Ints]:
    """First and last log day of every document, and the documents."""
    parts = [log.read(table, None, ["reference", "log_day"]) for table in ("documents", *TRAFFIC)]
    of, found = pd.factorize(np.concatenate([hashes(part["reference"]) for part in parts]))
    day = np.concatenate([days(part["log_day"]) for part in parts])
    return -latest(len(found), of, -day), latest(len(found), of, day), np.asarray(found)


def _ints(rows: pa.Table, column: str) -> Ints:
    return np.asarray(rows.column(column).to_numpy(), dtype=np.int64)


def _looks(log: Log, day: date) -> str:
    """What the files of a day look like from outside: changes whenever one of them is written."""
    lines = []
    for table in LOG_TABLES:
        path = log.path(table, day)
        status = path.stat() if path.exists() else None
        lines.append(f"{table} {status and (status.st_size, status.st_mtime_ns)}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
