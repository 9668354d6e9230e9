"""What the evidence of a day tells beside the pages' bytes, kept so that a night need not open a year of files.

A file that looks the same from outside (size, time of the last change) is not opened again. A change within one tick
of the clock shows in neither, so nothing is kept of a file that was changed just now.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from audit.evidence.day import DayEvidence
from audit.evidence.records import AttemptRecord, Counted

logger = logging.getLogger(__name__)

VERSION: Final = 1
"""Raised whenever the same evidence tells something else."""
_JUST_NOW_NS: Final = 2_000_000_000


@dataclass(frozen=True)
class Told:
    """What the evidence of a day tells.

    Attributes:
        counted: the pages that count, by agency and table (`DayEvidence.counted`).
        attempts: all attempts, in the order in which they began.
        page_hashes: SHA-256 of the pages of every series, in the order of the pull.
    """

    counted: list[Counted]
    attempts: list[AttemptRecord]
    page_hashes: dict[int, list[str]]

    @classmethod
    def by(cls, evidence: DayEvidence) -> Told:
        """Read from the file."""
        with evidence.held():
            return cls(evidence.counted(), evidence.attempts(), evidence.page_hashes())


@dataclass(frozen=True)
class _Kept:
    of: list[int]
    told: Told


def look(path: Path) -> list[int]:
    """What a file looks like from outside."""
    status = path.stat()
    return [VERSION, status.st_size, status.st_mtime_ns]


def recall(place: Path, of: list[int]) -> Told | None:
    """What was kept of a file that looked like this; None where that is something else, or unreadable."""
    with suppress(OSError, msgspec.MsgspecError):
        kept = msgspec.json.decode(place.read_bytes(), type=_Kept)
        return kept.told if kept.of == of else None
    return None


def keep(place: Path, of: list[int], told: Told) -> None:
    """Keep it for later runs; who may not write there, or has no room, works it out again."""
    if time.time_ns() - of[-1] < _JUST_NOW_NS:
        return
    beside = place.with_suffix(".new")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(msgspec.json.encode(_Kept(of, told)))
        beside.replace(place)
    except OSError as error:
        logger.debug("%s is not kept: %s", place, error)
        with suppress(OSError):
            beside.unlink()
