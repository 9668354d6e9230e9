"""What was verified of which file, kept by its hash: a file is fetched and verified once.

One SQLite file. What a file proves depends on its bytes and on the trust that it is measured by (`Trust.digest`, the
*basis*): with another basis it is verified again, and until then the older answer stands.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from audit.errors import DataError
from audit.signatures.file_facts import FileFacts

FILE: Final = "facts.sqlite"
BUSY_TIMEOUT_S: Final = 60.0

_SCHEMA: Final = """
create table if not exists verified (
    sha256 text not null, basis text not null, facts blob not null, verified_at text not null,
    primary key (sha256, basis)
)"""
_ASKED_AT_ONCE: Final = 500


class VerifiedFiles:
    """The facts of files under one folder; the folder need not exist."""

    def __init__(self, root: Path) -> None:
        self.root: Final = root

    def keep(self, sha256: str, basis: str, facts: FileFacts) -> None:
        """Keep what a file proves.

        Raises:
            DataError: the file of the facts is damaged, locked for long, or the disk is full.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        row = (sha256, basis, msgspec.json.encode(facts), datetime.now(UTC).isoformat(timespec="seconds"))
        with self._open() as database:
            database.execute(_SCHEMA)
            database.execute("insert or replace into verified values (?, ?, ?, ?)", row)
            database.commit()

    def known(self, hashes: Iterable[str], basis: str | None = None) -> dict[str, FileFacts]:
        """What is known of files, by hash; those of which nothing is known are not there.

        Args:
            hashes: SHA-256 in hex, lower case.
            basis: only what was verified by this one; None: by the latest.

        Raises:
            DataError: the file of the facts is damaged.
        """
        if not (self.root / FILE).exists():
            return {}
        asked, found = sorted(set(hashes)), {}
        with self._open() as database:
            for start in range(0, len(asked), _ASKED_AT_ONCE):
                part = asked[start : start + _ASKED_AT_ONCE]
                marks = ", ".join("?" * len(part))
                query = (
                    f"select sha256, facts, basis from verified where sha256 in ({marks}) order by verified_at, rowid"  # noqa: S608  # question marks
                )
                for sha256, facts, of in database.execute(query, part):
                    if basis in {None, of}:
                        found[sha256] = msgspec.json.decode(facts, type=FileFacts)
        return found

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.root / FILE, timeout=BUSY_TIMEOUT_S)) as database:
                yield database
        except (sqlite3.Error, msgspec.DecodeError) as error:
            raise DataError(f"verified/{FILE}", "what was verified cannot be read or kept") from error
