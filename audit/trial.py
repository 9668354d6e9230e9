"""Trying an agency's source: one page of each table, what was understood of it, and which rules can be judged.

Nothing is written: not the evidence, not the log. It is how an operator adds an agency.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final

import pandas as pd

from audit.conform import Conformed, Origin, PageItems, conform
from audit.errors import ConfigError, SourceError
from audit.http import HttpClient
from audit.instants import end_of
from audit.normalise import Normaliser
from audit.registry import Registry
from audit.settings import Agency, Settings
from audit.source import RawPage, Reading, Request, Source
from audit.sources import open_source
from audit.tables import COLUMNS

_NOT_ASKED: Final = frozenset(
    {"agency", "log_day", "page", "page_no", "line", "document_row", "reference", "uid_key", "axis_key", "file_key"}
    | {"has_recipients", "has_files"}
)
"""Columns that are ours, not the agency's."""
LOOK_MOST: Final = 20
"""Pages that are looked at for one with rows: a folder's first file may be of another table."""
_FLAGS: Final = {
    "reports_signatures": (
        "signer_certificate_mismatch", "unsigned", "missing_signing_party", "signing_order", "invalid_certificate",
        "broken_integrity", "missing_signature_information", "missing_timestamp", "unsigned_attachment",
    ),
    "reports_forwarding": ("late_forwarding",),
    "reports_completion": ("backlog", "urgent_backlog", "late_processing"),
    "register_whole": ("number_gap",),
}  # fmt: skip
"""Rules that need a flag of the registry (``rules.md`` section 1)."""
_OF_DOCUMENTS_SENT: Final = (
    "missing_information", "malformed_notation", "wrong_date", "wrong_competence", "unauthorised_signer",
    "missing_component", "foreign_notation", "missing_attachment", "secret_on_axis", *_FLAGS["reports_signatures"],
)  # fmt: skip
_TABLES: Final = {
    "documents": (
        "late_send", "overdue_send", "late_urgent_send", "number_gap", "number_reused", "duplicate_content",
        *_OF_DOCUMENTS_SENT,
    ),
    "sends": (
        "failed_send", "undelivered", "late_send", "overdue_send", "late_urgent_send", "duplicate_send",
        *_OF_DOCUMENTS_SENT,
    ),
    "receipts": (
        "failed_receipt", "unanswered_receipt", "late_acknowledgement", "late_forwarding", "backlog", "urgent_backlog",
        "late_processing", "unmatched_receipt", "unanswered_recall",
    ),
    "statuses": (
        "failed_send", "undelivered", "duplicate_send", "failed_receipt", "unanswered_receipt", "late_acknowledgement",
        "late_forwarding", "backlog", "urgent_backlog", "status_out_of_order", "lost_status",
        "unanswered_recall",
    ),
}  # fmt: skip
"""Rules of which an agency cannot be judged that does not keep a table (``rules.md`` section 1, *Coverage*)."""


@dataclass(frozen=True, slots=True)
class TableTrial:
    """What became of the first page of a table.

    Attributes:
        table: which.
        source: name of the agency's source; "": its first one.
        pages: the pages as received; up to the first one with rows unless all were wanted.
        problem: what stopped the asking; "" where nothing did.
        rows: rows received.
        understood: rows that the log would hold.
        rejects: how often each reason of a reject, with the field.
        told: columns with a value in at least one row, and in how many of them.
        untold: columns without any value.
        more: whether there are pages after the one that is shown.
        lacking: why what was given does not speak of the whole day; "" where it does, and where not all was fetched.
    """

    table: str
    pages: tuple[RawPage, ...]
    source: str = ""
    problem: str = ""
    rows: int = 0
    understood: int = 0
    rejects: tuple[tuple[str, int], ...] = ()
    told: tuple[tuple[str, int], ...] = ()
    untold: tuple[str, ...] = ()
    more: bool = False
    lacking: str = ""


def try_source(
    settings: Settings, registry: Registry, agency: Agency, day: date, *, all_pages: bool = False
) -> list[TableTrial]:
    """The first page of each table that each of the agency's sources keeps; failures are in what comes back.

    Args:
        settings: How to ask, and what stands for nothing.
        registry: The agencies.
        agency: Whose source.
        day: Local day to ask for.
        all_pages: Fetch the other pages too, for a recording.

    Raises:
        ConfigError: The agency has no source, or one whose settings cannot work.
    """
    if agency.source is None:
        key = f"{agency.code}.source"
        raise ConfigError.of("agencies.toml", key, "(missing)", "how to reach the agency's system")
    conform_page = _Conforming(settings, registry)
    trials: list[TableTrial] = []
    for name in agency.source_names:
        seen = agency.through(name)
        if seen.source is not None:  # always: it is one of its sources
            http = HttpClient(agency.code, seen.source, settings.audit.pull)
            most = seen.source.pages_max if all_pages else 1
            with open_source(seen, http, registry.canonical_code) as source:
                requests = [Request(agency.code, table, day, source=name) for table in seen.tables]
                trials += [_trial(source, request, conform_page, most) for request in requests]
    return trials


def untold_rules(agency: Agency, rules: Sequence[str]) -> list[str]:
    """Those of the rules that cannot be judged of the agency, in their order."""
    without = {rule for flag, named in _FLAGS.items() if not getattr(agency, flag) for rule in named}
    without |= {rule for table, named in _TABLES.items() if table not in agency.tables for rule in named}
    if agency.source is None or not agency.source.files:
        without.add("missing_component")
    return [rule for rule in rules if rule in without or rule in agency.untold_rules]


class _Conforming:
    """Turns a page's rows as the log would."""

    def __init__(self, settings: Settings, registry: Registry) -> None:
        self._registry = registry
        self._normaliser = Normaliser(settings.policy.placeholders.values)

    def __call__(self, request: Request, items: bytes) -> Conformed:
        origin = Origin(request.agency, request.day)
        return conform(request.table, [PageItems("first page", 1, items)], origin, self._registry, self._normaliser)


def _trial(source: Source, request: Request, conform_page: _Conforming, most: int) -> TableTrial:
    pages: list[RawPage] = []
    readings: list[Reading] = []
    problem = lacking = ""
    cursor: str | None = ""
    try:
        while cursor is not None and (len(pages) < most or (len(pages) < LOOK_MOST and not _any_rows(readings))):
            pages.append(source.fetch(replace(request, cursor=cursor)))
            readings.append(source.read(pages[-1]))
            cursor = readings[-1].next_cursor
        is_all = cursor is None and end_of(request.day) <= datetime.now(UTC)
        lacking = source.lacks(request) if is_all else ""
    except SourceError as error:
        problem = str(error)
    if not readings:
        return TableTrial(request.table, tuple(pages), request.source, problem=problem)
    shown = next((place for place, reading in enumerate(readings) if reading.rows), 0)
    page, reading = pages[shown], readings[shown]
    made = conform_page(request, source.items(source.access.agency, page.request, page.body))
    frame, rejects = made.frame(request.table), made.rejects.to_pylist()
    reasons = Counter(f"{row['reason']} {row['field']}".strip() for row in rejects)
    names = [column.name for column in COLUMNS[request.table] if column.name in frame and column.name not in _NOT_ASKED]
    counts = {name: int(_has_value(frame[name]).sum()) for name in names}
    return TableTrial(
        table=request.table,
        pages=tuple(pages),
        source=request.source,
        problem=problem,
        rows=reading.rows,
        understood=len(frame),
        rejects=tuple(reasons.most_common()),
        told=tuple((name, count) for name, count in counts.items() if count),
        untold=tuple(name for name, count in counts.items() if not count),
        more=reading.next_cursor is not None,
        lacking=lacking,
    )


def _any_rows(readings: Sequence[Reading]) -> bool:
    return any(reading.rows for reading in readings)


def _has_value(column: pd.Series[bool]) -> pd.Series[bool]:
    """Where a value is told; neither an empty list nor a flag that says no tells what was not assumed."""
    if column.name == "recipients":
        return column.map(len).astype("int64") > 0
    return column.astype("bool") if column.dtype == "bool" else column.notna()
