"""A fork does not outlive the process that made it, even where that one is killed and can tell nobody.

The forks of a pool hold both ends of the pipe from which they take their work, so none of them ever sees it closed:
after a ``kill -9`` they would wait for ever, with all the memory and files of a run.
"""

from __future__ import annotations

import ctypes
import os
import signal
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def end_with(parent: int) -> None:
    """In a fork, first of all: ends this process when the thread that forked it ends.

    Where the system does not offer that (Linux does), nothing happens.

    Args:
        parent: process that forked; where it has ended before this was called, this process ends now.
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is None:
        return
    prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
