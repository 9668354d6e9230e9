"""Probing: real endpoints on loopback, with and without TLS; the command; taking over a monitoring system's probes."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from audit.probe import Endpoint, certificate_end, endpoints, probe_all
from audit.probe_import import read_probes
from audit.probe_log import FOLDER, ProbeLog
from audit.registry import Registry
from audit.settings import Agency, SourceSettings
from audit.settings.secrets import Reference

ROOT = Path(__file__).parent.parent


class Health(BaseHTTPRequestHandler):
    """Answers what the server holds; notes the headers that came."""

    server: HealthServer

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers.items())))
        time.sleep(self.server.delay_s)
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class HealthServer(ThreadingHTTPServer):
    """An endpoint."""

    daemon_threads = True
    status = 200
    body = b'{"status": "ok", "time": "2021-02-04T08:00:00+07:00"}'
    delay_s = 0.0
    seen: list[tuple[str, dict[str, str]]]

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is part of the tests."""


@contextmanager
def serving(context: ssl.SSLContext | None = None, **answer: Any) -> Iterator[tuple[HealthServer, str]]:
    """An endpoint on loopback, and its base URL."""
    server = HealthServer(("127.0.0.1", 0), Health)
    server.seen = []
    vars(server).update(answer)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server, f"{'http' if context is None else 'https'}://127.0.0.1:{server.server_address[1]}/agency"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def source(base_url: str, **fields: Any) -> SourceSettings:
    return SourceSettings.model_validate(
        {"kind": "log_api", "base_url": base_url, "token": Reference("env:T")} | fields
    )


def probed(base_url: str, **fields: Any) -> dict[str, Any]:
    """The probe of one endpoint."""
    found = probe_all([Endpoint("H03.02", source(base_url, **fields))])
    assert found.not_asked == ()
    (row,) = found.probes.to_dict("records")
    return {name: None if pd.isna(value) else value for name, value in row.items()}


def test_an_endpoint_that_answers():
    before = datetime.now(UTC)
    with serving() as (server, url):
        row = probed(url)
    assert (row["agency"], row["ok"], row["http_status"], row["error"]) == ("H03.02", True, 200, None)
    assert before <= row["at"] <= datetime.now(UTC)
    assert 0 <= row["latency_ms"] < 10_000
    assert row["certificate_ends_at"] is None
    ((path, headers),) = server.seen
    assert path == "/agency/v1/health"
    assert "authorization" not in {name.lower() for name in headers}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"body": b"OK"}, (True, 200, None)),
        ({"body": b'["up"]'}, (True, 200, None)),
        ({"body": b'{"status": " OK "}'}, (True, 200, None)),
        ({"body": b'{"status": "degraded"}'}, (False, 200, "status degraded")),
        ({"body": b'{"status": 7}'}, (True, 200, None)),
        ({"body": rb'{"status": "\ud83d"}'}, (False, 200, r"status \ud83d")),
        ({"body": rb'{"status": "\u001b[2J' + b"x" * 99 + b'"}'}, (False, 200, r"status \x1b[2j" + "x" * 33)),
        ({"body": b"[" * 5000}, (True, 200, None)),
        ({"status": 503}, (False, 503, "out of service")),
        ({"status": 500}, (False, 500, "refused")),
        ({"status": 404}, (False, 404, "not kept there")),
        ({"body": b"x" * 70_000}, (False, 200, "an answer of more than 65536 bytes")),
    ],
)
def test_what_counts_as_an_answer(answer: dict[str, Any], expected: tuple[bool, int, str | None]) -> None:
    with serving(**answer) as (_, url):
        row = probed(url)
    assert (row["ok"], row["http_status"], row["error"]) == expected


def test_another_health_url():
    with serving() as (server, url):
        assert probed("http://127.0.0.1:9/never", health_url=f"{url}/up")["ok"]
    assert server.seen[0][0] == "/agency/up"


def test_nobody_listens():
    with serving() as (_, url):
        pass
    row = probed(url)
    assert (row["ok"], row["http_status"], row["error"]) == (False, None, "the connection failed")


def test_an_answer_that_does_not_come():
    with serving(delay_s=2.0) as (_, url):
        row = probed(url, timeout_s=0.2)
    assert (row["ok"], row["http_status"], row["error"]) == (False, None, "no answer in time")


@pytest.mark.parametrize("status", [401, 403])
def test_who_is_not_let_in_knows_nothing_of_the_system(status: int) -> None:
    with serving(status=status) as (_, url):
        found = probe_all([Endpoint("H03.02", source(url))])
    assert found.probes.empty
    assert found.not_asked == (("H03.02", "credentials refused"),)


def test_a_proxy_that_fails_is_ours():
    found = probe_all([Endpoint("H03.02", source("http://127.0.0.1:9/x", proxy="http://127.0.0.1:9"))])
    assert (len(found.probes), [agency for agency, _ in found.not_asked]) == (0, ["H03.02"])


def test_one_that_hangs_does_not_stop_the_others():
    with serving() as (_, up), serving(delay_s=1.0) as (_, slow):
        asked = [Endpoint("H03.02", source(slow, timeout_s=0.2)), Endpoint("H03.03", source(up))]
        found = probe_all(asked)
    assert dict(zip(found.probes["agency"], found.probes["ok"], strict=True)) == {"H03.02": False, "H03.03": True}


def certificate(folder: Path, ends_at: datetime) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for 127.0.0.1, and a server's context that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "qlvb.example")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends_at - timedelta(days=400))
        .not_valid_after(ends_at)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    shown, secret = folder / "certificate.pem", folder / "key.pem"
    shown.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, secret)
    return shown, context


def test_the_certificate_s_end_is_told(tmp_path: Path) -> None:
    ends_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=20)
    shown, context = certificate(tmp_path, ends_at)
    with serving(context) as (_, url):
        row = probed(url, ca_file=str(shown))
    assert (row["ok"], row["certificate_ends_at"]) == (True, ends_at)


def test_a_certificate_of_no_known_version_has_no_end(tmp_path: Path) -> None:
    shown, context = certificate(tmp_path, datetime.now(UTC) + timedelta(days=20))
    whole = ssl.PEM_cert_to_DER_cert(shown.read_text(encoding="ascii"))
    version_3, version_6 = b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x05"
    assert version_3 in whole
    shown.write_text(ssl.DER_cert_to_PEM_cert(whole.replace(version_3, version_6, 1)), encoding="ascii")
    context.load_cert_chain(shown, tmp_path / "key.pem")
    with serving(context) as (_, url):
        row = probed(url)
    assert (row["ok"], row["error"], row["certificate_ends_at"]) == (False, "its certificate is not valid", None)


def test_what_nobody_expected_of_one_is_not_the_others_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def told(body: bytes) -> str:
        if body == b"odd":
            raise LookupError(body)
        return ""

    monkeypatch.setattr("audit.probe._told_status", told)
    with serving(body=b"odd") as (_, odd), serving(body=b"") as (_, up):
        found = probe_all([Endpoint("H03.02", source(odd)), Endpoint("H03.03", source(up))])
    assert list(found.probes["agency"]) == ["H03.03"]
    assert found.not_asked == (("H03.02", "probing failed: LookupError"),)
    assert [record.exc_info is not None for record in caplog.records if record.name == "audit.probe"] == [True]


def test_an_expired_certificate_is_told_too(tmp_path: Path) -> None:
    ends_at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
    shown, context = certificate(tmp_path, ends_at)
    with serving(context) as (_, url):
        row = probed(url, ca_file=str(shown))
    assert (row["ok"], row["error"], row["certificate_ends_at"]) == (False, "its certificate is not valid", ends_at)


def test_no_certificate_where_there_is_none_to_see():
    with serving() as (_, url):
        assert certificate_end(source(url)) is None
        assert certificate_end(source(url.replace("http", "https"))) is None
    assert certificate_end(source(url.replace("http", "https"))) is None


def test_whom_to_ask():
    def agency(code: str, **fields: Any) -> Agency:
        return Agency.model_validate({"code": code, "name": code, "kind": "department"} | fields)

    reached = {"kind": "log_api", "base_url": "https://a.example", "token": "env:T"}
    agencies = [
        agency("H03.01", source=reached),
        agency("H03.02"),
        agency("H03.03", source={"kind": "register_file", "path": "in"}),
        agency("H03.04", source={"kind": "register_file", "path": "in", "health_url": "https://b.example/up"}),
        agency("H03.05", source=reached, valid_to="2021-02-03"),
        agency("H03.06", source=reached, valid_from="2021-02-05"),
        agency("H03.07", source=reached, valid_from="2021-02-04", valid_to="2021-02-04"),
    ]
    assert [one.agency for one in endpoints(agencies, date(2021, 2, 4))] == ["H03.01", "H03.04", "H03.07"]


GOOD = {"agency": "H03.02", "at": "2021-02-04T08:00:00+07:00", "ok": True}


def test_lines_are_taken_over(registry: Registry) -> None:
    full = GOOD | {
        "latency_ms": 12.4,
        "http_status": 200,
        "error": "x",
        "certificate_ends_at": "2021-03-01T00:00:00Z",
        "more": 1,
    }
    lines = [
        json.dumps(full),
        "",
        json.dumps(GOOD | {"agency": "000.00.02.H03", "at": "2021-02-04T08:05:00", "ok": False}),
    ]
    imported = read_probes([line.encode() + b"\n" for line in lines], registry)
    assert imported.rejects == ()
    assert [[str(value) for value in row] for row in imported.probes.itertuples(index=False)] == [
        ["H03.02", "2021-02-04 01:00:00+00:00", "True", "12", "200", "x", "2021-03-01 00:00:00+00:00"],
        ["H03.02", "2021-02-04 01:05:00+00:00", "False", "<NA>", "<NA>", "nan", "NaT"],
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "truncated"),
        (b'"x"', "Expected `object`"),
        (b"\xff\xfe", "malformed"),
        (json.dumps(GOOD | {"ok": "yes"}).encode(), "Expected `bool`"),
        (json.dumps({"at": GOOD["at"], "ok": True}).encode(), "required field `agency`"),
        (json.dumps(GOOD | {"agency": "H03.99"}).encode(), "the registry does not know the agency"),
        (json.dumps(GOOD | {"at": "2021-02-30T08:00:00"}).encode(), "at is no time"),
        (json.dumps(GOOD | {"certificate_ends_at": "soon"}).encode(), "certificate_ends_at is no time"),
        (json.dumps(GOOD | {"http_status": -1}).encode(), "http_status is out of range"),
        (json.dumps(GOOD | {"latency_ms": 1e300}).encode(), "latency_ms is out of range"),
        (json.dumps(GOOD | {"error": "x" * 70_000}).encode(), "the line is too long"),
        (b"[" * 20_000, "Expected `object`"),
    ],
)
def test_lines_that_cannot_be_read(registry: Registry, line: bytes, reason: str) -> None:
    imported = read_probes([json.dumps(GOOD).encode(), line], registry)
    assert len(imported.probes) == 1
    ((number, told),) = imported.rejects
    assert number == 2
    assert reason in told


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "run_audit.py", "--config", folder, "--data", folder / "var", "probe", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=120, check=False)


def deployment(folder: Path, *base_urls: str) -> None:
    entries = [
        f'[[agencies]]\ncode = "H03.0{number}"\nname = "A{number}"\nkind = "department"\n'
        f'[agencies.source]\nkind = "log_api"\nbase_url = "{url}"\ntoken = "env:T"\n'
        for number, url in enumerate(base_urls, start=1)
    ]
    head = '[province]\ncode = "H03"\nname = "Tỉnh Thử"\nplace = "Thử"\n'
    (folder / "agencies.toml").write_text(head + "\n".join(entries), encoding="utf-8")
    (folder / "signers.toml").write_text("", encoding="utf-8")
    (folder / "recipients.toml").write_text("", encoding="utf-8")


def test_the_command_asks_and_keeps(tmp_path: Path) -> None:
    with serving() as (_, up), serving(status=503) as (_, down):
        deployment(tmp_path, up, down)
        first, second = run(tmp_path), run(tmp_path)
    told = "2 of 2 endpoints probed, 1 answer; not: H03.02\n"
    assert [(done.returncode, done.stdout) for done in (first, second)] == [(0, told)] * 2
    kept = ProbeLog(tmp_path / "var" / FOLDER).read()
    assert list(zip(kept["agency"], kept["ok"], strict=True)) == [("H03.01", True)] * 2 + [("H03.02", False)] * 2


def test_the_command_takes_over_and_tells_what_it_could_not_read(tmp_path: Path) -> None:
    deployment(tmp_path, "http://127.0.0.1:9")
    file = tmp_path / "probes.jsonl"
    file.write_text(json.dumps(GOOD | {"agency": "H03.01"}) + "\n{}\n", encoding="utf-8")
    done = run(tmp_path, "--import", str(file))
    assert (done.returncode, done.stdout) == (1, "1 probes taken over, 1 lines could not be read\n")
    assert "probes.jsonl, line 2: Object missing required field `agency`" in done.stderr
    assert len(ProbeLog(tmp_path / "var" / FOLDER).read()) == 1


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    deployment(tmp_path, "http://127.0.0.1:9")
    done = run(tmp_path, "--import", "nowhere.jsonl")
    assert done.returncode == 2
    assert "nowhere.jsonl cannot be read" in done.stderr
    assert not (tmp_path / "var" / FOLDER).exists()
