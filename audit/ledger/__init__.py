"""The ledger: what was run, what was known, what was found and when, what was reported and to whom.

SQLite by default, PostgreSQL by URL; `schema.py` is the newest schema, `migrations/` the way to it. Every public
function of this package takes an open connection, so that a step's records are one transaction; `Ledger` opens them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from audit.ledger import history, judgements, runs
from audit.ledger.copying import copy_from_file, copy_to_file, require_empty
from audit.ledger.database import database_errors, open_database, sqlite_url
from audit.ledger.judgements import Judged, Revision
from audit.ledger.reports import Delivery, ReportFile, ReportRecord
from audit.ledger.runs import RunRecord
from audit.period import Period
from audit.settings import Waiver

__all__ = ["Connection", "Delivery", "Judged", "Ledger", "ReportFile", "ReportRecord", "Revision", "RunRecord"]

FILE_NAME = "ledger.sqlite"


class Ledger:
    """An open ledger.

    Args:
        url: SQLAlchemy URL of the database, without its password; the schema is brought up to date.
        waivers: the configured waivers, their agencies canonical.
        password: the database's password, where it needs one.

    Raises:
        DataError: the database cannot be opened.
    """

    def __init__(self, url: str, waivers: Sequence[Waiver] = (), password: str | None = None) -> None:
        self._engine = open_database(url, password)
        self._waivers = tuple(waivers)

    @classmethod
    def in_folder(cls, data_dir: Path, waivers: Sequence[Waiver] = ()) -> Ledger:
        """The ledger in a file of the data folder, which is made when absent."""
        data_dir.mkdir(parents=True, exist_ok=True)
        return cls(sqlite_url(data_dir / FILE_NAME), waivers)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction: kept when the block ends, undone when it raises.

        Raises:
            DataError: the database went away, is damaged, or its disk is full.
        """
        with database_errors(self.place), self._engine.begin() as connection:
            yield connection

    def copy_to(self, path: Path) -> Path:
        """Copy the ledger, as it is at one moment, into a file."""
        return copy_to_file(self._engine, path)

    def fill_from(self, path: Path) -> None:
        """Take over the rows of a file; the ledger must be empty."""
        copy_from_file(path, self._engine)

    def require_empty(self) -> None:
        """Refuse to be filled, where something is there.

        Raises:
            DataError: something is.
        """
        with self.begin() as connection:
            require_empty(connection, self.place)

    @property
    def place(self) -> str:
        """Where the database is, without its password."""
        return self._engine.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Give the database's connections back."""
        self._engine.dispose()

    def begin_run(
        self, command: str, arguments: Mapping[str, Any], settings_digest: str, versions: Mapping[str, str]
    ) -> str:
        """Note that a run begins; gives its id."""
        with self.begin() as connection:
            return runs.begin_run(connection, command, arguments, settings_digest, versions)

    def end_run(self, run_id: str, exit_status: int, counts: Mapping[str, Any]) -> None:
        """Note how a run ended."""
        with self.begin() as connection:
            runs.end_run(connection, run_id, exit_status, counts)

    def record_coverage(self, coverage: pd.DataFrame, run_id: str) -> None:
        """Replace what is known of the frame's agencies, days and tables."""
        with self.begin() as connection:
            runs.record_coverage(connection, coverage, run_id)

    def record(self, judged: Judged, run_id: str, period: Period, *, is_whole: bool = True) -> Revision:
        """Keep a judgement with its measures, indicators and the history of its findings; gives its revision.

        What is not the whole judgement of its period is kept without measures and indicators.
        """
        with self.begin() as connection:
            return judgements.record(connection, judged, run_id, period, self._waivers, is_whole=is_whole)

    def with_history(self, findings: pd.DataFrame, period: Period) -> pd.DataFrame:
        """The findings with `state`, `first_seen_at`, `last_seen_at` as they are told at `period.as_of`."""
        with self.begin() as connection:
            return history.with_history(connection, findings, period, self._waivers)
