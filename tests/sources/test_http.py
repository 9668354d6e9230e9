"""Asking over HTTP: certificates, redirections, waiting, and what an address shows."""

from __future__ import annotations

import gzip
import resource
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from audit.errors import PermanentSourceError, SourceError, TransientSourceError
from audit.http import HttpClient, _retry_after, plain_url
from audit.settings.deployment import Pull
from tests.sources.server import Exchange, LogServer, serving, source_of

POLICY = Pull.model_validate({"attempts": 3, "wait_first_s": 1.0, "wait_most_s": 10.0})
NOW = datetime(2021, 2, 5, 1, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[LogServer]:
    with serving({}) as running:
        yield running


class Waits(list[float]):
    """Notes how long it was to wait, and does not; the short distance between any two requests apart."""

    def __call__(self, seconds: float) -> None:
        if seconds > 0.01 or seconds == 0:
            self.append(seconds)


def client(url: str, waits: Waits | None = None, **source: object) -> HttpClient:
    return HttpClient("H03", source_of(url, **source), POLICY, sleep=Waits() if waits is None else waits)


def asked(url: str, **source: object) -> SourceError:
    """The error of asking."""
    with client(url, **source) as http, pytest.raises(SourceError) as caught:
        http.ask(url)
    return caught.value


def peak_mib() -> float:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def certificate(folder: Path, name: str, *, days: int = 1) -> Path:
    """A certificate of its own making for 127.0.0.1, with its key, that ends in so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=2))
        .not_valid_after(datetime.now(UTC) + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{name}.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def over_tls(server: LogServer, certificate: Path, clients: Path | None = None) -> Iterator[str]:
    """The server's address once it speaks TLS only; with `clients`, only to who has a certificate of theirs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    yield server.url.replace("http:", "https:")


def test_a_certificate_of_an_own_authority_is_trusted_by_its_bundle_only(server: LogServer, tmp_path: Path) -> None:
    own, other = certificate(tmp_path, "own"), certificate(tmp_path, "other")
    server.misbehaviour = lambda exchange: not exchange.send(b"fine")
    with over_tls(server, own) as url:
        with client(url, ca_file=str(own), timeout_s=5.0) as http:
            assert http.ask(url).body == b"fine"
        for bundle in ("", str(other)):
            error = asked(url, ca_file=bundle, timeout_s=5.0)
            assert isinstance(error, PermanentSourceError)
            assert (error.reason, error.failed_at) == ("its certificate is not valid", "agency")
    assert len(server.asked) == 1


def test_a_system_that_wants_a_certificate_of_the_caller_gets_the_agencys(server: LogServer, tmp_path: Path) -> None:
    own, ours, other = (certificate(tmp_path, name) for name in ("own", "ours", "other"))
    server.misbehaviour = lambda exchange: not exchange.send(b"fine")
    with over_tls(server, own, clients=ours) as url:
        with client(url, ca_file=str(own), client_cert=str(ours), client_key=str(ours), timeout_s=5.0) as http:
            assert http.ask(url).body == b"fine"
        for wrong in ({}, {"client_cert": str(other), "client_key": str(other)}):
            assert isinstance(asked(url, ca_file=str(own), timeout_s=5.0, **wrong), SourceError)
        missing = {"client_cert": str(tmp_path / "none.pem"), "client_key": str(tmp_path / "none.pem")}
        assert asked(url, ca_file=str(own), timeout_s=5.0, **missing).failed_at == "ours"
    assert len(server.asked) == 1


@contextmanager
def saying(beginning: bytes, again: bytes = b"", times: int = 400) -> Iterator[str]:
    """A server that says something to whoever comes, and then something else again and again."""

    class Talking(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.request.recv(65536)
                self.request.sendall(beginning)
                for _ in range(times if again else 0):
                    self.request.sendall(again)
                    time.sleep(0.05)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talking) as running:
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{running.server_address[1]}"
        finally:
            running.shutdown()


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("beginning", "again"),
    [(CHUNKED + b"0\r\n", b"X-Slow: x\r\n"), (CHUNKED, b"0"), (CHUNKED + b"1;", b"x")],
    ids=["trailers", "the length of a chunk", "what is said of a chunk"],
)
def test_what_frames_a_body_cannot_drip_for_ever(beginning: bytes, again: bytes) -> None:
    began = time.monotonic()
    with saying(beginning, again) as url:
        assert asked(url, timeout_s=0.1).reason == "the answer took too long"
    assert time.monotonic() - began < 10  # three attempts


@pytest.mark.parametrize("again", [b"x", bytes(1 << 20)], ids=["drips", "is large"])
def test_the_body_of_a_redirection_is_not_read(again: bytes) -> None:
    with saying(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", again) as url:
        before, began = peak_mib(), time.monotonic()
        assert asked(url, timeout_s=5.0, page_bytes_max=1024).reason == "redirected in circles"
        assert time.monotonic() - began < 2
        assert peak_mib() - before < 20


@pytest.mark.parametrize("location", [b"http://[", b"/\xff", b"http://h:99999999999999999999/"])
def test_a_redirection_to_no_address_is_the_systems_fault(location: bytes) -> None:
    with saying(b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n") as url:
        error = asked(url)
    assert (error.reason, error.failed_at) == ("redirected elsewhere; not followed", "agency")


def test_two_lengths_are_the_systems_fault() -> None:
    with saying(b"HTTP/1.1 200 OK\r\nContent-Length: 3, 4\r\n\r\nabc") as url:
        assert asked(url).failed_at == "agency"


def test_cookies_cost_nothing() -> None:
    cookie = b"Set-Cookie2: " + b"a;" * 32_000 + b"\r\n"
    with saying(b"HTTP/1.1 200 OK\r\n" + 20 * cookie + b"Content-Length: 2\r\n\r\n{}") as url:
        began = time.process_time()
        with client(url) as http:
            assert http.ask(url).body == b"{}"
        assert time.process_time() - began < 1


def test_a_proxy_whose_consent_drips_is_cut_off() -> None:
    began = time.monotonic()
    with saying(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x") as proxy:
        assert isinstance(asked("https://qlvb.example", proxy=proxy, timeout_s=0.1), TransientSourceError)
    assert time.monotonic() - began < 10  # three attempts


def test_the_proxy_of_the_settings_is_asked_instead_of_the_system(server: LogServer) -> None:
    server.misbehaviour = lambda exchange: not exchange.send(b"through the proxy")
    with client("http://qlvb.example", proxy=server.url) as http:
        answer = http.ask("http://qlvb.example/v1/log", parameters={"day": "2021-02-04"})
    assert (answer.body, answer.url) == (b"through the proxy", "http://qlvb.example/v1/log?day=2021-02-04")
    assert server.asked == ["http://qlvb.example/v1/log?day=2021-02-04"]


def test_an_expired_certificate_is_refused(server: LogServer, tmp_path: Path) -> None:
    expired = certificate(tmp_path, "expired", days=-1)
    with over_tls(server, expired) as url:
        assert asked(url, ca_file=str(expired), timeout_s=5.0).reason == "its certificate is not valid"


def test_a_redirection_within_the_origin_is_followed(server: LogServer) -> None:
    def redirect(exchange: Exchange) -> bool:
        if exchange.path == "/old":
            exchange.send(b"", {"Location": "/new"}, 302)
        else:
            exchange.send(exchange.path.encode())
        return True

    server.misbehaviour = redirect
    with client(server.url) as http:
        answer = http.ask(f"{server.url}/old", headers={"Authorization": "Bearer x"})
    assert (answer.body, answer.url) == (b"/new", f"{server.url}/new")


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{other}/x",
        "http://localhost:{port}/x",
        "https://127.0.0.1:{port}/x",
        "//other/x",
        "ftp://127.0.0.1/x",
    ],
)
def test_a_redirection_elsewhere_is_not_followed(server: LogServer, target: str) -> None:
    with serving({}) as other:
        location = target.format(other=other.server_address[1], port=server.server_address[1])
        server.misbehaviour = lambda exchange: not exchange.send(b"", {"Location": location}, 301)
        error = asked(server.url)
        assert (error.reason, error.http_status) == ("redirected elsewhere; not followed", 301)
        assert other.asked == []


def test_a_redirected_request_body_is_not_sent_again(server: LogServer) -> None:
    server.misbehaviour = lambda exchange: not exchange.send(b"", {"Location": "/new"}, 307)
    with client(server.url) as http, pytest.raises(PermanentSourceError):
        http.ask(server.url, method="POST", body=b"{}")


def test_waits_grow_with_jitter_and_end(server: LogServer) -> None:
    server.misbehaviour = lambda exchange: not exchange.send(b"", status=500)
    waits = Waits()
    with client(server.url, waits) as http, pytest.raises(TransientSourceError):
        http.ask(server.url)
    assert len(server.asked) == 3
    first, second = waits
    assert 0.5 <= first <= 1
    assert 1 <= second <= 2


@pytest.mark.parametrize(("asks_for", "waits_for"), [("5", 5), ("0", 0), ("99999999999999", 10), ("never", None)])
def test_the_system_says_how_long_to_wait(server: LogServer, asks_for: str, waits_for: float | None) -> None:
    server.misbehaviour = lambda exchange: not exchange.send(b"", {"Retry-After": asks_for}, 429)
    waits = Waits()
    with client(server.url, waits) as http, pytest.raises(TransientSourceError):
        http.ask(server.url)
    if waits_for is None:
        assert 0.5 <= waits[0] <= 1
    else:
        assert waits == [waits_for, waits_for]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 7 ", 7),
        (format_datetime(NOW + timedelta(seconds=30), usegmt=True), 30),
        (format_datetime(NOW - timedelta(seconds=30), usegmt=True), -30),
        ("-5", None),
        ("1e9", None),
        ("Fri, 99 Feb 2021 00:00:00 GMT", None),
        ("٣", None),
        ("", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert _retry_after(value, NOW) == seconds


def test_who_is_not_there_is_asked_once_until_it_answers(server: LogServer) -> None:
    waits = Waits()
    with client("http://127.0.0.1:1", waits) as http:
        for tries in (2, 0):  # waits after the first failure; none any more after the second
            waits.clear()
            with pytest.raises(TransientSourceError):
                http.ask("http://127.0.0.1:1")
            assert len(waits) == tries


def test_requests_keep_their_distance(server: LogServer) -> None:
    server.misbehaviour = lambda exchange: not exchange.send(b"fine")
    waits = Waits()
    with client(server.url, waits, requests_per_second=2.0) as http:
        for _ in range(3):
            http.ask(server.url)
    assert [round(wait, 1) for wait in waits] == pytest.approx([0.5, 1.0], abs=0.2)


def test_nothing_is_asked_when_the_time_is_up(server: LogServer) -> None:
    http = HttpClient("H03", source_of(server.url), POLICY, deadline=time.monotonic() - 1)
    with http, pytest.raises(TransientSourceError) as caught:
        http.ask(server.url)
    assert caught.value.failed_at == "ours"
    assert server.asked == []


def test_cookies_are_not_kept(server: LogServer) -> None:
    server.misbehaviour = lambda exchange: not exchange.send(b"", {"Set-Cookie": "a=b"})
    with client(server.url) as http:
        http.ask(server.url)
        http.ask(server.url)
    assert not any("Cookie" in headers for headers in server.headers_seen)


def test_several_packed_members_are_one_body(server: LogServer) -> None:

    server.misbehaviour = lambda exchange: (
        not exchange.send(gzip.compress(b"a" * 9) + gzip.compress(b"b"), {"Content-Encoding": "gzip"})
    )
    with client(server.url) as http:
        assert http.ask(server.url).body == b"a" * 9 + b"b"


def test_no_thread_is_left_behind(server: LogServer) -> None:
    server.misbehaviour = lambda exchange: not exchange.send(b"fine")
    with client(server.url) as http:
        http.ask(server.url)
    end = time.monotonic() + 5
    while any(isinstance(thread, threading.Timer) for thread in threading.enumerate()) and time.monotonic() < end:
        time.sleep(0.01)
    assert not any(isinstance(thread, threading.Timer) for thread in threading.enumerate())


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://user:secret@qlvb.example:8443/v1?day=1#x", "https://qlvb.example:8443/v1?day=1"),
        ("http://qlvb.example/a", "http://qlvb.example/a"),
    ],
)
def test_an_address_is_kept_without_secrets(url: str, plain: str) -> None:
    assert plain_url(url) == plain
