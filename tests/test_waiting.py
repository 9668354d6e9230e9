"""Connecting to a name whose addresses are silent: no longer than to one, whoever connects."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from audit import smtp
from audit.errors import TransientSourceError
from audit.http import HttpClient
from audit.probe import certificate_end
from audit.settings.deployment import Mail, Pull
from audit.waiting import connect
from tests.sources.server import serving, source_of

NAME = "many.example"
TIMEOUT_S = 0.3
MANY = 40


@pytest.fixture
def silent() -> Iterator[int]:
    """A port on loopback where nobody answers: its queue is full."""
    with ExitStack() as held:
        full = held.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(3):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(full.getsockname())
        yield full.getsockname()[1]


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Gives `NAME` the addresses of these ports."""
    known = socket.getaddrinfo

    def give(*ports: int) -> None:
        places = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)) for port in ports]
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *rest, **more: places if host == NAME else known(host, *rest, **more)
        )

    return give


@contextmanager
def soon() -> Iterator[None]:
    """What is done within takes a fraction of what the addresses would take one after the other."""
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < MANY * TIMEOUT_S / 3


def test_the_danger_each_address_is_waited_for(silent: int, named: Callable[..., None]) -> None:
    named(*[silent] * 4)
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        socket.create_connection((NAME, 1), timeout=0.1)
    assert time.monotonic() - begun > 0.35


def test_many_silent_addresses_take_no_longer_than_one(silent: int, named: Callable[..., None]) -> None:
    named(*[silent] * MANY)
    with soon(), pytest.raises(TimeoutError):
        connect(NAME, 1, TIMEOUT_S)
    with soon(), pytest.raises(TimeoutError):
        connect(NAME, 1, 60.0, until=time.monotonic() + TIMEOUT_S)


def test_a_silent_address_leaves_time_for_the_next(silent: int, named: Callable[..., None]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        named(silent, 1, listening.getsockname()[1])
        with connect(NAME, 1, 2.0) as connection:
            assert connection.getpeername() == listening.getsockname()
            assert connection.gettimeout() == 2.0


def test_what_cannot_be_reached_is_told(named: Callable[..., None]) -> None:
    named(1)
    with pytest.raises(ConnectionRefusedError):
        connect(NAME, 1, TIMEOUT_S)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_asking_a_system_and_the_probe_wait_no_longer(silent: int, named: Callable[..., None], scheme: str) -> None:
    named(*[silent] * MANY)
    url = f"{scheme}://{NAME}:{silent}"
    source = source_of(url, timeout_s=TIMEOUT_S)
    with soon(), HttpClient("H03", source, Pull(attempts=1)) as http, pytest.raises(TransientSourceError) as told:
        http.ask(url)
    assert told.value.reason == "no answer in time"
    with soon():
        assert certificate_end(source) is None


def test_a_system_is_reached_at_its_second_address(silent: int, named: Callable[..., None]) -> None:
    with serving({}) as server:
        server.misbehaviour = lambda exchange: not exchange.send(b"fine")
        named(silent, server.server_address[1])
        url = f"http://{NAME}:{silent}"
        with HttpClient("H03", source_of(url, timeout_s=2.0), Pull(attempts=1)) as http:
            assert http.ask(url).body == b"fine"


def test_a_mail_server_is_waited_for_no_longer(silent: int, named: Callable[..., None]) -> None:
    named(*[silent] * MANY)
    mail = Mail(enabled=True, host=NAME, port=silent, security="none", sender="a@so.example", timeout_s=TIMEOUT_S)
    with soon(), pytest.raises(smtp.MailError, match="timed out"):
        smtp.Connection(mail)
