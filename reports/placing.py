"""Putting a finished file in its place: nobody ever opens half of one, and a link in its place is not followed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def placed(path: Path) -> Iterator[Path]:
    """A path beside the target to write to; what was written takes the target's place once it is on the disk.

    An error inside leaves the old file, if there was one, and nothing else.

    Raises:
        OSError: the disk is full, or the folder cannot be written to.
    """
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)  # of a run that was killed; or a link that would lead us elsewhere
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
