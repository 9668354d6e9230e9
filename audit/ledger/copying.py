"""A ledger copied row by row: from a server into a file for a backup, and from the file into an empty database."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa

from audit.errors import DataError
from audit.ledger.database import database_errors, open_database, sqlite_url
from audit.ledger.schema import metadata

ROWS_AT_ONCE: Final = 1000


def copy_to_file(engine: sa.Engine, path: Path) -> Path:
    """Copy a ledger, as it is at one moment, into a file that is made; whoever writes to it meanwhile.

    Raises:
        DataError: it cannot be read, or the file cannot be written.
    """
    path.unlink(missing_ok=True)
    place = engine.url.render_as_string(hide_password=True)
    copy = open_database(sqlite_url(path))
    try:
        # one snapshot for all tables
        frozen = engine.execution_options(isolation_level="REPEATABLE READ")
        with database_errors(place), frozen.connect() as source, copy.begin() as target:
            _copy(source, target)
    finally:
        copy.dispose()
    return path


def copy_from_file(path: Path, engine: sa.Engine) -> None:
    """Fill an empty ledger with the rows of a file.

    Raises:
        DataError: it is not empty, or the file is no ledger.
    """
    place = engine.url.render_as_string(hide_password=True)
    copy = open_database(sqlite_url(path))
    try:
        with database_errors(place), copy.connect() as source, engine.begin() as target:
            require_empty(target, place)
            _copy(source, target)
            for table in metadata.sorted_tables:
                _set_counter(target, table)
    finally:
        copy.dispose()


def require_empty(connection: sa.Connection, place: str) -> None:
    """Refuse a ledger that knows something.

    Raises:
        DataError: it does.
    """
    for table in metadata.sorted_tables:
        if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
            raise DataError(place, "only an empty ledger can be restored into")


def _copy(source: sa.Connection, target: sa.Connection) -> None:
    for table in metadata.sorted_tables:
        rows = source.execution_options(yield_per=ROWS_AT_ONCE).execute(sa.select(table)).mappings()
        for part in rows.partitions(ROWS_AT_ONCE):
            target.execute(sa.insert(table), [dict(row) for row in part])


def _set_counter(connection: sa.Connection, table: sa.Table) -> None:
    """Let PostgreSQL number new rows after those that were copied; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for column in table.primary_key.columns:
        if column is table.autoincrement_column:
            counter = sa.func.pg_get_serial_sequence(table.name, column.name)
            last = sa.select(sa.func.coalesce(sa.func.max(column), 0)).scalar_subquery()
            connection.execute(sa.select(sa.func.setval(counter, last + 1, False)))  # SQL's
