"""Files on an SFTP server: a real one on loopback, that proves who it is, and one that does not behave."""

from __future__ import annotations

import io
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from typing import Any

import paramiko
import pytest

from audit import sftp
from audit.drop_place import open_place
from audit.errors import ConfigError, PermanentSourceError, SourceError, TransientSourceError
from audit.evidence import Evidence
from audit.pull import PullOptions, pull
from audit.registry import Registry
from audit.settings import Agency, load_settings
from audit.settings.agencies import SourceSettings
from tests.sources.server import settings_of
from tests.sources.sftp_server import PASSWORD, USER, SftpServer, serving_files

DAY = date(2021, 2, 4)
REGISTER = "Số ký hiệu,Ngày ban hành,Trích yếu,Người ký\n{}/QĐ-UBND,04/02/2021,V/v thử {},Nguyễn Văn Thử\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "served"
    day = folder / "so" / DAY.isoformat()
    day.mkdir(parents=True)
    for number in (1, 2):
        (day / f"so-{number}.csv").write_text(REGISTER.format(number, number), encoding="utf-8")
    (day / "so-3.csv.part").write_text("đang ghi", encoding="utf-8")
    (day / ".khoa").write_text("x", encoding="utf-8")
    (day / "la.csv").symlink_to(day / "so-1.csv")
    (day / "con").mkdir()
    return folder


@pytest.fixture
def server(root: Path) -> Iterator[SftpServer]:
    with serving_files(root) as running:
        yield running


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIT_TEST_SFTP", PASSWORD)
    monkeypatch.setenv("AUDIT_TEST_WRONG", "sai")


def source_of(server: SftpServer, path: str = "/so/{day}", **changes: object) -> SourceSettings:
    told = {
        "kind": "register_file",
        "path": f"sftp://127.0.0.1:{server.port}{path}",
        "username": USER,
        "password": "env:AUDIT_TEST_SFTP",
        "host_key": server.public_key,
        "timeout_s": 5.0,
    }
    return SourceSettings.model_validate({**told, **changes})


def names(source: SourceSettings, *, by_time: bool = False) -> list[str]:
    with closing(open_place("H03", source)) as place:
        files = place.files(DAY)
        return [file.name for file in (place.written_on(files, DAY) if by_time else files)]


def failure(source: SourceSettings) -> SourceError:
    with pytest.raises(SourceError) as told:
        names(source)
    return told.value


def test_a_register_is_pulled_file_by_file_on_one_connection(server: SftpServer, tmp_path: Path) -> None:
    agency = Agency(code="H03", name="x", kind="other", source=source_of(server), tables=("documents",))
    settings = settings_of(agency)
    evidence = Evidence(tmp_path / "evidence")
    report = pull(settings, Registry(settings), evidence, [DAY], None, PullOptions())
    assert [(entry.outcome, entry.pages, entry.rows) for entry in report.entries] == [("complete", 2, 2)]
    [counted] = evidence.day(DAY).counted()
    urls = [page.url for page in evidence.day(DAY).pages(counted.series)]
    assert urls == [f"sftp://127.0.0.1:{server.port}/so/2021-02-04#so-{number}.csv" for number in (1, 2)]
    assert server.connections == 1


def test_only_finished_plain_files_that_match_are_seen(server: SftpServer) -> None:
    assert names(source_of(server)) == ["so-1.csv", "so-2.csv"]
    assert names(source_of(server, "/so/{day}/*2.csv")) == ["so-2.csv"]
    assert names(source_of(server, "/so/{day}/so-1.csv")) == [""]


def test_without_a_mark_of_the_day_files_are_of_the_day_they_were_written(server: SftpServer, root: Path) -> None:
    day = root / "so" / DAY.isoformat()
    os.utime(day / "so-1.csv", (1612400000, 1612400000))  # 2021-02-04T07:53 in Hà Nội
    os.utime(day / "so-2.csv", (1612500000, 1612500000))
    assert names(source_of(server, "/so/2021-02-04"), by_time=True) == ["so-1.csv"]


def test_a_file_larger_than_allowed_is_not_read(server: SftpServer) -> None:
    with closing(open_place("H03", source_of(server))) as place:
        assert place.read(DAY, "so-1.csv", 20) is None
        assert place.read(DAY, "so-1.csv", 10_000) == REGISTER.format(1, 1).encode()


def test_a_link_is_not_followed_and_a_missing_file_is_told(server: SftpServer) -> None:
    with closing(open_place("H03", source_of(server))) as place:
        for name in ("la.csv", "khong-co.csv"):
            with pytest.raises(TransientSourceError):
                place.read(DAY, name, 10_000)


def test_a_key_of_ours_opens_it(root: Path, tmp_path: Path) -> None:
    key = paramiko.ECDSAKey.generate()
    text = io.StringIO()
    key.write_private_key(text)
    path = tmp_path / "khoa"
    path.write_text(text.getvalue(), encoding="ascii")
    path.chmod(0o600)
    with serving_files(root, key) as server:
        assert len(names(source_of(server, password=None, private_key=f"file:{path}"))) == 2
    path.write_text("không phải khóa", encoding="utf-8")
    with pytest.raises(ConfigError, match="private_key"):
        names(source_of(server, password=None, private_key=f"file:{path}"))


def test_the_host_key_stands_in_a_file(server: SftpServer, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{server.port} {server.public_key}\n", encoding="ascii")
    assert len(names(source_of(server, host_key="", known_hosts=str(known)))) == 2
    known.write_text(f"other.example {server.public_key}\n", encoding="ascii")
    told = failure(source_of(server, host_key="", known_hosts=str(known)))
    assert (type(told), told.failed_at) == (PermanentSourceError, "ours")
    with pytest.raises(ConfigError, match="known_hosts"):
        names(source_of(server, host_key="", known_hosts=str(tmp_path / "none")))


def test_another_server_in_its_place_gets_no_password(server: SftpServer) -> None:
    other = paramiko.ECDSAKey.generate()
    told = failure(source_of(server, host_key=f"{other.get_name()} {other.get_base64()}"))
    assert isinstance(told, PermanentSourceError)
    assert "host key" in told.reason
    with pytest.raises(ConfigError, match="host_key"):
        names(source_of(server, host_key="ssh-ed25519 AAAA"))


def test_a_wrong_password_is_permanent_and_not_printed(server: SftpServer) -> None:
    told = failure(source_of(server, password="env:AUDIT_TEST_WRONG"))
    assert (type(told), told.http_status) == (PermanentSourceError, 401)
    assert "sai" not in str(told)


def test_nobody_there_or_no_folder_yet_is_worth_another_try(server: SftpServer) -> None:
    assert isinstance(failure(source_of(server, "/so/khong-co")), TransientSourceError)
    server.stop()
    assert isinstance(failure(source_of(server)), TransientSourceError)


def test_a_server_that_says_nothing_is_given_up(server: SftpServer) -> None:
    server.silent = True
    assert isinstance(failure(source_of(server, timeout_s=0.3)), TransientSourceError)


def test_a_file_that_never_comes_is_given_up(server: SftpServer) -> None:
    server.stalls = True
    with closing(open_place("H03", source_of(server, timeout_s=0.5))) as place, pytest.raises(TransientSourceError):
        place.read(DAY, "so-1.csv", 10_000)


def test_an_answer_to_another_question_is_the_server_s_failure(
    server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(served: Any, _kind: int, number: int, _asked: object) -> None:
        served._response(number, paramiko.sftp.CMD_NAME, 0)

    monkeypatch.setattr(paramiko.SFTPServer, "_process", answer)
    assert isinstance(failure(source_of(server)), TransientSourceError)


def test_names_that_are_too_long_in_all_are_not_collected(server: SftpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    told = len("so-1.csv" + "so-2.csv" + "so-3.csv.part" + ".khoa" + "la.csv" + "con")
    monkeypatch.setattr(sftp, "NAMES_LENGTH_MAX", told)
    assert names(source_of(server)) == ["so-1.csv", "so-2.csv"]
    monkeypatch.setattr(sftp, "NAMES_LENGTH_MAX", told - 1)
    assert isinstance(failure(source_of(server)), PermanentSourceError)


def test_what_nobody_asked_for_is_not_kept(server: SftpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = 0

    def flood(served: Any, *_: object) -> None:
        nonlocal sent
        while sent < 64 * sftp.TALK_BYTES_MAX:
            served.sock.out_window_size = 2**40  # whatever the window is
            served.sock.sendall_stderr(bytes(30_000))
            sent += 30_000

    with closing(open_place("H03", source_of(server, timeout_s=20.0))) as place:
        place.files(DAY)
        monkeypatch.setattr(paramiko.SFTPServer, "_process", flood)
        with pytest.raises(PermanentSourceError, match="more than it was asked for"):
            place.read(DAY, "so-1.csv", 100)
    assert sent < 32 * sftp.TALK_BYTES_MAX  # what was on its way is in it


@pytest.mark.parametrize(
    ("greeting", "flood"),
    [(b"SSH-2.0-x\r\n" + struct.pack(">I", 2**32 - 12), b"\4" * 2**16), (b"", b"x" * 2**16)],
    ids=["a packet of four gigabytes", "a greeting without an end"],
)
def test_a_stranger_s_packet_is_not_waited_for(server: SftpServer, greeting: bytes, flood: bytes) -> None:
    def serve() -> None:
        nonlocal sent
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.sendall(greeting)
            while sent < 64 * sftp.TALK_BYTES_MAX:
                sent += connection.send(flood)

    sent = 0
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        path = f"sftp://127.0.0.1:{listener.getsockname()[1]}/so"
        told = failure(source_of(server, timeout_s=20.0).model_copy(update={"path": path}))
        thread.join(20)
    assert isinstance(told, PermanentSourceError)
    assert "more than it was asked for" in told.reason
    assert sent < 32 * sftp.TALK_BYTES_MAX


def test_settings_want_a_known_server_and_a_way_in(tmp_path: Path) -> None:
    (tmp_path / "agencies.toml").write_text(
        """
[province]
code = "H03"
name = "x"
place = "x"
[[agencies]]
code = "H03"
name = "x"
kind = "other"
[agencies.source]
kind = "register_file"
path = "sftp://ten:mat-khau@may.example/so"
""",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as told:
        load_settings(tmp_path)
    keys = sorted(mistake.key.rpartition(".")[2] for mistake in told.value.mistakes)
    assert keys == ["known_hosts", "password", "path", "username"]
    assert "mat-khau" not in str(told.value)
