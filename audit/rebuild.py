"""Evidence → log: a day conformed from the pages that count for it; the same evidence always gives the same bytes.

A day is made again only when something it was made from has changed: its pages, the registry's codes, the placeholders,
or this version's columns. What it was made from stands in ``<log>/conformed/<day>.json``, written after everything
else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from audit.conform import Origin, PageItems, conform_by
from audit.errors import DataError
from audit.evidence import Counted, DayEvidence, Evidence, PageRecord
from audit.json_values import values_most
from audit.log import Log
from audit.normal_forms import NormalForms
from audit.normalise import Normaliser
from audit.progress import Progress
from audit.registry import Registry
from audit.settings import Settings
from audit.source import Request
from audit.sources import source_class
from audit.streamed import cores, streamed
from audit.tables import SCHEMAS, WIRE_TABLES, pages_before

CONFORM_VERSION: Final = 1
"""Raise it when the same rows of the wire become other rows of the log."""
BATCH_PAGES: Final = 64
"""Pages that are made at once, of all tables; what is in memory does not depend on the size of the day."""
BATCH_BYTES: Final = 32 * 1024 * 1024
"""Rows of one table that are made at once, but for the last of their pages."""
VALUE_BYTES: Final = 16
"""What a value of a row takes at least, however short it is written: many shorter ones take more memory than bytes."""
WORKERS_FROM_ROWS: Final = 20_000
"""Fewer rows are made here before a worker would have begun."""
WORKERS_MOST: Final = 4


class _Page(NamedTuple):
    """A page, and what it counts for."""

    counted: Counted
    record: PageRecord


@dataclass(frozen=True)
class ConformReport:
    """What became of a day's pages."""

    day: date
    rows: int
    """Rows received: those in the log and the rejects."""
    rejects: int
    was_made: bool
    """False: the log already was what the evidence gives."""


class Conformer:
    """Makes days of the log from the evidence.

    Args:
        settings: Placeholders, and the digest of what conforming depends on.
        registry: Canonical codes.
        evidence: The pages.
        log: Where the rows go.
        provisional: Take the pages of running days instead of those that count. `log` must then be one of its own,
            which nothing but alerts reads.
    """

    def __init__(
        self, settings: Settings, registry: Registry, evidence: Evidence, log: Log, *, provisional: bool = False
    ) -> None:
        self._registry = registry
        self._forms = NormalForms(registry, Normaliser(settings.policy.placeholders.values))
        self._workers = settings.audit.conform.workers or min(cores(), WORKERS_MOST)
        self._basis = {
            "version": CONFORM_VERSION,
            "settings": settings.conform_digest,
            "schemas": hashlib.sha256("\n".join(str(SCHEMAS[table]) for table in sorted(SCHEMAS)).encode()).hexdigest(),
        }
        self._evidence = evidence
        self._log = log
        self._provisional = provisional

    def conform_day(self, day: date, *, force: bool = False) -> ConformReport:
        """Makes one day of the log. A day without evidence is left alone, as a day of no rows.

        Args:
            day: The local day.
            force: Make it even if nothing has changed.

        Raises:
            DataError: A page is missing, damaged or of a kind that this version cannot read.
        """
        told = self._evidence.told(day)
        if told is None:
            return ConformReport(day, 0, 0, was_made=False)
        counted = self._evidence.day(day).provisional() if self._provisional else told.counted
        made_of = self._digest(counted, told.page_hashes)
        marker = self._log.root / "conformed" / f"{day.isoformat()}.json"
        is_there = all(self._log.path(table, day).exists() for table in SCHEMAS)
        if not force and is_there and (known := _read_marker(marker)) and known["made_of"] == made_of:
            return ConformReport(day, int(known["rows"]), int(known["rejects"]), was_made=False)
        marker.unlink(missing_ok=True)
        evidence = self._evidence.day(day)
        rows = sum(one.rows for one in counted)
        rejects = 0
        with self._log.writing(day) as writer:
            batches = list(_batches(evidence, counted))
            workers = self._workers if rows >= WORKERS_FROM_ROWS else 1
            for tables in streamed(partial(self._conform, evidence), batches, min(workers, len(batches))):
                writer.add(tables)
                rejects += tables["rejects"].num_rows
        marker.parent.mkdir(parents=True, exist_ok=True)
        beside = marker.with_suffix(".new")
        noted = {"made_of": made_of, "rows": rows, "rejects": rejects, "files": self._log.digests(day)}
        beside.write_text(json.dumps(noted) + "\n", encoding="utf-8")
        beside.replace(marker)
        return ConformReport(day, rows, rejects, was_made=True)

    def conform(self, days: Iterable[date]) -> list[ConformReport]:
        """Makes the given days where something has changed."""
        return [self.conform_day(day) for day in sorted(set(days))]

    def rebuild(self, days: Iterable[date] | None = None, progress: Progress | None = None) -> list[ConformReport]:
        """Makes days again from the evidence alone, whatever is there; None: all days of which there is evidence."""
        reports = []
        for day in sorted(set(self._evidence.days() if days is None else days)):
            reports.append(self.conform_day(day, force=True))
            if progress is not None:
                progress.advance(1, day.isoformat())
        return reports

    def faults(self, day: date) -> list[str]:
        """Where a day of the log is not what was made of the evidence, a sentence each.

        Raises:
            DataError: The evidence is damaged.
        """
        evidence = self._evidence.existing(day)
        known = _read_marker(self._log.root / "conformed" / f"{day.isoformat()}.json")
        if known is None:
            return [] if evidence is None else [f"{day}: the log was not conformed"]
        noted = known.get("files")
        if noted is not None and noted != self._log.digests(day):
            changed = sorted(name for name, sha256 in self._log.digests(day).items() if noted.get(name) != sha256)
            return [f"{day}: {name} of the log is not the file that was written" for name in changed]
        if evidence is not None and known["made_of"] != self._digest(evidence.counted(), evidence.page_hashes()):
            return [f"{day}: the log is not made of this evidence and these settings: run rebuild"]
        return []

    def _conform(self, evidence: DayEvidence, batch: Sequence[_Page]) -> dict[str, pa.Table]:
        """The tables of a batch of pages; rows and rejects by agency, rejects then by table."""
        made: dict[str, list[pa.Table]] = {}
        rejects: list[pa.Table] = []
        with evidence.held():
            for table in sorted(WIRE_TABLES):
                pages = [page for page in batch if page.counted.table == table]
                for part in self._parts(evidence, pages):
                    result = conform_by(self._forms, table, part)
                    for name, rows in result.tables.items():
                        made.setdefault(name, []).append(rows)
                    rejects.append(result.rejects)
        return {name: pa.concat_tables(rows) for name, rows in made.items()} | {"rejects": _in_order(rejects)}

    def _parts(self, evidence: DayEvidence, pages: Sequence[_Page]) -> Iterator[list[tuple[Origin, PageItems]]]:
        """The pages' rows, so many pages at once as are not too large."""
        part: list[tuple[Origin, PageItems]] = []
        size = 0
        for page in pages:
            items = self._items(evidence, page)
            part.append((Origin(page.counted.agency, evidence.day), items))
            size += max(len(items.items), VALUE_BYTES * values_most(items.items))
            if size >= BATCH_BYTES:
                yield part
                part, size = [], 0
        if part:
            yield part

    def _items(self, evidence: DayEvidence, page: _Page) -> PageItems:
        counted, record = page
        agency = self._registry.agency(counted.agency)
        request = Request(counted.agency, counted.table, evidence.day, record.cursor, source=counted.source)
        body = evidence.body(record.sha256)
        try:
            items = source_class(counted.kind).items(agency.through(counted.source), request, body)
        except ValueError as error:
            raise DataError(evidence.path.name, f"page {record.sha256} is none of {counted.kind}") from error
        page_no = pages_before(agency.source_names, counted.source) + record.page_no
        return PageItems(record.sha256, page_no, items)

    def _digest(self, counted: list[Counted], hashes: Mapping[int, list[str]]) -> str:
        pages = [
            [one.agency, one.table, one.kind, hashes[one.series], *([one.source] if one.source else [])]
            for one in counted
        ]
        return hashlib.sha256(json.dumps([self._basis, pages], sort_keys=True).encode()).hexdigest()


def _batches(evidence: DayEvidence, counted: Sequence[Counted]) -> Iterator[list[_Page]]:
    """The pages that count, in their order, so many at a time as are made at once; the same pages in every run."""
    batch: list[_Page] = []
    with evidence.held():
        for one in counted:
            for page in evidence.pages(one.series):
                batch.append(_Page(one, page))
                if len(batch) == BATCH_PAGES:
                    yield batch
                    batch = []
    if batch:
        yield batch


def _in_order(rejects: Sequence[pa.Table]) -> pa.Table:
    """The rejects by agency, and then as they are."""
    joined = pa.concat_tables([SCHEMAS["rejects"].empty_table(), *rejects])
    order = np.argsort(joined.column("agency").cast(pa.string()).to_numpy(), kind="stable")
    return joined.take(pa.array(order))


def _read_marker(path: Path) -> dict[str, Any] | None:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return known if isinstance(known, dict) and {"made_of", "rows", "rejects"} <= known.keys() else None
