"""Children that work on files of strangers: what they could do without confinement, and cannot with it."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

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
