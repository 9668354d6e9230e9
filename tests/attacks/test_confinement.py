"""Children that work on files of strangers: what they could do without confinement, and cannot with it."""

from __future__ import annotations

import io
import os
import platform
import re
import resource
import socket
import subprocess
import sys
import threading
import zipfile
from contextlib import suppress
from datetime import date, datetime, time
from functools import partial
from pathlib import Path

import openpyxl
import pytest

from audit.confined_fork import in_fork
from audit.errors import RenderError
from audit.sources.register_file.sheets import UnreadableFileError
from audit.sources.register_file.workbooks import sheets_of
from tests.attacks.canary import SECRET, canary

ROOT = Path(__file__).parents[2]
TAKEN_OVER = """
import os, socket, subprocess, sys
from pathlib import Path
from audit.confinement import Bounds, confine
confined, port, secret, inside, outside = sys.argv[1] == "confined", int(sys.argv[2]), *map(Path, sys.argv[3:])
def connect():
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"GET /stolen HTTP/1.0\\r\\n\\r\\n")
        connection.recv(100)
tries = {
    "connect": connect,
    "listen": lambda: socket.create_server(("127.0.0.1", 0)).close(),
    "program": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    "signal": lambda: os.kill(os.getppid(), 0),
    "read": secret.read_text,
    "write": lambda: (outside / "x").write_text("x"),
    "own": lambda: (inside / "x").write_text("x"),
    "large": lambda: (inside / "y").write_bytes(bytes(2 << 20)),
    "memory": lambda: bytearray(1 << 30),
}
guards = confine(Bounds(256 << 20, 20, 1 << 20, (inside,))) if confined else frozenset()
found = []
for name, attempt in tries.items():
    try:
        attempt()
        found.append(name)
    except (OSError, MemoryError):
        pass
print(",".join(sorted(guards)), ",".join(found))
"""


def tries(kind: str, tmp_path: Path, port: int) -> tuple[set[str], set[str]]:
    """The guards in force, and what a process that was taken over could do."""
    (tmp_path / "secret").write_text(SECRET)
    for name in ("inside", "outside"):
        (tmp_path / name).mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", TAKEN_OVER, kind, str(port), *(str(tmp_path / name) for name in ("secret", "inside", "outside"))],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True, timeout=120,
    )  # fmt: skip
    guards, _, found = done.stdout.strip("\n").partition(" ")
    return set(filter(None, guards.split(","))), set(filter(None, found.split(",")))


def test_what_a_process_may_do_before_and_after(tmp_path: Path) -> None:
    with canary() as server:
        port = server.server_address[1]
        _, free = tries("free", tmp_path, port)
        assert free == {"connect", "listen", "program", "signal", "read", "write", "own", "large", "memory"}
        assert server.asked == ["/stolen"]
        guards, found = tries("confined", tmp_path, port)
        expected = {"own"}
        if "calls" not in guards:
            expected |= {"connect", "listen", "program", "signal"}
        if "files" not in guards:
            expected |= {"read", "write"}
        assert found == expected
        assert "limits" in guards
        assert len(server.asked) == (1 if "calls" in guards else 2)
        if platform.system() == "Linux" and platform.machine() in {"x86_64", "aarch64"}:
            assert "calls" in guards


WITHOUT_LANDLOCK = """
import ctypes, logging, platform, struct, sys
from functools import partial
from pathlib import Path
from audit import confinement
from audit.confined_fork import in_fork
from audit.signatures import Trust, Verifier
from audit.sources.register_file.workbooks import sheets_of
logging.basicConfig(format="%(levelname)s %(name)s %(message)s")
if sys.argv[1] == "filtered":  # as a service manager that does not know Landlock's calls
    ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
    refused = {platform.machine(): (444, 445, 446)}
    confinement._REFUSED_CALLS, kept = refused, confinement._REFUSED_CALLS
    assert confinement._close_calls(ctypes.CDLL(None))
    confinement._REFUSED_CALLS = kept
for _ in range(2):
    assert in_fork("weekly_pdf", partial(int, 7), Path(sys.argv[2])) == 7
try:
    sheets_of(b"no workbook")
except Exception as error:
    assert "process" not in str(error)
with Verifier(Trust()) as verifier:
    verifier.verify(b"no pdf")
"""


@pytest.mark.skipif(platform.machine() not in {"x86_64", "aarch64"}, reason="the filter knows these")
def test_where_files_cannot_be_closed_the_log_says_so_once(tmp_path: Path) -> None:
    def told(kind: str) -> list[str]:
        words = [sys.executable, "-c", WITHOUT_LANDLOCK, kind, str(tmp_path)]
        done = subprocess.run(words, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stderr.splitlines()

    (line,) = told("filtered")
    assert line.startswith("WARNING audit.confinement")
    assert "files (Landlock)" in line
    guards, _ = tries("confined", tmp_path, 1)
    assert "files" not in guards or told("free") == []


SIGNALS = """
import ctypes, fcntl, os, platform, resource, signal, socket, struct, sys, threading
from audit.confinement import Bounds, confine
libc, parent = ctypes.CDLL(None, use_errno=True), os.getppid()
numbers = {"x86_64": (200, 234, 129, 297, 438), "aarch64": (130, 131, 138, 240, 438)}[platform.machine()]
tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_getfd = numbers
def call(*words):
    if libc.syscall(*words) < 0:
        raise OSError(ctypes.get_errno(), "")
queued = ctypes.create_string_buffer(struct.pack("iii", 0, 0, -1), 128)
parent_fd, own_fd, (near, far) = os.pidfd_open(parent), os.pidfd_open(os.getpid()), socket.socketpair()
tries = {
    "kill": lambda: os.kill(parent, 0),
    "tkill": lambda: call(tkill, parent, 0),
    "tgkill": lambda: call(tgkill, parent, parent, 0),
    "rt_sigqueueinfo": lambda: call(rt_sigqueueinfo, parent, 0, queued),
    "rt_tgsigqueueinfo": lambda: call(rt_tgsigqueueinfo, parent, parent, 0, queued),
    "pidfd_open": lambda: os.pidfd_open(parent),
    "pidfd_send_signal": lambda: signal.pidfd_send_signal(parent_fd, 0),
    "pidfd_getfd": lambda: call(pidfd_getfd, own_fd, 0, 0),
    "prlimit": lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE),
    "fcntl": lambda: fcntl.fcntl(near, 8, parent),  # F_SETOWN; with F_SETSIG and O_ASYNC any signal
    "fcntl_ex": lambda: fcntl.fcntl(near, 15, struct.pack("ii", 1, parent)),
    "ioctl": lambda: fcntl.ioctl(near, 0x8901, struct.pack("i", parent)),
    "ioctl_group": lambda: fcntl.ioctl(near, 0x8902, struct.pack("i", parent)),
}
if sys.argv[1] != "free":
    assert "calls" in confine(Bounds(256 << 20, 20))
if sys.argv[1] == "abort":
    os.abort()
found = []
for name, attempt in tries.items():
    try:
        attempt()
        found.append(name)
    except OSError:
        pass
# what a process of ours needs
near.setblocking(False)
fcntl.fcntl(near, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
resource.setrlimit(resource.RLIMIT_CPU, (9, 9))
assert resource.prlimit(0, resource.RLIMIT_CPU) == resource.getrlimit(resource.RLIMIT_CPU) == (9, 9)
thread = threading.Thread(target=found.sort)
thread.start()
thread.join()
print(*found)
"""


@pytest.mark.skipif(platform.machine() not in {"x86_64", "aarch64"}, reason="the filter knows these")
def test_a_confined_process_signals_nobody_by_any_call_and_still_ends_by_abort() -> None:
    def run(kind: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-c", SIGNALS, kind]
        return subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False, timeout=120)

    free, confined = run("free"), run("confined")
    assert len(free.stdout.split()) == 13
    assert (confined.returncode, confined.stdout.split()) == (0, [])
    assert run("abort").returncode not in {0, 1}


def sheet_bomb(height: int) -> bytes:
    """A workbook of some ten kilobytes whose sheet has millions of cells."""
    plain, made = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("xl/worksheets/"):
                row = b"<row>" + b"<c><v>1</v></c>" * 200 + b"</row>"
                rows = b"<sheetData>" + row * height + b"</sheetData>"
                part, found = re.subn(rb"<sheetData */>|<sheetData></sheetData>", rows, part)
                assert found == 1
            new.writestr(name, part)
    return made.getvalue()


def test_a_workbook_of_too_many_cells_is_refused_at_once() -> None:
    with pytest.raises(UnreadableFileError, match="more cells"):
        sheets_of(sheet_bomb(21_000))


@pytest.mark.slow
def test_a_workbook_that_takes_all_memory_ends_its_child_and_holds_no_other() -> None:
    def read_bomb() -> None:
        with suppress(UnreadableFileError):
            sheets_of(bomb)

    bomb = sheet_bomb(19_000)  # as many cells as just pass
    assert len(bomb) < 1_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    good = io.BytesIO()
    book = openpyxl.Workbook()
    book.worksheets[0].append(["Số", datetime(2021, 2, 4, 8), date(2021, 2, 4), time(8, 30), 814, 1.5, None, 2**70])
    book.save(good)
    reading = threading.Thread(target=read_bomb)
    reading.start()
    reading.join(1)
    (sheet,) = sheets_of(good.getvalue())
    assert reading.is_alive()
    assert sheet.rows[0][:4] == ["Số", datetime(2021, 2, 4, 8), datetime(2021, 2, 4), time(8, 30)]
    assert sheet.rows[0][4:7] == [814, 1.5, None]
    reading.join()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1024 * 1024
    assert sheets_of(good.getvalue()) == [sheet]


def taken_over(folder: Path, secret: Path, port: int) -> int:
    """What a layout library could try that a text has taken over; how many of its tries worked."""
    worked = 0
    for attempt in (
        lambda: socket.create_connection(("127.0.0.1", port), 5).close(),
        secret.read_text,
        lambda: (secret.parent / "elsewhere").write_text("x"),
        lambda: subprocess.run(["/bin/true"], check=True),
    ):
        with suppress(OSError):
            attempt()
            worked += 1
    (folder / "report.pdf").write_bytes(b"%PDF-")
    return worked


def test_a_layout_writes_its_folder_and_reaches_nothing_else(tmp_path: Path) -> None:
    secret, folder = tmp_path / "secret", tmp_path / "out"
    secret.write_text(SECRET)
    folder.mkdir()
    with canary() as server:
        port = server.server_address[1]
        assert taken_over(folder, secret, port) == 4, "the danger"
        (tmp_path / "elsewhere").unlink()
        worked = in_fork("weekly_pdf", partial(taken_over, folder, secret, port), folder)
    guarded = platform.system() == "Linux" and platform.machine() in {"x86_64", "aarch64"}
    assert worked == 0 or not guarded or (worked == 2 and (tmp_path / "elsewhere").exists()), "without Landlock: files"
    assert (folder / "report.pdf").read_bytes() == b"%PDF-"


def ends(kind: str) -> int:
    if kind == "refused":
        raise RenderError("weekly_pdf", "it does not fit")
    if kind == "full":
        raise OSError(28, "No space left on device")
    if kind == "memory":
        return len(bytearray(64 << 30))
    os._exit(9)


@pytest.mark.parametrize(
    ("kind", "error", "told"),
    [
        ("refused", RenderError, "it does not fit"),
        ("full", OSError, "No space left"),
        ("memory", RenderError, "more time or memory"),
        ("dead", RenderError, "more time or memory"),
    ],
)
def test_what_goes_wrong_in_a_fork_is_told(tmp_path: Path, kind: str, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        in_fork("weekly_pdf", partial(ends, kind), tmp_path)
