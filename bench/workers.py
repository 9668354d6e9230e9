"""What a second worker of a Dask cluster is worth: `python -m bench.workers SCALE` prints a line of JSON.

A scheduler and one, then two workers run as processes of their own on loopback, and judge the scale. On a machine that
does other things, too, seconds tell little: beside them stands the processor time of the worker that had most to do.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from distributed import Client

from audit.engine import JudgeInputs, judge
from bench.judging import inputs_of
from bench.world import SCALES

WAIT_S = 120
SHARDS = 8


@contextmanager
def _running(*words: str) -> Iterator[None]:
    command = [sys.executable, "-m", "dask", *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def running(workers: int) -> Iterator[Client]:
    """A cluster of so many workers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with ExitStack() as stack:
        stack.enter_context(
            _running("scheduler", "--host", "127.0.0.1", "--port", str(port), "--dashboard-address", "127.0.0.1:0")
        )
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        for _ in range(workers):
            words = (
                "worker",
                f"tcp://127.0.0.1:{port}",
                "--nthreads",
                "1",
                "--dashboard-address",
                "127.0.0.1:0",
                "--no-nanny",
            )
            stack.enter_context(_running(*words, "--local-directory", folder))
        client = stack.enter_context(Client(f"tcp://127.0.0.1:{port}", timeout=WAIT_S, set_as_default=False))
        client.wait_for_workers(workers, timeout=WAIT_S)
        yield client


def with_engine(inputs: JudgeInputs, address: str) -> JudgeInputs:
    """The inputs, judged on a cluster."""
    settings = inputs.settings.with_engine(address)
    audit = settings.audit
    audit = audit.model_copy(update={"judge": audit.judge.model_copy(update={"shards": SHARDS})})
    return replace(inputs, settings=settings.model_copy(update={"audit": audit}))


def main() -> None:
    """Judge with one worker and with two; each judges once before, so that nothing is imported while it is timed."""
    os.environ["PYTHONPATH"] = str(Path.cwd())
    world, inputs = inputs_of(SCALES[sys.argv[1]])
    told: dict[str, float] = {}
    for workers in (1, 2):
        with running(workers) as client:
            asked = with_engine(inputs, client.scheduler.address.replace("tcp://", "dask://"))
            for name in ("cold", "warm"):
                before, begin = client.run(time.process_time), time.perf_counter()
                judge(asked, world.start, world.end, world.end)
                seconds = time.perf_counter() - begin
                after = client.run(time.process_time)
                told[f"{workers} {name}"] = round(seconds, 2)
                told[f"{workers} {name} most processor time"] = round(
                    max(after[key] - before[key] for key in before), 2
                )
    told["ratio of seconds"] = round(told["1 warm"] / told["2 warm"], 2)
    told["ratio of processor time"] = round(told["1 warm most processor time"] / told["2 warm most processor time"], 2)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
