"""Asking again for a day that is complete: has its log become another one?

The log of a closed day is fixed (``log-api.md``), yet systems are mended and clerks write their registers anew. Where a
system can tell that a page has not changed (ETag, change time), only that is asked; else the rows are compared. What
has not changed leaves no trace in the evidence, so nothing is conformed or judged anew.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from audit.evidence import DayEvidence
from audit.settings import Agency
from audit.source import Request, Source


def has_changed(source: Source, agency: Agency, request: Request, evidence: DayEvidence) -> bool:
    """Whether a complete table of a day is no longer what is in hand.

    Raises:
        SourceError: The system did not tell; what is in hand still stands.
        DataError: The evidence is damaged.
    """
    known = evidence.known_pages(request)
    return any(
        _is_another(source, agency, replace(request, cursor=page.cursor, known=page), evidence) for page in known
    )


def _is_another(source: Source, agency: Agency, request: Request, evidence: DayEvidence) -> bool:
    page, known = source.fetch(request), request.known
    if known is None or page.is_unchanged:
        return False
    if hashlib.sha256(page.body).hexdigest() == known.sha256:
        # of a folder the last page may be the same, and another one follow now
        return known.next_cursor is None and source.read(page).next_cursor is not None
    reading = source.read(page)
    if not reading.is_closed:
        return False
    if reading.next_cursor != known.next_cursor:
        return True
    rows, before = source.items(agency, request, page.body), source.items(agency, request, evidence.body(known.sha256))
    return rows != before
