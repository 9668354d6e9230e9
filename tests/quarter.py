"""Months of unattended work in minutes: a real service with a real province, at a time that is moved and not waited for.

What fails is made to fail for real: systems answer 503, the process is signalled in the middle of its work, files may
not grow. What comes of it is looked at with the program's own commands.
"""

from __future__ import annotations

import json
import os
import resource
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine

from audit import cli
from audit.period import DAY, LOCAL_ZONE
from audit.pipeline import jobs
from audit.pipeline.workspace import Workspace
from audit.scheduling import Service
from audit.settings import load_settings
from audit.simulator import SimulationOptions, serve, simulate
from audit.simulator.province import Failure
from audit.simulator.serving import Served

LOOKS = (time(5, 31), time(5, 45), time(6, 31), time(6, 45), time(12, 0))
"""When a day is looked at: its hours, and later for what failed."""
SMALL_DISK = 64 * 1024
"""No file may grow beyond so many bytes while the disk is full."""


@dataclass(frozen=True)
class Plan:
    """What happens.

    Attributes:
        first, last: local days on which the service runs.
        off: days on which the machine is off.
        dead: agency (its place in the registry), first and last day on which its system answers 503.
        full: days whose first looks find a full disk.
        killed: days on which the first work is signalled in its middle.
        restarted: days on which every look is another process's.
    """

    first: date
    last: date
    off: frozenset[date] = frozenset()
    dead: tuple[int, date, date] | None = None
    full: frozenset[date] = frozenset()
    killed: frozenset[date] = frozenset()
    restarted: frozenset[date] = frozenset()


@dataclass
class Lived:
    """A deployment that lived through a plan.

    Attributes:
        failures: what of the province's logs is lost for good.
        commands: day, command line and exit status, in order.
    """

    served: Served
    folder: Path
    agencies: tuple[str, ...]
    failures: tuple[Failure, ...]
    commands: list[tuple[date, str, int]] = field(default_factory=list)

    def open(self) -> Workspace:
        return Workspace(load_settings(self.served.config), self.folder / "var", self.folder / "out", quiet=True)

    def run(self, words: Sequence[str]) -> int:
        options = [
            "--config",
            str(self.served.config),
            "--data",
            str(self.folder / "var"),
            "--out",
            str(self.folder / "out"),
        ]
        with redirect_stdout(StringIO()):
            status = cli.main([*words, *options, "--quiet"])
        self.commands.append((datetime.now(LOCAL_ZONE).date(), " ".join(words), status))
        return status

    def told(self, *words: str) -> Any:
        """What a command prints as JSON."""
        options = [
            "--config",
            str(self.served.config),
            "--data",
            str(self.folder / "var"),
            "--out",
            str(self.folder / "out"),
        ]
        out = StringIO()
        with redirect_stdout(out):
            cli.main([*words, *options, "--quiet"])
        text = out.getvalue()
        return json.loads(text) if text.startswith("{") and text.count("\n") == 1 else text


@contextmanager
def lived(plan: Plan, options: SimulationOptions, folder: Path, settings: str) -> Iterator[Lived]:
    """Simulate the province, and let the service live through the plan; the clock stands at its end within."""
    province = simulate(options)
    with serve(province, folder / "config") as served, time_machine.travel(0, tick=True) as clock:
        (served.config / "audit.toml").write_text(settings, encoding="utf-8")
        life = Lived(served, folder, tuple(agency.code for agency in province.agencies), tuple(province.failures))
        service = Service(life.open, life.run)
        day = plan.first
        while day <= plan.last:
            served.down.clear()
            if plan.dead and plan.dead[1] <= day <= plan.dead[2]:
                served.down.add(life.agencies[plan.dead[0]])
            for number, at in enumerate(LOOKS if day not in plan.off else ()):
                clock.move_to(datetime.combine(day, at, LOCAL_ZONE))
                if day in plan.restarted:
                    service = Service(life.open, life.run)
                with faults(full=day in plan.full and number < 2, killed=day in plan.killed and number == 0):
                    service.look()
            day += DAY
        yield life


@contextmanager
def faults(*, full: bool, killed: bool) -> Iterator[None]:
    """A full disk, or a signal in the middle of the next night's work, within."""
    with pytest.MonkeyPatch.context() as patch:
        if killed:
            patch.setattr(jobs, "conform_days", signalled(jobs.conform_days))
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        if full:
            resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL_DISK, limits[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def signalled(step: Callable[..., Any]) -> Callable[..., Any]:
    """The step, at whose end the process is asked to end."""

    def done(*given: Any, **named: Any) -> Any:
        step(*given, **named)
        os.kill(os.getpid(), signal.SIGTERM)
        signal.sigtimedwait([], 1)  # the signal is handled before anything else is done
        raise AssertionError("the signal did not come")

    return done


def days_between(first: date, last: date) -> list[date]:
    """Both included."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
