"""What a process may do that works on files of strangers: so much memory, time and disk, no network, no other program.

`confine` takes rights away from the process that calls it, for good. Limits are the system's (rlimits); network,
programs and signals are closed by a seccomp filter, files by Landlock. Where the platform offers less (another kernel,
another processor, a container that forbids it) the rest still holds, `confine` tells what does, and whoever starts
such a process passes that on to `warn_of_missing`.
"""

from __future__ import annotations

import ctypes
import logging
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

logger = logging.getLogger(__name__)

Guard = Literal["limits", "calls", "files"]
_Step = tuple[int, int, int, int]

_WHAT_IS_OPEN: Final = MappingProxyType(
    {
        "files": "files (Landlock): it could read what the user of the service may read",
        "calls": "calls (seccomp): it could open connections and start programs",
    }
)

_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | 1  # EPERM
_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_LESS, _RETURN = 0x20, 0x15, 0x35, 0x06

_ARCHITECTURES: Final = MappingProxyType({"x86_64": 0xC000003E, "aarch64": 0xC00000B7})
_REFUSED_CALLS: Final = MappingProxyType(
    {
        # socket, connect, accept, bind, listen, execve, execveat, ptrace, process_vm_readv and _writev, kill, accept4,
        # io_uring_setup (which could do all of it), fork, vfork
        # tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal, pidfd_open, pidfd_getfd
        "x86_64": (
            *(41, 42, 43, 49, 50, 59, 322, 101, 310, 311, 62, 288, 425, 57, 58),
            *(200, 234, 129, 297, 424, 434, 438),
        ),
        "aarch64": (
            *(198, 203, 202, 200, 201, 221, 281, 117, 270, 271, 129, 242, 425),
            *(130, 131, 138, 240, 424, 434, 438),
        ),
    }
)
"""A process cannot signal itself either: ``abort`` then ends it by an instruction that no process may run."""
_LIMITS_OF: Final = MappingProxyType({"x86_64": 302, "aarch64": 261})
"""``prlimit64``: allowed with process 0 alone, the one that calls."""
_OWNED_BY: Final = MappingProxyType(
    {"x86_64": ((72, (8, 15)), (16, (0x8901, 0x8902))), "aarch64": ((25, (8, 15)), (29, (0x8901, 0x8902)))}
)
"""``fcntl`` with F_SETOWN, F_SETOWN_EX, ``ioctl`` with FIOSETOWN, SIOCSPGRP: any process could be sent any signal."""
_FIRST, _SECOND = 16, 24
"""Where arguments of a call stand, their lower halves: all that the kernel reads of these."""
_X32: Final = 0x40000000
"""Calls of the other numbering that x86_64 kernels may know."""

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_READ: Final = 0b1100  # read files, list folders
_WRITE: Final = 0b1_1111_1111_0010  # write, remove, make files, folders, links
_TRUNCATE: Final = 1 << 14

_SYSTEM: Final = (
    *("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/fonts", "/var/cache/fontconfig", "/etc/localtime"),
    *("/dev/urandom", "/dev/null", "/proc/self"),
)
PROGRAM: Final = (
    *(Path(__file__).parents[1] / name for name in ("audit", "reports")),
    *(Path(place) for place in (sys.prefix, sys.base_prefix)),
    *(Path(place) for place in _SYSTEM),
)
"""What a program of ours must read to work at all: itself, its libraries, the system's, fonts; no data, no secrets."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a process may still do.

    Attributes:
        memory_bytes: address space beyond what it has now.
        cpu_seconds: whole seconds of processor time from now on.
        file_bytes: largest file that it may write; 0: none.
        writable: folders in which it may make and change files.
        readable: files and folders that it may read; None: all that its user may.
    """

    memory_bytes: int
    cpu_seconds: int
    file_bytes: int = 0
    writable: tuple[Path, ...] = ()
    readable: tuple[Path, ...] | None = PROGRAM


def confine(bounds: Bounds) -> frozenset[Guard]:
    """Take rights away from this process and those that it will start; which guards are in force."""
    _limit(bounds)
    return close(bounds.writable, bounds.readable) | {"limits"}


def close(writable: Sequence[Path] = (), readable: Sequence[Path] | None = PROGRAM) -> frozenset[Guard]:
    """Take network, programs and files away from this process; its limits stay as they are.

    Args:
        writable: folders in which it may still make and change files.
        readable: files and folders that it may still read; None: all that its user may.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    guards: set[Guard] = set()
    if _close_files(libc, writable, readable):
        guards.add("files")
    if _close_calls(libc):
        guards.add("calls")
    return frozenset(guards)


def warn_of_missing(guards: Iterable[str]) -> None:
    """Log, once in a process for the same, that a process which works on files of strangers is not closed all around.

    Args:
        guards: what `confine` or `close` gave in that process.
    """
    _warn(tuple(sorted(_WHAT_IS_OPEN.keys() - set(guards))))


@cache
def _warn(missing: tuple[str, ...]) -> None:
    for guard in missing:
        logger.warning("this system does not let a process for files of strangers be closed: %s", _WHAT_IS_OPEN[guard])


def without_core_dumps() -> None:
    """No image of this process's memory, and so of its secrets, is left on the disk when it crashes."""
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit(bounds: Bounds) -> None:
    without_core_dumps()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(usage.ru_utime + usage.ru_stime) + 1 + bounds.cpu_seconds
    for kind, limit in (
        (resource.RLIMIT_AS, _address_space() + bounds.memory_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, bounds.file_bytes),
    ):
        most = resource.getrlimit(kind)[1]
        lowest = limit if most == resource.RLIM_INFINITY else min(limit, most)
        resource.setrlimit(kind, (lowest, lowest))


def _address_space() -> int:
    """Bytes of address space that this process has now."""
    with suppress(OSError, ValueError):
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    return 0


def _close_calls(libc: ctypes.CDLL) -> bool:
    machine = platform.machine()
    if machine not in _ARCHITECTURES:
        return False
    program = _filter_of(_ARCHITECTURES[machine], _REFUSED_CALLS[machine], _conditions(machine))
    text = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: a count, padding, a pointer
    described = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(text))
    given = ctypes.create_string_buffer(described, len(described))
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, given, 0, 0) == 0)


def _filter_of(architecture: int, refused: Sequence[int], conditions: Sequence[_Step] = ()) -> bytes:
    """The filter as the kernel reads it: every call of another architecture and every one that is named is refused."""
    steps = [(_LOAD, 0, 0, 4), (_JUMP_IF_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _REFUSE), (_LOAD, 0, 0, 0)]
    steps += [(_JUMP_IF_LESS, 0, 1, _X32), (_RETURN, 0, 0, _REFUSE)]
    for number in refused:
        steps += [(_JUMP_IF_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    steps += [*conditions, (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _conditions(machine: str) -> list[_Step]:
    """The steps for calls that are refused with some arguments: each leads to an end, or past its own steps."""
    allow, refuse = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)
    of_itself = [(_LOAD, 0, 0, _FIRST), (_JUMP_IF_EQUAL, 0, 1, 0), allow, refuse]
    steps = [(_JUMP_IF_EQUAL, 0, len(of_itself), _LIMITS_OF[machine]), *of_itself]
    for number, words in _OWNED_BY[machine]:
        asked = [(_LOAD, 0, 0, _SECOND)]
        for word in words:
            asked += [(_JUMP_IF_EQUAL, 0, 1, word), refuse]
        steps += [(_JUMP_IF_EQUAL, 0, len(asked) + 1, number), *asked, allow]
    return steps


def _close_files(libc: ctypes.CDLL, writable: Sequence[Path], readable: Sequence[Path] | None) -> bool:
    version = libc.syscall(_LANDLOCK_CREATE, None, 0, 1)
    if version < 1:
        return False
    writing = _WRITE | (_TRUNCATE if version >= 3 else 0)
    handled = writing | (_READ if readable is not None else 0)
    attribute = ctypes.create_string_buffer(struct.pack("Q", handled), 8)
    rules = libc.syscall(_LANDLOCK_CREATE, attribute, 8, 0)
    if rules < 0:
        return False
    try:
        for allowed, paths in ((writing | _READ, writable), (_READ, readable or ())):
            for path in paths:
                _allow(libc, rules, allowed & handled, path)
        return bool(libc.syscall(_LANDLOCK_RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, allowed: int, path: Path) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not path.is_dir():
            allowed &= 0b110 | _TRUNCATE  # of a single file only reading and writing make sense
        described = struct.pack("=Qi", allowed, place)
        libc.syscall(_LANDLOCK_ADD, rules, 1, ctypes.create_string_buffer(described, len(described)), 0)
    finally:
        os.close(place)
