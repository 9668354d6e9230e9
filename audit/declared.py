"""What a hub declares: counts an agency and period, taken over from its statistics, with the file they came from.

A folder: ``<first day>_<last day>.json`` with the counts, the newest import of a period in the place of the older one,
and ``files/<sha256>`` with every file as it was received.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from audit.errors import DataError

FOLDER: Final = "declared"
_DAY: Final = timedelta(days=1)


class Import(msgspec.Struct, frozen=True):
    """An import of one period.

    Attributes:
        sha256: of the file, as received.
        imported_at: UTC, ISO 8601.
        counts: by agency (canonical code) and counter (`received`, `sent`, `signed`, `not_signed`).
    """

    sha256: str
    imported_at: str
    counts: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class DeclaredCounts:
    """All imports under one folder; it need not exist."""

    root: Path

    def keep(self, body: bytes, counts: Mapping[str, Mapping[str, int]], first: date, last: date) -> None:
        """Keeps a file and what it says of the local days `first` to `last`, both included."""
        sha256 = hashlib.sha256(body).hexdigest()
        (self.root / "files").mkdir(parents=True, exist_ok=True)
        _replace(self.root / "files" / sha256, body)
        made = Import(sha256, datetime.now(UTC).isoformat(timespec="seconds"), {a: dict(c) for a, c in counts.items()})
        _replace(self.root / f"{first}_{last}.json", msgspec.json.encode(made))

    def of_period(self, start: date, end: date) -> dict[str, dict[str, int]]:
        """What is declared of the local days ``[start, end)``, by agency and counter.

        The import of just this period; else the sum of shorter ones that make it up without a gap; else nothing. A
        counter of an agency that one of them does not tell is not told.

        Raises:
            DataError: An import is damaged.
        """
        parts = _tiles(self._periods(), start, end)
        told = [self._read(first, last).counts for first, last in parts]
        if not told:
            return {}
        agencies = set.intersection(*(set(one) for one in told))
        found = {}
        for agency in sorted(agencies):
            counters = set.intersection(*(set(one[agency]) for one in told))
            found[agency] = {counter: sum(one[agency][counter] for one in told) for counter in sorted(counters)}
        return found

    def _periods(self) -> list[tuple[date, date]]:
        found = []
        for path in self.root.glob("????-??-??_????-??-??.json"):
            first, _, last = path.stem.partition("_")
            found.append((date.fromisoformat(first), date.fromisoformat(last)))
        return sorted(found)

    def _read(self, first: date, last: date) -> Import:
        path = self.root / f"{first}_{last}.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=Import)
        except (OSError, msgspec.MsgspecError) as error:
            raise DataError(f"{FOLDER}/{path.name}", "the declared counts cannot be read") from error


def _tiles(periods: Sequence[tuple[date, date]], start: date, end: date) -> list[tuple[date, date]]:
    """The periods that make up ``[start, end)``, as few as may be; none where they do not."""
    if start >= end:
        return []
    ways: dict[date, list[tuple[date, date]]] = {start: []}
    for first, last in periods:
        after = last + _DAY
        if first in ways and after <= end:
            way = [*ways[first], (first, last)]
            if after not in ways or len(way) < len(ways[after]):
                ways[after] = way
    return ways.get(end, [])


def _replace(path: Path, body: bytes) -> None:
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(body)
    beside.replace(path)
