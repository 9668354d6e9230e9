"""The way to the agencies: the token goes to its own system, over a connection that is what it says, or not at all.

Own authorities, expired certificates, proxies of the environment, redirections: tests/sources/test_http.py and
tests/sources/test_pull.py; mail servers: below.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from audit import smtp
from audit.errors import PermanentSourceError, SourceError
from audit.http import HttpClient
from audit.settings.deployment import Mail, Pull
from audit.settings.secrets import Reference
from tests.attacks.canary import SECRET, canary
from tests.sources.server import LogServer, serving, source_of
from tests.sources.test_http import certificate, over_tls

ONCE = Pull(attempts=1)


def refused(url: str, **source: object) -> SourceError:
    with HttpClient("H03", source_of(url, timeout_s=5.0, **source), ONCE) as http, pytest.raises(SourceError) as caught:
        http.ask(url, headers={"X-Token": SECRET})
    return caught.value


def test_the_danger_a_library_carries_a_token_to_another_host() -> None:
    """requests drops `Authorization` on its way to another host, but no header of the agency's own."""
    with canary() as thief, canary(f"{thief.url.replace('127.0.0.1', 'localhost')}/stolen") as server:
        requests.get(server.url, headers={"X-Token": SECRET}, timeout=10)
        assert thief.headers[0]["X-Token"] == SECRET


def test_a_token_stays_with_its_host() -> None:
    with canary() as thief, canary(f"{thief.url.replace('127.0.0.1', 'localhost')}/stolen") as server:
        assert refused(server.url).reason == "redirected elsewhere; not followed"
        assert thief.asked == []


def test_the_danger_a_downgrade_carries_it_in_clear(tmp_path: Path) -> None:
    own = certificate(tmp_path, "own")
    with canary() as clear, serving({}) as server:
        server.misbehaviour = lambda exchange: not exchange.send(b"", {"Location": clear.url}, 302)
        with over_tls(server, own) as url:
            requests.get(url, headers={"X-Token": SECRET}, verify=str(own), timeout=10)
        assert clear.headers[0]["X-Token"] == SECRET


def test_from_encrypted_to_clear_is_another_origin(tmp_path: Path) -> None:
    own = certificate(tmp_path, "own")
    with canary() as clear, serving({}) as server:
        server.misbehaviour = lambda exchange: not exchange.send(b"", {"Location": clear.url}, 302)
        with over_tls(server, own) as url:
            assert refused(url, ca_file=str(own)).reason == "redirected elsewhere; not followed"
        assert clear.asked == []


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_a_certificate_of_another_host_is_refused_before_anything_is_said(tmp_path: Path) -> None:
    own = certificate(tmp_path, "own")  # for 127.0.0.1
    with serving({}) as server:
        server.misbehaviour = lambda exchange: not exchange.send(b"fine")
        with over_tls(server, own) as url:
            other_name = url.replace("127.0.0.1", "localhost")
            assert requests.get(other_name, verify=False, timeout=10).content == b"fine", "the danger"
            said = len(server.asked)
            error = refused(other_name, ca_file=str(own))
        assert isinstance(error, PermanentSourceError)
        assert (error.reason, len(server.asked)) == ("its certificate is not valid", said)


@contextmanager
def old_tls(server: LogServer, path: Path) -> Iterator[str]:
    """The server with nothing newer than TLS 1.1, which anybody on the way can break."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(path)
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    yield server.url.replace("http:", "https:")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_an_outdated_protocol_is_not_spoken(tmp_path: Path) -> None:
    own = certificate(tmp_path, "own")
    with serving({}) as server, old_tls(server, own) as url:
        server.misbehaviour = lambda exchange: not exchange.send(b"fine")
        weak = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        weak.set_ciphers("ALL:@SECLEVEL=0")
        weak.minimum_version = ssl.TLSVersion.TLSv1
        weak.load_verify_locations(own)
        with (
            socket.create_connection(("127.0.0.1", server.server_address[1]), 10) as plain,
            weak.wrap_socket(plain, server_hostname="127.0.0.1") as spoken,
        ):
            assert spoken.version() == "TLSv1.1", "the danger"
        refused(url, ca_file=str(own))
        assert server.asked == []


def test_what_is_no_certificate_of_the_host_of_the_day_before_is_refused(tmp_path: Path) -> None:
    """A certificate that changes to one of nobody's: the pull stops, and the token is not said."""
    first, second = certificate(tmp_path, "first"), certificate(tmp_path, "second")
    for shown, trusted, is_good in ((first, first, True), (second, first, False)):
        with serving({}) as server, over_tls(server, shown) as url:
            server.misbehaviour = lambda exchange: not exchange.send(b"fine")
            source = source_of(url, timeout_s=5.0, ca_file=str(trusted))
            with HttpClient("H03", source, ONCE) as http:
                if is_good:
                    assert http.ask(url).body == b"fine"
                else:
                    with pytest.raises(PermanentSourceError, match="certificate"):
                        http.ask(url)
            assert len(server.asked) == is_good


class PostServer:
    """A mail server that offers no encryption, and notes what it is told; `stolen` has what was said."""

    def __init__(self) -> None:
        self.said = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 post\r\n")
            for line in lines:
                self.said += line
                word = line[:4].upper()
                answer = b"250-post\r\n250 AUTH PLAIN LOGIN\r\n" if word == b"EHLO" else b"235 ok\r\n"
                connection.sendall(b"221 bye\r\n" if word == b"QUIT" else answer)
                if word == b"QUIT":
                    return

    def close(self) -> None:
        self._socket.close()
        self._thread.join(10)


@pytest.fixture
def post() -> Iterator[PostServer]:
    server = PostServer()
    yield server
    server.close()


def mail_through(post: PostServer, security: str) -> Mail:
    return Mail.model_validate(
        {
            "enabled": True, "host": "127.0.0.1", "port": post.port, "security": security, "sender": "a@so.example",
            "username": "audit", "password": Reference("env:AUDIT_TEST_MAIL"), "timeout_s": 5.0,
        }
    )  # fmt: skip


def test_the_danger_a_password_goes_out_in_clear(post: PostServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `check-config` refuses (tests/test_settings.py), done all the same."""
    monkeypatch.setenv("AUDIT_TEST_MAIL", SECRET)
    with smtp.connected(mail_through(post, "none")):
        pass
    assert b"AUTH" in post.said


def test_where_encryption_is_taken_away_nothing_is_said(post: PostServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIT_TEST_MAIL", SECRET)
    with pytest.raises(smtp.MailError), smtp.connected(mail_through(post, "starttls")):
        pytest.fail("connected")
    assert b"AUTH" not in post.said
    assert b"MAIL" not in post.said
