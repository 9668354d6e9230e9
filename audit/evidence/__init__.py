"""The evidence: every page as it was received, before anything read it. The log and the coverage follow from it alone.

One SQLite file a day of the log, ``<root>/<YYYY-MM-DD>.sqlite``, written with full synchronisation; a crash at any
moment leaves it at the last committed step. In it

* ``bodies``: what was received, by SHA-256, packed with zstd. The same bytes are there once.
* ``attempts``: every attempt to pull an agency's table, how it ended and whose fault it was. An attempt that goes on
  where an interrupted one stopped shares its ``series``.
* ``pages``: the pages of a series by cursor; page and cursor are written in one transaction, so a cursor that is known
  is a page in hand, and the same page twice is one page.
* ``refused``: answers that were no page of what was asked, and why.

**Which pages count** for an agency and table: those of the latest complete series. Without one, those of the series
that brought most rows, the latest of equals: rows in hand are used whatever the coverage, but rows of two series are
not mixed, since a system whose total changed in between contradicts itself. Provisional series, pulled while the day
was running, never count.
"""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path
from typing import Final

from audit.evidence.day import DayEvidence
from audit.evidence.recording import Recording
from audit.evidence.records import AttemptRecord, Counted, Outcome, PageRecord
from audit.evidence.told import Told, keep, look, recall

__all__ = ["AttemptRecord", "Counted", "DayEvidence", "Evidence", "Outcome", "PageRecord", "Recording", "Told"]


class Evidence:
    """The evidence of all days under one folder. For several threads at once.

    Args:
        root: The folder.
        kept: Where `told` keeps what it has read, for later runs; None: nowhere.
    """

    def __init__(self, root: Path, kept: Path | None = None) -> None:
        self.root: Final = root
        self._kept = kept
        self._lock = threading.Lock()
        self._days: dict[date, DayEvidence] = {}

    def path(self, day: date) -> Path:
        """Where the evidence of a day is, or would be."""
        return self.root / f"{day.isoformat()}.sqlite"

    def days(self) -> list[date]:
        """The days of which there is evidence, in order."""
        return sorted(date.fromisoformat(path.stem) for path in self.root.glob("????-??-??.sqlite"))

    def day(self, day: date) -> DayEvidence:
        """The evidence of a day; made if there is none yet."""
        with self._lock:
            # one value a day: its lock keeps this process' threads from waiting for each other inside SQLite
            if day not in self._days:
                self._days[day] = DayEvidence(self.path(day), day)
            return self._days[day]

    def existing(self, day: date) -> DayEvidence | None:
        """The evidence of a day, if there is any."""
        return self.day(day) if self.path(day).exists() else None

    def told(self, day: date) -> Told | None:
        """What the evidence of a day tells beside the pages' bytes, if there is any; its file is not opened where it
        looks as it did when last read.

        Raises:
            DataError: The file is damaged or locked for long.
        """
        if not self.path(day).exists():
            return None
        if self._kept is None:
            return Told.by(self.day(day))
        place, seen = self._kept / f"{day.isoformat()}.json", look(self.path(day))
        found = recall(place, seen)
        if found is None:
            found = Told.by(self.day(day))
            if look(self.path(day)) == seen:  # or it was written meanwhile, and what was read is of either state
                keep(place, seen, found)
        return found

    def has_worked(self, agency: str) -> bool:
        """Whether the agency's system has ever given us a page; asked of the newest day first."""
        return any(self.day(day).has_worked(agency) for day in reversed(self.days()))
