"""Judging on a Dask cluster: the same to the byte, also where a worker dies, from a shared folder or an object store."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from distributed import Client, LocalCluster

import audit.cluster
from audit.cluster import cluster
from audit.engine import JudgeInputs, Judgement, judge
from audit.errors import ClusterError, DataError
from audit.shared_log import publish
from audit.tables import LOG_TABLES
from tests.oracle.random_province import random_case
from tests.stored_logs import judged_by, stored
from tests.test_engine import FRAMES, assert_same

LATEST = 60.0
"""Seconds after which something that should have come will not come."""


def bytes_of(judgement: Judgement) -> list[str]:
    return [getattr(judgement, name).to_json(orient="split", date_format="iso", date_unit="us") for name in FRAMES] + [
        str(judgement.notes)
    ]


def province(root: Path, seed: int = 3) -> tuple[JudgeInputs, tuple[Any, Any, Any]]:
    inputs, dates = stored(root, random_case(random.Random(seed)))
    return judged_by(inputs, shards=4), dates


@contextmanager
def threads(count: int) -> Iterator[str]:
    """A scheduler on loopback with a worker in this process; its address as people give it."""
    with LocalCluster(
        n_workers=1,
        threads_per_worker=count,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as local:
        yield local.scheduler_address.replace("tcp://", "dask://")


def test_a_cluster_finds_the_same_to_the_byte(tmp_path: Path) -> None:
    inputs, dates = province(tmp_path / "log")
    here = judge(inputs, *dates)
    with threads(2) as address:
        there = judge(judged_by(inputs, dask=address), *dates)
        from_a_copy = judge(judged_by(inputs, dask=address, dask_log=f"file://{tmp_path}/shared"), *dates)
    assert len(here.findings)
    for found in (there, from_a_copy):
        assert_same(found, here)
        assert bytes_of(found) == bytes_of(here)


def test_nobody_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit.cluster, "CONNECT_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"dask://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ClusterError, match="no scheduler answers"), cluster(address, 1):
            pass


def test_what_stops_a_piece_stops_the_judgement(tmp_path: Path) -> None:
    inputs, dates = province(tmp_path / "log")
    day = inputs.log.days()[0]
    inputs.log.path("rejects", day).replace(inputs.log.path("sends", day))
    with threads(1) as address, pytest.raises(DataError, match="another version"):
        judge(judged_by(inputs, dask=address), *dates)


def test_a_copy_is_made_once_and_never_changed(tmp_path: Path) -> None:
    inputs, _ = province(tmp_path / "log")
    log, url = inputs.log, f"file://{tmp_path}/shared"
    first = publish(log, log.days(), url)
    made = {path: path.stat().st_mtime_ns for path in (tmp_path / "shared").rglob("*.parquet")}
    day = log.days()[0]
    log.path("sends", day).write_bytes(log.path("sends", log.days()[1]).read_bytes())
    second = publish(log, log.days(), url)
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "shared").rglob("*.parquet")}
    assert made.items() <= after.items()
    assert len(after) == len(made) + 1
    assert not first.read("sends", [day]).equals(second.read("sends", [day]))
    assert second.days() == log.days()
    assert second.size_bytes(LOG_TABLES, log.days()) == log.size_bytes(LOG_TABLES, log.days())


# -- processes of their own --------------------------------------------------------------------------------------------


@contextmanager
def running(*words: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "dask", *words]
    environment = {**os.environ, **more, "PYTHONPATH": str(Path(__file__).parents[1])}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(LATEST)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def real_cluster(workers: int, folder: Path, **environment: str) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and workers, each a process of its own, on loopback."""
    port = free_port()
    told = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "5", **environment}
    with ExitStack() as stack:
        words = ("scheduler", "--host", "127.0.0.1", "--port", str(port), "--dashboard-address", "127.0.0.1:0")
        stack.enter_context(running(*words, **told))
        words = (
            "worker",
            f"tcp://127.0.0.1:{port}",
            "--nthreads",
            "1",
            "--dashboard-address",
            "127.0.0.1:0",
            "--no-nanny",
        )
        started = [
            stack.enter_context(running(*words, "--local-directory", str(folder / f"worker-{number}"), **told))
            for number in range(workers)
        ]
        with Client(f"tcp://127.0.0.1:{port}", timeout=LATEST, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=LATEST)
        yield f"dask://127.0.0.1:{port}", started


def kill_once_it_works(worker: subprocess.Popen[bytes], address: str) -> None:
    """Kill a worker as soon as pieces are being done."""
    until = time.monotonic() + LATEST
    with Client(address.replace("dask://", "tcp://"), set_as_default=False) as client:
        while time.monotonic() < until and not any(client.processing().values()):
            time.sleep(0.01)
    worker.send_signal(signal.SIGKILL)


@pytest.mark.slow
def test_a_worker_that_is_killed_changes_nothing(tmp_path: Path) -> None:
    inputs, dates = province(tmp_path / "log")
    inputs = judged_by(inputs, shards=16)
    here = judge(inputs, *dates)
    with real_cluster(2, tmp_path) as (address, workers):
        killer = Thread(target=kill_once_it_works, args=(workers[0], address))
        killer.start()
        there = judge(judged_by(inputs, dask=address), *dates)
        killer.join(LATEST)
        assert workers[0].wait(LATEST) == -signal.SIGKILL
    assert bytes_of(there) == bytes_of(here)


@pytest.mark.slow
def test_workers_read_the_log_from_an_object_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = pytest.importorskip("moto.server").ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    try:
        host, port = server.get_host_and_port()
        keys = {
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        for name, value in keys.items():
            monkeypatch.setenv(name, value)
        inputs, dates = province(tmp_path / "log")
        here = judge(inputs, *dates)
        with real_cluster(2, tmp_path, **keys) as (address, _):
            there = judge(judged_by(inputs, dask=address, dask_log="s3://audit/log"), *dates)
            again = judge(judged_by(inputs, dask=address, dask_log="s3://audit/log"), *dates)
        assert bytes_of(there) == bytes_of(here) == bytes_of(again)
    finally:
        server.stop()


@pytest.mark.slow
def test_a_cluster_on_this_machine(tmp_path: Path) -> None:
    inputs, dates = province(tmp_path / "log")
    assert bytes_of(judge(judged_by(inputs, dask="dask://local", workers=2), *dates)) == bytes_of(judge(inputs, *dates))
