"""Numbers of the outgoing registers: one rising series for each sender, year and kind of document (NĐ 30/2020, Đ15).

A whole register leaves no number out. Elsewhere paper documents, which the log does not hold, take numbers in between,
so the series run at the pace of a real office: UBND tỉnh is at letter 814 on 4 February 2021.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from audit.simulator.clock import DAY, Clock, day_text
from audit.simulator.model import Document
from audit.simulator.offices import Office
from audit.simulator.traffic import kind_of
from audit.working_time import EPOCH, day_number

LETTER_814: Final = (2021, "814")
_PACE_PROVINCE: Final = 34.1  # letters of UBND tỉnh a working day in early 2021: 814 of them on the 24th day
_PACE_LETTERS: Final = 7.0
_PACE_TYPED: Final = 1.3


class Numbering:
    """Gives documents their numbers, in the order in which they were registered."""

    def __init__(self, offices: Mapping[str, Office], clock: Clock, first_day: int, rng: random.Random) -> None:
        self._offices, self._clock, self._rng = offices, clock, rng
        self._first_day = first_day
        self._last: dict[tuple[str, int, str], int] = {}
        self._ranks: dict[int, int] = {}
        self._top = next(iter(offices))

    def number(self, documents: Iterable[Document]) -> None:
        """Numbers the documents of our own agencies that have no number, and names every document and its files."""
        for document in documents:
            if document.number is None:
                document.number = str(self._next(document))
            name(document)

    def _next(self, document: Document) -> int:
        year = (EPOCH + timedelta(days=document.issued_day)).year
        series = (document.sender, year, kind_of(document))
        office, last = self._offices[document.sender], self._last.get(series)
        pace = self._pace(series)
        if office.register_whole:
            if last is None:
                began_before = day_number(EPOCH.replace(year=year)) < self._first_day
                last = int(pace * self._working_days(year, document.issued_day)) if began_before else 0
            number = last + 1
        else:
            share = (document.registered_at % DAY) / DAY
            due = int(pace * (self._working_days(year, document.issued_day) + share))
            number = max((last or 0) + 1, due + self._rng.randint(-2, 2), 1)
        if (year, str(number)) == LETTER_814 and document.sender == self._top:
            number += 1  # kept for the letter itself
        self._last[series] = number
        return number

    def _pace(self, series: tuple[str, int, str]) -> float:
        if series[2]:
            return _PACE_TYPED
        return _PACE_PROVINCE if series[0] == self._top else _PACE_LETTERS

    def _working_days(self, year: int, day: int) -> int:
        """Working days of the year before `day`; five of seven for the part outside the clock's tables."""
        if day not in self._ranks:
            first = day_number(EPOCH.replace(year=year))
            known = max(first, self._clock.first_known)
            self._ranks[day] = (known - first) * 5 // 7 + sum(map(self._clock.is_working, range(known, day)))
        return self._ranks[day]


def name(document: Document) -> None:
    """The document_uid and the file names that follow from number and notation."""
    number, notation = padded(document.number), document.notation or ""
    document.uid = f"{document.sender},{day_text(document.issued_day).replace('-', '/')},{number}/{notation}"
    stem = f"{number}_{notation.replace('/', '_')}"
    for place, file in enumerate(document.files or ()):
        if file.role == "main":
            file.name = f"{stem}_signed.pdf"
        else:
            file.name = f"{stem}_PL{place}" + (".pdf" if file.content_type == "application/pdf" else ".xlsx")


def padded(number: str | None) -> str:
    """A number as it is printed: two digits at least (NĐ 30/2020, PL I)."""
    return (number or "").zfill(2)
