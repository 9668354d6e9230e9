"""Each command is killed, and finds the disk full, at every step that matters and at any moment; the next run mends it.

A few places of each in the tests, all of them in `make faults` (``AUDIT_FAULTS``: most places of a command).
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.faults.bench import COMMANDS, Bench, Ended, Fault, Place, sent
from tests.faults.conftest import Note

MOST = int(os.environ.get("AUDIT_FAULTS", "0"))
"""Most places of a command in the long run; 0: the short one."""
MOMENTS = 40
FEW = {"pull": 1, "judge": 1, "report": 0, "deliver": 1, "backup": 1}
"""Places of each command that the tests try; a report takes seconds."""


def places(command: str, steps: int) -> Iterator[int]:
    """Numbers of steps at which to break a command."""
    every = range(1, steps + 1)
    yield from sorted(random.Random(command).sample(every, min(steps, MOST) if MOST else FEW[command]))


def runs_of(place: Place) -> list[tuple[str, int | None]]:
    """Command and exit status of every run that the ledger knows."""
    path = place.data / "ledger.sqlite"
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as database:
        try:
            return database.execute("SELECT command, exit_status FROM runs ORDER BY started_at").fetchall()
        except sqlite3.OperationalError:
            return []


def mended(bench: Bench, place: Place, command: str, broken: Ended) -> None:
    """The next run does what was left, once: nothing is lost, nothing is double, nothing lies about."""
    done = [status for name, status in runs_of(place) if name == command and status in (0, 1)]
    if broken.status not in (0, 1) and done:  # only one that was killed between its last record and its end
        assert broken.status == -signal.SIGKILL
        assert place.state() == bench.states[command]
    again = place.run(command)
    in_doubt = command == "deliver" and "in doubt" in again.out and " 0 in doubt" not in again.out
    assert again.status == 4 if in_doubt else again.status in (0, 1), again.err
    assert place.state() == bench.states[command]
    assert place.litter() == []
    assert place.run("verify").status == 0
    if command == "deliver":
        mails = sent(bench.post)
        assert max(mails.values(), default=0) <= 1, "nothing is mailed twice"
        assert mails == bench.mails or in_doubt, "what nobody knows of is said to be in doubt"


@pytest.mark.parametrize("command", COMMANDS)
def test_killed_at_a_step(bench: Bench, note: Note, command: str) -> None:
    for step in places(command, bench.steps[command]):
        place = bench.before(command)
        ended = place.run(command, Fault("kill", step))
        # how many steps there are varies with the order in which agencies answer
        # and a report is written by several processes: if one of them is killed, the command says so
        told = ended.status == 3 and command == "report"
        assert ended.status == -signal.SIGKILL or told or step > ended.steps
        mended(bench, place, command, ended)
        note(f"kill-step-{command}", f"{ended.status}")


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_killed_at_any_moment(bench: Bench, note: Note, command: str) -> None:
    """As many moments as `make faults` asks for; two in `make test-slow`."""
    chance = random.Random(f"moment {command}")
    for _ in range(min(MOMENTS, MOST or 2)):
        place = bench.before(command)
        ended = place.run(command, Fault("kill_after", seconds=chance.uniform(0, bench.seconds[command])))
        assert ended.status in (-signal.SIGKILL, 0, 1)
        mended(bench, place, command, ended)
        note(f"kill-moment-{command}", f"{ended.status}")


@pytest.mark.parametrize("command", COMMANDS)
def test_disk_full_at_a_step(bench: Bench, note: Note, command: str) -> None:
    for step in places(command, bench.steps[command]) if MOST or command in {"pull", "deliver"} else ():
        place = bench.before(command)
        ended = place.run(command, Fault("full", step))
        assert ended.status in (0, 1, 3, 4), ended.err
        said = ended.out + ended.err
        assert ended.status in (0, 1) or "No space left" in said or "cannot be" in said
        mended(bench, place, command, ended)
        note(f"full-step-{command}", f"{ended.status}")
