"""The ledger's database: opened by URL, brought to the newest schema, spoken to in transactions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pandas as pd
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from audit.errors import DataError

MIGRATIONS: Final = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_S: Final = 30
"""How long SQLite waits for another process, e.g. a reader's transaction or a backup."""
IDS_AT_ONCE: Final = 500
"""Values in one IN (…): databases cap the number of parameters of a statement."""


def sqlite_url(path: Path) -> str:
    """The URL of a ledger in a file."""
    return f"sqlite:///{path}"


def open_database(address: str, password: str | None = None) -> sa.Engine:
    """Connect, and apply the migrations that are missing.

    Args:
        address: an SQLAlchemy URL, e.g. `sqlite:////var/lib/audit/ledger.sqlite` or `postgresql+psycopg://…`.
        password: put into the URL.

    Raises:
        DataError: the database cannot be reached, or was written by a newer version of this program.
    """
    url = sa.make_url(address)
    url = url if password is None else url.set(password=password)
    place = url.render_as_string(hide_password=True)
    try:
        engine = _connect(url)
        with engine.begin() as connection:
            migrate(connection)
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
        raise DataError(place, "the ledger cannot be opened") from error
    except sa.exc.DatabaseError as error:
        raise DataError(place, f"the ledger is damaged ({error.orig}); `restore` brings a backup back") from error
    except ModuleNotFoundError as error:
        raise DataError(place, f"the database's driver is not installed ({error.name})") from error
    except CommandError as error:
        raise DataError(place, "the ledger was written by a newer version of this program") from error
    return engine


@contextmanager
def database_errors(place: str) -> Iterator[None]:
    """What the database cannot do becomes an error of ours, without the values that were to be written: they may be
    subjects and persons.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        # PostgreSQL's whole message shows the row
        said = getattr(getattr(error.orig, "diag", None), "message_primary", None) or str(error.orig)
        raise DataError(place, f"the ledger cannot be read or written ({said})") from None


def migrate(connection: sa.Connection) -> None:
    """Bring the schema to the newest step, or leave it as it was."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    newest = set(ScriptDirectory.from_config(config).get_heads())
    is_newest = set(MigrationContext.configure(connection).get_current_heads()) == newest
    if connection.dialect.name == "sqlite" and not is_newest:
        # Python begins no transaction for tables: killed between two of them, a run would leave what never opens again
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    command.upgrade(config, "head")


def _connect(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True, hide_parameters=True)
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S}, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")

    return engine


def frame_of(connection: sa.Connection, statement: sa.Select[Any], instants: Sequence[str] = ()) -> pd.DataFrame:
    """The rows of a statement as a frame.

    Args:
        connection: an open transaction.
        statement: what to select; the columns keep their order.
        instants: columns that become `datetime64[us, UTC]`; all others are objects as the driver gives them.
    """
    rows = connection.execute(statement)
    frame = pd.DataFrame(rows.fetchall(), columns=list(rows.keys()), dtype=object)
    for column in instants:
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    return frame


def chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    """The ids in lists short enough for one statement."""
    every = list(ids)
    for start in range(0, len(every), IDS_AT_ONCE):
        yield every[start : start + IDS_AT_ONCE]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain values for an INSERT: missing = None, instants = aware datetimes, days = dates, numbers =
    Python's.
    """
    return [
        {str(key): value if isinstance(value, (dict, list)) else _plain(value) for key, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value
