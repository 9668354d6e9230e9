"""The plain log, narrowed to what each agency's dialect can tell: what a run over the dialects must find, it must find
in this.

What a dialect can tell is not said here but in `audit.settings.tells`, by which the audit itself is bound. Here stands
only how the simulated systems differ beyond that: the axis knows of a document when it is sent, a folder of messages
has none that failed, and this province's clerks note days without a clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from audit.settings.tells import TELLS
from audit.simulator.dialects.assignment import Dialect
from audit.simulator.dialects.mailbox import EVER, RECALL, sendings
from audit.simulator.province import TABLES, Province, Table
from audit.simulator.rendering import Row

_DAYS_ONLY: Final = ("arrived_at", "signed_at", "forwarded_at", "completed_at")


def narrowed_logs(province: Province, dialects: Mapping[str, Dialect]) -> Iterator[tuple[str, date, Table, list[Row]]]:
    """Agency, day, table and rows; of a log service that is down, nothing."""
    down = {(failure.agency, failure.day) for failure in province.failures if failure.kind == "down"}
    for day in province.days():
        for agency, dialect in dialects.items():
            if (agency, day) not in down:
                for table in TABLES:
                    if table in TELLS[dialect].tables:
                        yield agency, day, table, _rows(province, agency, day, table, dialect)


def _rows(province: Province, agency: str, day: date, table: Table, dialect: Dialect) -> list[Row]:
    if dialect == "log_api":
        return province.rows(agency, day, table)
    if dialect in ("vxp", "edxml") and table == "documents":
        rows = _documents_sent(province, agency, day, names_all=dialect == "vxp")
    elif dialect == "lgsp" and table == "statuses":
        rows = _statuses_received(province, agency, day)
    else:
        rows = [row for row in province.rows(agency, day, table) if not row.get("deleted")]
    if dialect in ("edxml", "register_file") and table == "receipts":
        rows = [row for row in rows if row.get("state") != "fail"]
    found = [TELLS[dialect].narrowed(table, row) for row in rows]
    if dialect == "register_file":
        found = [{name: value for name, value in row.items() if name not in _DAYS_ONLY} for row in found]
    return found


def _documents_sent(province: Province, agency: str, day: date, *, names_all: bool) -> list[Row]:
    """The documents of the day's messages as they became: a row each, or a row a message with those whom it names."""
    writer, rows = province.writer(agency), []
    for group in sendings(province, agency, day):
        document, send = group[0][0].document, group[0][1]
        if send.business_type != RECALL:
            row = writer.document(document, EVER)
            rows.append(row if names_all else row | {"recipients": [writer.code(pair.recipient) for pair, _ in group]})
    return rows


def _statuses_received(province: Province, agency: str, day: date) -> list[Row]:
    """The status messages that others issued."""
    rows = province.rows(agency, day, "statuses")
    entries = province.entries(agency, day, "statuses")
    return [
        row
        for (pair, status, _), row in zip(entries, rows, strict=True)
        if (pair.recipient if status.from_recipient else pair.document.sender) != agency
    ]
