"""What all tests share: the shipped settings, Hypothesis profiles, and a wall against the outside."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from audit.registry import Registry
from audit.settings import Settings, load_settings
from audit.working_time import WorkingCalendar
from tests.postgres import Postgres, programs, serving

# No deadline: cores are shared. A failing example is printed as code to paste, so nothing depends on a local database.
settings.register_profile("default", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", settings.get_profile("default"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

WHOLE = (
    *("explain", "faults", "simulator", "reports/test_equal_figures", "reports/test_pdf", "sources/test_kill"),
    *("test_agreement", "test_alerts", "test_carried_log", "test_cluster", "test_declared", "test_engine"),
    *("test_handbook", "test_import_notes", "test_keeping", "test_laws", "test_oracle", "test_pipeline"),
    "test_postgresql",
)
"""Tests of the whole line, by the beginnings of their paths. `make coverage` leaves them out: that a line was passed on the
way to a report does not mean that anybody looked at it.
"""

_CONNECT = socket.socket.connect


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of the whole line."""
    for item in items:
        if item.path.relative_to(Path(__file__).parent).as_posix().startswith(WHOLE):
            item.add_marker("whole")


def _connect_on_loopback(self: socket.socket, address: Any) -> None:
    """Loopback and Unix sockets only: a test that needs the outside is no test."""
    if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in {"127.0.0.1", "::1", "localhost"}:
        raise AssertionError(f"a test tried to reach {address[0]}")
    _CONNECT(self, address)


@pytest.fixture(autouse=True, scope="session")
def _cores_stay_possible() -> Iterator[None]:
    """A command run inside the tests' process would forbid it core files for good, and the test of core files needs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("audit.cli.without_core_dumps", lambda: None)
        yield


@pytest.fixture(autouse=True, scope="session")
def _no_outside() -> Iterator[None]:
    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", _connect_on_loopback)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        patch.delenv(name, raising=False)
    yield
    patch.undo()


@pytest.fixture
def process_restored() -> Iterator[None]:
    """What `cli.main` changes in the process is put back: logging, warnings, a signal, the file mask."""
    root = logging.getLogger()
    handlers, level, handler, mask = root.handlers[:], root.level, signal.getsignal(signal.SIGTERM), os.umask(0o022)
    yield
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(False)
    signal.signal(signal.SIGTERM, handler)
    os.umask(mask)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server; what asks for it is left out where its programs are not installed."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed (tools/system-packages.sh)")
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def shipped() -> Settings:
    """The settings as shipped."""
    return load_settings()


@pytest.fixture(scope="session")
def registry(shipped: Settings) -> Registry:
    """The shipped registry: Bắc Kạn in 2021, 34 agencies."""
    return Registry(shipped)


@pytest.fixture(scope="session")
def calendar(shipped: Settings) -> WorkingCalendar:
    """The shipped calendar, 2021 to 2026."""
    return WorkingCalendar(shipped.calendar)
