"""Verification in a child process with bounds of memory, time and size: a hostile file ends the child, not the audit.

The child (`audit.confined_child`) answers in JSON that is decoded by type.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import msgspec

from audit.confined_child import ChildLostError, ConfinedChild
from audit.signatures.file_facts import FileFacts, unread
from audit.signatures.trust import Trust

FILES_MAX: Final = 2_000
"""Files after which a child is replaced: what the libraries keep does not grow for ever."""
ANSWER_BYTES_MAX: Final = 8 * 1024 * 1024
MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one file may take.

    Attributes:
        size_bytes: a larger file is not looked at.
        memory_bytes: address space of the child, its programme included.
        cpu_seconds: whole seconds of processor time.
        wall_seconds: time until the answer.
    """

    size_bytes: int = 64 * MEBIBYTE
    memory_bytes: int = 1024 * MEBIBYTE
    cpu_seconds: int = 10
    wall_seconds: float = 30.0


class Task(msgspec.Struct, frozen=True):
    """What a child is told first."""

    certificates: tuple[bytes, ...]
    revocation_lists: tuple[bytes, ...]
    ocsp_answers: tuple[bytes, ...]
    agency_names: tuple[str, ...]
    memory_bytes: int
    cpu_seconds: int


class Answer(msgspec.Struct, frozen=True):
    """What a child says of a file.

    Attributes:
        facts: what the file proves.
        is_last: the file has left the child so large that the next one would pay for it.
    """

    facts: FileFacts
    is_last: bool


class Verifier:
    """Verifies files in a child process; close it, or use it as a context manager."""

    def __init__(self, trust: Trust, bounds: Bounds | None = None) -> None:
        self._bounds: Final = bounds or Bounds()
        names = tuple(sorted(trust.agency_names))
        limits = (self._bounds.memory_bytes, self._bounds.cpu_seconds)
        task = Task(trust.certificates, trust.revocation_lists, trust.ocsp_answers, names, *limits)
        self._child: Final = ConfinedChild(
            "audit.signatures",
            self._bounds.wall_seconds,
            told_first=msgspec.msgpack.encode(task),
            files_max=FILES_MAX,
            answer_bytes_max=ANSWER_BYTES_MAX,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child."""
        self._child.close()

    def verify(self, pdf: bytes) -> FileFacts:
        """What a file proves; `audit.signatures.verify` within the bounds.

        Raises:
            DataError: no child can be started; no file is at fault.
        """
        if len(pdf) > self._bounds.size_bytes:
            return unread("it is larger than allowed")
        if not pdf:
            return unread("it is empty")
        try:
            answer = msgspec.json.decode(self._child.ask(pdf), type=Answer)
        except (ChildLostError, msgspec.DecodeError):
            self.close()
            return unread("it takes more time or memory than allowed")
        if answer.is_last:
            self.close()
        return answer.facts
