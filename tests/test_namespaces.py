"""Judging where scheduler and workers are in network namespaces of their own, as on three machines: the same to the byte.

Only root may make namespaces; elsewhere this is skipped. Nothing of it is seen from outside: the machine's own network
is not touched.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from audit.engine import judge
from tests.stored_logs import judged_by
from tests.test_cluster import LATEST, bytes_of, province

WORKERS = 2
PORT = "8786"


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextmanager
def namespace(name: str) -> Iterator[str]:
    ip("netns", "add", name)
    try:
        ip("-n", name, "link", "set", "lo", "up")
        yield name
    finally:
        ip("netns", "del", name)


@contextmanager
def within(name: str, *words: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Python program in a namespace, until the block is left."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    command = ["ip", "netns", "exec", name, sys.executable, "-m", *words]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


def tied(head: str, worker: str, number: int) -> None:
    """A wire between two namespaces: 10.77.N.1 here, 10.77.N.2 there."""
    ends = (head, f"h{number}", 1), (worker, "w", 2)
    ip("-n", head, "link", "add", f"h{number}", "type", "veth", "peer", "name", "w", "netns", worker)
    for where, device, place in ends:
        ip("-n", where, "address", "add", f"10.77.{number}.{place}/30", "dev", device)
        ip("-n", where, "link", "set", device, "up")
    ip("-n", worker, "route", "add", "default", "via", f"10.77.{number}.1")


def may_make_namespaces() -> bool:
    if os.geteuid() or shutil.which("ip") is None:
        return False
    try:
        with namespace(f"audit-{os.getpid()}-try"):
            return True
    except subprocess.CalledProcessError:
        return False


@pytest.mark.slow
def test_workers_in_network_namespaces_of_their_own(tmp_path: Path) -> None:
    if not may_make_namespaces():
        pytest.skip("this user may not make network namespaces")
    inputs, dates = province(tmp_path / "log")
    with ExitStack() as stack:
        names = [stack.enter_context(namespace(f"audit-{os.getpid()}-{number}")) for number in range(WORKERS + 1)]
        for number, name in enumerate(names[1:]):
            tied(names[0], name, number)
        # workers fetch from each other what the judge gave to one of them
        ip("netns", "exec", names[0], "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        words = ("scheduler", "--host", "10.77.0.1", "--port", PORT, "--dashboard-address", "127.0.0.1:0")
        stack.enter_context(within(names[0], "dask", *words, folder=tmp_path))
        for name in names[1:]:
            words = ("worker", f"tcp://10.77.0.1:{PORT}", "--nthreads", "1", "--no-nanny")
            stack.enter_context(within(name, "dask", *words, "--local-directory", str(tmp_path), folder=tmp_path))
        asked = ("tests.test_namespaces", str(tmp_path / "again"), f"dask://10.77.0.1:{PORT}", str(tmp_path / "found"))
        with within(names[0], *asked, folder=tmp_path) as client:
            assert client.wait(2 * LATEST) == 0
    there = json.loads((tmp_path / "found").read_text(encoding="utf-8"))
    assert there == {"workers": WORKERS, "judgement": bytes_of(judge(inputs, *dates))}


def main() -> None:
    """Judge the same province on the cluster: what the test runs in the scheduler's namespace."""
    from distributed import Client  # noqa: PLC0415

    root, address, found = sys.argv[1:]
    inputs, dates = province(Path(root))
    until = time.monotonic() + LATEST
    with Client(address.replace("dask://", "tcp://"), timeout=LATEST, set_as_default=False) as client:
        client.wait_for_workers(WORKERS, timeout=until - time.monotonic())
        workers = len(client.scheduler_info()["workers"])
    judgement = judge(judged_by(inputs, dask=address), *dates)
    told = {"workers": workers, "judgement": bytes_of(judgement)}
    Path(found).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
