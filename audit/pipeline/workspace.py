"""Where a deployment lives: its settings, its folders, its ledger; and what it means to be a run."""

from __future__ import annotations

import hashlib
import logging
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from audit.declared import FOLDER as DECLARED
from audit.errors import AuditError, DataError
from audit.evidence import Evidence
from audit.ledger import FILE_NAME, Ledger
from audit.lock import run_lock
from audit.log import Log
from audit.manifests import FOLDER as MANIFESTS
from audit.manifests import ManifestChain
from audit.pipeline import accounting
from audit.probe_log import FOLDER, ProbeLog
from audit.registry import Registry
from audit.settings import Settings, Waiver
from audit.working_time import WorkingCalendar

Value = TypeVar("Value")

logger = logging.getLogger(__name__)

INTERRUPTED: Final = 3
"""Exit status noted for a run that an error or a signal ended."""
TOLD: Final = "told"
"""Folder of what the evidence tells of each day, to be read again only where it has changed (`audit.evidence.told`)."""


@dataclass(slots=True)
class Run:
    """A run that goes on.

    Attributes:
        run_id: its id in the ledger.
        counts: what it counted; kept when it ends.
        exit_status: what it will end with; set by whoever does its work.
    """

    run_id: str
    counts: dict[str, Any] = field(default_factory=dict)
    exit_status: int = INTERRUPTED


@dataclass(frozen=True, slots=True)
class Remembered:
    """A value, and the digest of what it was made from."""

    digest: str
    value: object


class Workspace:
    """A deployment's folders and what the settings say about them; nothing is written by making one.

    Attributes:
        settings: the settings.
        data: the data folder: `evidence/`, `log/`, `judged/`, the ledger, the lock.
        out: the folder of the reports.
        quiet: no progress is shown.
        remembered: what was worked out from files before, by name; see `remember`.
    """

    def __init__(self, settings: Settings, data: Path, out: Path, *, quiet: bool = False) -> None:
        self.settings = settings
        self.data = data
        self.out = out
        self.quiet = quiet
        self.remembered: dict[str, Remembered] = {}
        self._is_locked = False

    @cached_property
    def registry(self) -> Registry:
        """The agencies."""
        return Registry(self.settings)

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """The working calendar."""
        return WorkingCalendar(self.settings.calendar)

    @cached_property
    def log(self) -> Log:
        """The conformed log."""
        return Log(self.data / "log")

    @property
    def evidence_folder(self) -> Path:
        """The raw pages, a file a day."""
        return self.data / "evidence"

    @cached_property
    def evidence(self) -> Evidence:
        """The raw pages."""
        return Evidence(self.evidence_folder, kept=self.data / TOLD)

    def evidence_digest(self) -> str:
        """Changes whenever something is pulled."""
        return files_digest(self.data / "evidence", "*.sqlite")

    @cached_property
    def probes(self) -> ProbeLog:
        """What was learnt of the endpoints' availability."""
        return ProbeLog(self.data / FOLDER)

    @property
    def manifests(self) -> ManifestChain:
        """What every run was made from and made."""
        return ManifestChain(self.data / MANIFESTS)

    @property
    def verified_folder(self) -> Path:
        """What was verified of files, by hash."""
        return self.data / "verified"

    @property
    def declared_folder(self) -> Path:
        """What the hub's statistics declare."""
        return self.data / DECLARED

    @property
    def judged_folder(self) -> Path:
        """Judgements already made, to be used again."""
        return self.data / "judged"

    @property
    def carried_folder(self) -> Path:
        """What the nights carry on of the log."""
        return self.data / "carried"

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, opened and migrated; the data folder is made when absent.

        Raises:
            DataError: it cannot be opened, or its file is gone or empty though runs were kept in it.
            ConfigError: its password cannot be read.
        """
        storage = self.settings.audit.storage
        if not storage.database_url:
            self._check_ledger_file()
            return Ledger.in_folder(self.data, self.waivers)
        reference = storage.database_password
        secret = reference and reference.resolve("storage.database_password", "audit.toml")
        return Ledger(storage.database_url, self.waivers, secret.reveal() if secret else None)

    def _check_ledger_file(self) -> None:
        """A manifest is written after its run was begun in the ledger: where there is one, there was a ledger."""
        file = self.data / FILE_NAME
        runs = len(self.manifests.paths())
        if runs and (not file.exists() or not file.stat().st_size):
            reason = f"the ledger is gone or empty, though {runs} runs are on record; `restore` brings a backup back"
            raise DataError(str(file), reason)

    @property
    def waivers(self) -> tuple[Waiver, ...]:
        """The waivers, their agencies canonical."""
        canonical = self.registry.canonical_code
        return tuple(
            waiver.model_copy(update={"agency": waiver.agency and canonical(waiver.agency)})
            for waiver in self.settings.waivers
        )

    def close(self) -> None:
        """Close what was opened."""
        if "ledger" in vars(self):
            self.ledger.close()

    def remember(self, name: str, digest: str, work_out: Callable[[], Value]) -> Value:
        """What `work_out` gives, worked out again only when the digest of what it is made from is another one."""
        known = self.remembered.get(name)
        if known is None or known.digest != digest:
            known = self.remembered[name] = Remembered(digest, work_out())
        return cast(Value, known.value)

    @contextmanager
    def locked(self, command: str) -> Iterator[None]:
        """Hold the lock of the data folder for the time of the block; nothing happens where this process holds it.

        Raises:
            LockedError: another run holds it.
        """
        if self._is_locked:
            yield
            return
        with run_lock(self.data, command):
            self._is_locked = True
            try:
                yield
            finally:
                self._is_locked = False

    @contextmanager
    def run(self, command: str, arguments: Mapping[str, Any]) -> Iterator[Run]:
        """Hold the lock and keep a run in the ledger for the time of the block; its manifest joins the chain.

        Raises:
            LockedError: another run holds the lock.
        """
        with self.locked(command):
            began_ns = time.time_ns()
            run = Run(self.ledger.begin_run(command, arguments, self.settings.digest, versions()))
            logger.info("run %s begins: %s", run.run_id, command)
            try:
                yield run
            finally:
                self._keep_manifest(run, began_ns)
                self.ledger.end_run(run.run_id, run.exit_status, run.counts)
                logger.info("run %s ends with status %d", run.run_id, run.exit_status)

    def _keep_manifest(self, run: Run, began_ns: int) -> None:
        """Append the run's manifest and note its hash; a run that cannot be accounted for still ends in the ledger."""
        try:
            told = accounting.manifest_of(self, run, began_ns, versions())
            run.counts["manifest"] = self.manifests.append(run.run_id, told)
        except (OSError, AuditError) as error:
            logger.error("the manifest of run %s could not be written: %s", run.run_id, error)  # noqa: TRY400


def versions() -> dict[str, str]:
    """Versions of what a result may depend on."""
    packages = ("numpy", "pandas", "pyarrow", "msgspec", "pydantic", "SQLAlchemy")
    return {"python": platform.python_version()} | {name: version(name) for name in packages}


def files_digest(folder: Path, pattern: str) -> str:
    """What the files look like from outside: names, sizes and times; changes whenever one of them is written."""
    lines = []
    for path in sorted(folder.glob(pattern)):
        status = path.stat()
        lines.append(f"{path.name} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
