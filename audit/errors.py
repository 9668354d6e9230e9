"""What can stop the work. A breach is never an exception: it is a finding, a value.

::

    AuditError
    ├── ConfigError                 the settings are wrong; carries every mistake at once
    ├── SourceError                 an agency's system did not give what was asked
    │   ├── TransientSourceError    … and may give it later: try again
    │   └── PermanentSourceError    … and will not until somebody acts: do not try again
    ├── DataError                   what was received or stored cannot be read as what it should be
    ├── RenderError                 a report could not be made
    ├── ClusterError                work that was given to other machines was not done
    └── LockedError                 another run holds the lock

Every error carries its facts as fields, so that callers decide by type and field, never by text. Texts are
English, for those who run the job. They must not hold secrets: whoever raises passes no token and no URL with a
password.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FailedAt = Literal["agency", "ours"]
"""Whose fault a failed pull is: rule H2 blames the agency only for its own."""


class AuditError(Exception):
    """Root of everything this package raises on purpose."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing wrong in the settings."""

    file: str
    """Name of the file in the config folder, e.g. ``agencies.toml``."""
    key: str
    """Path of the key in the file, e.g. ``agencies[3].source.kind``, entries counted from 1; ``""``: the file."""
    value: str
    """What stands there, shortened; ``(hidden)`` for a secret, ``(missing)`` for what is not there."""
    allowed: str
    """What may stand there, a sentence without a full stop."""

    def __str__(self) -> str:
        place = f"{self.file}: {self.key}" if self.key else self.file
        return f"{place} = {self.value}: {self.allowed}"


class ConfigError(AuditError):
    """The settings are wrong; nothing was touched.

    Attributes:
        mistakes: All mistakes found, ordered by file and key; at least one.
    """

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        if not mistakes:
            raise ValueError("a ConfigError needs at least one mistake")
        super().__init__(mistakes)
        self.mistakes = mistakes

    @classmethod
    def of(cls, file: str, key: str, value: str, allowed: str) -> ConfigError:
        """The error of a single mistake."""
        return cls((Mistake(file, key, value, allowed),))

    def __str__(self) -> str:
        count = len(self.mistakes)
        head = "1 mistake in the settings" if count == 1 else f"{count} mistakes in the settings"
        return "\n".join([head, *(f"  {mistake}" for mistake in self.mistakes)])


class SourceError(AuditError):
    """An agency's system did not give what was asked. Raise one of the two kinds below; which day and table was asked
    for, the caller knows.

    Attributes:
        agency: Canonical code of the agency.
        reason: One sentence, safe to print.
        failed_at: Whose fault it is.
        http_status: Status of the answer, if there was one.
    """

    def __init__(
        self, agency: str, reason: str, *, failed_at: FailedAt = "agency", http_status: int | None = None
    ) -> None:
        super().__init__(agency, reason)
        self.agency = agency
        self.reason = reason
        self.failed_at: FailedAt = failed_at
        self.http_status = http_status

    def __str__(self) -> str:
        status = "" if self.http_status is None else f" (HTTP {self.http_status})"
        return f"{self.agency}: {self.reason}{status}"


class TransientSourceError(SourceError):
    """Worth trying again: a time-out, a reset connection, 429, 5xx, a day that is not closed yet.

    Attributes:
        retry_after_s: Seconds that the system asked us to wait, if it did.
    """

    def __init__(
        self,
        agency: str,
        reason: str,
        *,
        failed_at: FailedAt = "agency",
        http_status: int | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(agency, reason, failed_at=failed_at, http_status=http_status)
        self.retry_after_s = retry_after_s


class PermanentSourceError(SourceError):
    """Not worth trying again before somebody acts: bad credentials, an unknown table, an answer off the contract."""


class DataError(AuditError):
    """Bytes or rows that cannot be what they should be, where that stops the work (a bad row alone is a reject).

    Attributes:
        where: What was being read: a file name, a table, a page's digest.
        reason: One sentence, safe to print.
    """

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(where, reason)
        self.where = where
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


class RenderError(AuditError):
    """A report could not be made.

    Attributes:
        edition: Which one, e.g. ``weekly_pdf``.
        reason: One sentence, safe to print.
    """

    def __init__(self, edition: str, reason: str) -> None:
        super().__init__(edition, reason)
        self.edition = edition
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.edition}: {self.reason}"


class ClusterError(AuditError):
    """Work that was given to a cluster was not done.

    Attributes:
        address: The scheduler's, as it was given.
        reason: One sentence, safe to print.
    """

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(address, reason)
        self.address = address
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.address}: {self.reason}"


class LockedError(AuditError):
    """Another run holds the lock.

    Attributes:
        path: The lock file.
        holder: Who holds it as far as it is known, e.g. a process id; else ``""``.
    """

    def __init__(self, path: str, holder: str = "") -> None:
        super().__init__(path, holder)
        self.path = path
        self.holder = holder

    def __str__(self) -> str:
        by = f" by {self.holder}" if self.holder else ""
        return f"{self.path} is locked{by}"
