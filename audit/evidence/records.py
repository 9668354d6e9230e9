"""What an evidence file tells, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from audit.errors import FailedAt

Outcome = Literal["complete", "interrupted", "inconsistent", "failed"]
"""How an attempt ended: `interrupted` can go on, the others begin anew; none: it was killed, and can go on."""


@dataclass(frozen=True)
class Attempt:
    """An attempt under way."""

    id: int
    series: int
    """Id of the first attempt of those that went on with each other's pages."""


@dataclass(frozen=True)
class PageRecord:
    """A page in hand, without its bytes."""

    page_no: int
    """Position in the pull, from 1."""
    cursor: str
    next_cursor: str | None
    sha256: str
    rows: int
    total: int | None
    generated_at: datetime | None
    url: str
    fetched_at: datetime


@dataclass(frozen=True)
class AttemptRecord:
    """An attempt as it ended."""

    agency: str
    table: str
    source: str
    """Name of the agency's source; ``""``: its first one."""
    provisional: bool
    outcome: Outcome | None
    """None: our process was killed in it, or it is running."""
    failed_at: FailedAt | None
    reason: str
    http_status: int | None
    started_at: datetime


@dataclass(frozen=True)
class Counted:
    """The pages that count for an agency and table."""

    series: int
    agency: str
    table: str
    source: str
    """Name of the agency's source; ``""``: its first one."""
    kind: str
    """Kind of source that can read them."""
    is_complete: bool
    pages: int
    rows: int
    """Rows as received, unreadable ones among them."""
