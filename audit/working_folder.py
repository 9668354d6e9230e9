"""Folders for work in between, beside what they are for, that no killed run leaves behind for ever.

A folder's name tells the process that made it. Whoever makes the next one takes away those whose process is gone.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"\.([a-z]+)-(\d+)-.*")


@contextmanager
def working_folder(parent: Path, kind: str) -> Iterator[Path]:
    """A folder under `parent`, which must exist; it goes away with the block.

    Args:
        parent: where it is made: on the same file system as what will be moved out of it.
        kind: a word of small letters, for its name.

    Raises:
        OSError: the disk is full, or `parent` cannot be written to.
    """
    sweep(parent, kind)
    with tempfile.TemporaryDirectory(prefix=f".{kind}-{os.getpid()}-", dir=parent) as made:
        yield Path(made)


def sweep(parent: Path, kind: str) -> None:
    """Take away what killed processes of this machine have left of a kind."""
    for path in parent.glob(f".{kind}-*"):
        found = _NAME.fullmatch(path.name)
        if found and found[1] == kind and not _is_alive(int(found[2])):
            shutil.rmtree(path, ignore_errors=True)


def _is_alive(process: int) -> bool:
    if process == os.getpid():
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True  # it is another user's
    return True
