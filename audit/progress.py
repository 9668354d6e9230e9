"""How far a long step is: a bar on a terminal, plain log lines where nobody watches.

Both go to the standard error: the standard output holds only data.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

logger = logging.getLogger(__name__)

LINE_INTERVAL_S = 30.0
"""At most one line in this time, so that a night's log stays readable; the last one is always written."""


class Progress(Protocol):
    """A step that can be advanced."""

    def advance(self, count: int = 1, note: str = "") -> None:
        """`count` more units are done; `note` tells of what, e.g. an agency's code."""


class _Silent:
    def advance(self, count: int = 1, note: str = "") -> None:
        """Say nothing."""


class _Bar:
    def __init__(self, label: str, total: int) -> None:
        from tqdm import tqdm  # noqa: PLC0415  # only where somebody watches

        self._bar = tqdm(total=total, desc=label, file=sys.stderr, dynamic_ncols=True, leave=False)

    def advance(self, count: int = 1, note: str = "") -> None:
        if note:
            self._bar.set_postfix_str(note, refresh=False)
        self._bar.update(count)

    def close(self) -> None:
        self._bar.close()


class _Lines:
    def __init__(self, label: str, total: int) -> None:
        self._label, self._total, self._done = label, total, 0
        self._last_line_at = time.monotonic()

    def advance(self, count: int = 1, note: str = "") -> None:  # noqa: ARG002  # a line tells counts only
        self._done += count
        now = time.monotonic()
        if self._done >= self._total or now - self._last_line_at >= LINE_INTERVAL_S:
            self._last_line_at = now
            logger.info("%s: %d of %d", self._label, self._done, self._total)


@contextmanager
def progress(label: str, total: int, *, quiet: bool = False) -> Iterator[Progress]:
    """Tell how far the block is.

    Args:
        label: what is being done, a few words.
        total: units to do; with 0 nothing is shown.
        quiet: say nothing at all.
    """
    if quiet or not total:
        yield _Silent()
    elif sys.stderr.isatty():
        bar = _Bar(label, total)
        try:
            yield bar
        finally:
            bar.close()
    else:
        yield _Lines(label, total)
