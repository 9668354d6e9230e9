"""One SQLite file for several threads: what they write at the same time is committed together.

A commit waits for the disk several times, a thousand times as long as the writing itself takes. Who comes while another
commit is on its way joins the next one, and all of them wait once.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from audit.errors import DataError
from audit.evidence.changes import Change

BUSY_TIMEOUT_S: Final = 60.0


class _Ticket:
    """A change that waits for its commit."""

    __slots__ = ("change", "error", "is_done")

    def __init__(self, change: Change) -> None:
        self.change = change
        self.error: BaseException | None = None
        self.is_done = False


class CommittedFile:
    """The file. It is open only while something is read or written, or while somebody holds it.

    Raises:
        DataError: From every method: the file is damaged, locked for long, or the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        self._lock: Final = threading.RLock()
        """Of the connection: for one thread at a time."""
        self._queue: Final[list[_Ticket]] = []
        self._queue_lock: Final = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._holders = 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps the file open within."""
        with self._lock:
            self._holders += 1
        try:
            yield
        finally:
            with self._lock:
                self._holders -= 1
                self._let_go()

    def apply(self, change: Change) -> None:
        """Writes the change in one transaction, alone or with those of other threads; on the disk when it returns."""
        ticket = _Ticket(change)
        with self._queue_lock:
            self._queue.append(ticket)
        with self._lock:  # while another's commit is on its way, this waits; then the change may already be done
            if not ticket.is_done:
                with self._queue_lock:
                    batch = self._queue[:]
                    self._queue.clear()
                self._commit(batch)
        if ticket.error is not None:
            raise ticket.error

    def read(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """What `work` finds."""
        with self._opened() as connection:
            return work(connection)

    def _commit(self, batch: list[_Ticket]) -> None:
        try:
            self._transaction(batch)
        except BaseException as error:  # noqa: BLE001  # whose change it was, that one is told
            if len(batch) == 1:
                batch[0].error = error
            else:
                for ticket in batch:
                    self._commit([ticket])
        for ticket in batch:
            ticket.is_done = True

    def _transaction(self, batch: list[_Ticket]) -> None:
        with self._opened() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                for ticket in batch:
                    ticket.change(connection)
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = _connect(self._path)
                yield self._connection
            except sqlite3.Error as error:
                self._close()  # who comes next begins with a fresh connection
                raise DataError(self._path.name, f"the evidence cannot be read or written ({error})") from error
            finally:
                self._let_go()

    def _let_go(self) -> None:
        if not self._holders:
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _connect(path: Path) -> sqlite3.Connection:
    # one thread after the other uses it: the lock sees to that
    connection = sqlite3.connect(path, BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection
