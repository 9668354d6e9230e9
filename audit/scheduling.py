"""`serve`: the same work as cron's, on APScheduler, for a host without cron.

The scheduler only wakes us. What is due is decided by `audit.due` from the ledger, every minute; each piece of work
is an ordinary command in a process of its own, so that a long life leaks nothing, an upgrade takes effect with the
next job and a crash of one is not the end of the other.

`serve --once` is the same look for a host with cron: it does what is due and ends.

Misfires: the look at what is due is never made up, since the next look sees everything (`coalesce`, one at a time, any
lateness allowed). A probe that was missed is not made up either: asking now says nothing of then.
"""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from filelock import FileLock, Timeout

from audit.due import Failure, Job, Task, due, next_due_at
from audit.errors import AuditError, LockedError
from audit.heartbeat import beat
from audit.period import LOCAL_ZONE, local_day
from audit.pipeline.duties import alerts_wait, facts_of
from audit.pipeline.watching import watch
from audit.pipeline.workspace import Workspace

logger = logging.getLogger(__name__)

LOOK_S: Final = 60
PROBE_LATE_S: Final = 60
"""A probe that is later than this is left out."""
END_WAIT_S: Final = 60
"""How long a command may take to end after SIGTERM; then it is killed, and the next start goes on from there."""
LOCK_NAME: Final = "serve.lock"
_INTERNAL: Final = 3
_LOCKED: Final = 5
_GRAVITY: Final = (0, 1, 5, 4, 3, 2)
"""The exit statuses, the gravest last."""
_ENDED_WELL: Final = (0, 1)
_PROGRAM: Final = Path(__file__).parents[1] / "run_audit.py"

Clock = Callable[[], datetime]
Runner = Callable[[Sequence[str]], int]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class Commands:
    """Runs commands of `run_audit.py` in processes of their own, and ends them when asked.

    Attributes:
        options: the global options, as given to `serve`.
    """

    options: Sequence[str]
    _running: set[subprocess.Popen[bytes]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ended: bool = False

    def run(self, words: Sequence[str]) -> int:
        """Run a command to its end; its exit status, negative where a signal ended it."""
        with self._lock:
            if self._ended:
                return -15
            started = subprocess.Popen([sys.executable, str(_PROGRAM), *words, *self.options])  # noqa: S603  # our own program
            self._running.add(started)
        try:
            return started.wait()
        finally:
            with self._lock:
                self._running.discard(started)

    def end(self) -> None:
        """Ask what is running to end, and wait for it; nothing begins any more."""
        with self._lock:
            self._ended = True
            running = list(self._running)
        for one in running:
            one.terminate()
        for one in running:
            try:
                one.wait(END_WAIT_S)
            except subprocess.TimeoutExpired:
                one.kill()


class Service:
    """Looks at what is due and does it, one after the other.

    Args:
        open_workspace: opens the deployment with the settings as they are now; closed after each look.
        run: does a command.
        clock: tells the time.
    """

    def __init__(self, open_workspace: Callable[[], Workspace], run: Runner, clock: Clock = _now) -> None:
        self._open = open_workspace
        self._run = run
        self._clock = clock
        self._doing = ""
        self._last: dict[str, Any] = {}
        self._failures: dict[Task, Failure] = {}  # also of those that never came as far as the ledger
        self.gravest = 0
        """The gravest status of what was done."""

    def look(self) -> None:
        """Do what is due, in order; after each job look again, since time went on. Never raises.

        Where the settings are wrong, looking again tells. A job that ends with 2 for another reason, for instance what
        is asked of it, keeps none of the others from being done.
        """
        tried: set[object] = set()
        while True:
            try:
                jobs = [job for job in self._due() if job.task not in tried]
            except AuditError as error:
                logger.error("what is due cannot be told: %s", error)  # noqa: TRY400
                self.gravest = _INTERNAL
                return
            if not jobs:
                self._send_waiting()
                return
            tried.add(jobs[0].task)
            if not self._do(jobs[0]):
                return

    def _send_waiting(self) -> None:
        """Send the alerts and digests of today that did not go out before."""
        try:
            workspace = self._open()
            try:
                wait = alerts_wait(workspace, self._clock())
            finally:
                workspace.close()
        except AuditError as error:
            logger.error("whether alerts wait cannot be told: %s", error)  # noqa: TRY400
            self.gravest = _INTERNAL
            return
        if wait:
            self._count(self._run(["alert", "--waiting", "--quiet"]))

    def beat(self) -> None:
        """Tell that we are alive, and what we do. Never raises: a full disk must not end the service."""
        try:
            workspace = self._open()
        except AuditError as error:
            logger.error("the settings are wrong: %s", error)  # noqa: TRY400
            return
        try:
            schedule = workspace.settings.audit.schedule
            then = next_due_at(facts_of(workspace), self._clock(), workspace.calendar, schedule)
            beat(workspace.data, doing=self._doing, last=self._last, next_due_at=then.isoformat())
        except (OSError, AuditError) as error:
            logger.error("the heartbeat could not be written: %s", error)  # noqa: TRY400
        finally:
            workspace.close()

    def probe(self) -> None:
        """Ask every endpoint once."""
        self._run(["probe", "--quiet"])

    def alert(self) -> None:
        """Look at the running day; where another run holds the lock, the next look does."""
        self._run(["alert", "--quiet"])

    def _due(self) -> list[Job]:
        workspace = self._open()
        try:
            facts = facts_of(workspace)
            facts = replace(facts, failures={**facts.failures, **self._failures})
            return due(facts, self._clock(), workspace.calendar, workspace.settings.audit.schedule)
        finally:
            workspace.close()

    def _do(self, job: Job) -> bool:
        """Do a job; whether to go on with the next one at once: not where somebody else holds the lock or all ends."""
        words = job.task.words()
        if job.days_late:
            logger.warning("%s is %d days late", " ".join(words), job.days_late)
        self._doing = " ".join(words)
        try:
            status = self._run(words)
        finally:
            self._doing = ""
        self._note(job.task, status)
        self._count(status)
        self._last = {"command": " ".join(words), "exit_status": status, "ended_at": self._clock().isoformat()}
        self._last |= {"days_late": job.days_late}
        logger.log(
            logging.INFO if status in _ENDED_WELL else logging.ERROR, "%s ended with status %d", " ".join(words), status
        )
        if status < 0 and status != -signal.SIGTERM:
            self._tell_of_death(job.task, status)
        return status >= 0 and status != _LOCKED

    def _count(self, status: int) -> None:
        self.gravest = max(self.gravest, status if status in _GRAVITY else _INTERNAL, key=_GRAVITY.index)

    def _tell_of_death(self, task: Task, status: int) -> None:
        """A command that was killed could not tell the operator itself."""
        with suppress(AuditError):
            workspace = self._open()
            try:
                watch(workspace, task.words()[0], status, local_day(self._clock()))
            finally:
                workspace.close()

    def _note(self, task: Task, status: int) -> None:
        """Remember a failure, so that a program that cannot even begin is not begun again every minute."""
        before = self._failures.pop(task, None)
        if status not in (*_ENDED_WELL, _LOCKED):
            self._failures[task] = Failure(before.times + 1 if before else 1, self._clock())


def scheduler_of(service: Service, probe_minutes: int, alert_minutes: int = 0) -> BackgroundScheduler:
    """The scheduler, not yet started: a look at what is due and a heartbeat every minute, probes beside them."""
    executors = {"default": ThreadPoolExecutor(1), "beside": ThreadPoolExecutor(2)}
    defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    scheduler = BackgroundScheduler(timezone=LOCAL_ZONE, executors=executors, job_defaults=defaults)
    begin = datetime.now(LOCAL_ZONE)
    scheduler.add_job(service.look, "interval", seconds=LOOK_S, id="look", next_run_time=begin)
    scheduler.add_job(service.beat, "interval", seconds=LOOK_S, id="beat", executor="beside", next_run_time=begin)
    if probe_minutes:
        scheduler.add_job(
            service.probe, "interval", minutes=probe_minutes, id="probe", executor="beside",
            misfire_grace_time=PROBE_LATE_S, next_run_time=begin,
        )  # fmt: skip
    if alert_minutes:
        scheduler.add_job(
            service.alert, "interval", minutes=alert_minutes, id="alert", executor="beside",
            misfire_grace_time=PROBE_LATE_S, next_run_time=begin,
        )  # fmt: skip
    return scheduler


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold the lock of the service: one at a time in a data folder.

    Raises:
        LockedError: another service works in this folder.
    """
    data.mkdir(parents=True, exist_ok=True)
    lock = FileLock(data / LOCK_NAME, timeout=0, mode=0o640)
    try:
        lock.acquire()
    except Timeout:
        raise LockedError(str(data / LOCK_NAME), "another `serve`") from None
    try:
        yield
    finally:
        lock.release()


def serve_once(open_workspace: Callable[[], Workspace], options: Sequence[str], data: Path) -> int:
    """Do what is due now, and end: what cron calls.

    Args:
        open_workspace: opens the deployment with the settings as they are now.
        options: the global options for the commands.
        data: the data folder; one service at a time in it.

    Returns:
        the gravest exit status of what was done; 0: all is done, or nothing was due.

    Raises:
        LockedError: another service works in this folder.
    """
    commands = Commands(options)
    with _alone(data):
        service = Service(open_workspace, commands.run, _now)
        try:
            service.look()
        finally:
            commands.end()
    return service.gravest


def serve(
    open_workspace: Callable[[], Workspace],
    options: Sequence[str],
    data: Path,
    probe_minutes: int,
    alert_minutes: int = 0,
) -> None:
    """Work until a signal ends it (`audit.cli` turns it into an exception); what runs is then asked to end, too.

    Args:
        open_workspace: opens the deployment with the settings as they are now.
        options: the global options for the commands.
        data: the data folder; one service at a time in it.
        probe_minutes: distance of the probes; 0: none.
        alert_minutes: distance of the looks at the running day; 0: none.

    Raises:
        LockedError: another service works in this folder.
    """
    with _alone(data):
        commands = Commands(options)
        scheduler = scheduler_of(Service(open_workspace, commands.run), probe_minutes, alert_minutes)
        try:
            scheduler.start()
            logger.info("serving %s", data)
            threading.Event().wait()
        finally:
            commands.end()
            scheduler.shutdown(wait=True)
            with suppress(OSError):
                beat(data, doing="", ended=True)
            logger.info("service ended")
