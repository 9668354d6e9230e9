"""Delivery over a real SMTP server on loopback: who gets what, once, and what a refusal or a cut leaves behind."""

from __future__ import annotations

import argparse
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from audit import cli, smtp
from audit.command import Context, ExitStatus, UsageError
from audit.ledger import ReportFile, reports, runs
from audit.period import DAY, Period, week_of
from audit.pipeline import delivering, jobs
from audit.pipeline.standing import standing
from audit.pipeline.workspace import Run, Workspace
from audit.settings import Recipient, Settings, load_settings
from audit.settings.deployment import Mail
from audit.settings.secrets import Reference
from tests.postbox import Postbox, killed_between_sending_and_recording, open_postbox

WEEK = Period(date(2021, 2, 1), date(2021, 2, 8), date(2021, 2, 8))


@pytest.fixture
def post() -> Iterator[Postbox]:
    with open_postbox() as box:
        yield box


def workspace_of(folder: Path, post: Postbox, **mail: Any) -> Workspace:
    """A deployment with three recipients and a week's reports: the province's and one agency's."""
    shipped = load_settings()
    letters = Mail(enabled=True, host="127.0.0.1", port=post.port, security="none", sender="audit@so.example", **mail)
    recipients = (
        Recipient(address="pct@tinh.example", name="Văn phòng", editions=("weekly_pdf", "province_book")),
        Recipient(address="yte@so.example", name="Văn thư Sở Y tế", agency="H03.16", editions=("agency_book",)),
        Recipient(address="noivu@so.example", name="Văn thư Sở Nội vụ", agency="H03.02", editions=("agency_book",)),
    )
    settings: Settings = shipped.model_copy(
        update={"recipients": recipients, "audit": shipped.audit.model_copy(update={"mail": letters})}
    )
    workspace = Workspace(settings, folder / "var", folder / "out", quiet=True)
    made = folder / "out"
    made.mkdir()
    letter = '{"subject": "Báo cáo\\ntuần 05", "plain": "Kính gửi\\n", "html": "<html><body>Kính gửi</body></html>"}'
    files = {
        ("weekly_pdf", ""): ("bao-cao.pdf", "%PDF"), ("province_book", ""): ("toan-tinh.xlsx", "PK"), ("letter", ""): ("thu.json", letter),
        ("agency_book", "H03.16"): ("H03.16.xlsx", "PK yte"), ("letter", "H03.16"): ("thu-H03.16.json", letter),
    }  # fmt: skip
    with workspace.ledger.begin() as connection:
        for (edition, agency), (name, content) in files.items():
            (made / name).write_text(content, encoding="utf-8")
            reports.record_report(connection, ReportFile(made / name, edition, agency), WEEK, _run(workspace), {})
    return workspace


def own_certificate(folder: Path) -> Path:
    """A certificate for localhost that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / "server.pem"
    pem = serialization.Encoding.PEM
    path.write_bytes(key.private_bytes(pem, *form) + made.public_bytes(pem))
    return path


@contextmanager
def tls_server(certificate: Path) -> Iterator[int]:
    """A server that greets and agrees over TLS; its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            with suppress(OSError), context.wrap_socket(plain, server_side=True) as talk:
                talk.sendall(b"220 post.example\r\n")
                while talk.recv(1000):
                    talk.sendall(b"250 ok\r\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(10)


def _run(workspace: Workspace) -> str:
    if "run_id" not in vars(workspace):
        vars(workspace)["run_id"] = workspace.ledger.begin_run(
            "report", {"first_day": WEEK.start, "last_day": WEEK.last_day}, "0" * 64, {}
        )
    return str(vars(workspace)["run_id"])


def names_of(mail: EmailMessage) -> list[str]:
    return sorted(str(part.get_filename()) for part in mail.iter_attachments())


def states_of(workspace: Workspace) -> tuple[int, int]:
    with workspace.ledger.begin() as connection:
        return len(reports.due_deliveries(connection)), len(reports.doubtful_deliveries(connection))


def test_each_recipient_gets_its_editions_and_an_agency_its_own_data_only(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    assert delivering.queue(workspace, WEEK) == 3
    assert delivering.send_due(workspace) == delivering.Delivered(sent=3, failed=0, doubtful=0)
    assert {str(mail["To"].addresses[0].addr_spec): names_of(mail) for mail in post.mails} == {
        "pct@tinh.example": ["bao-cao.pdf", "toan-tinh.xlsx"],
        "yte@so.example": ["H03.16.xlsx"],
    }


def test_nothing_is_mailed_twice(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    for _ in range(2):
        delivering.queue(workspace, WEEK)
        delivering.send_due(workspace)
    assert len(post.mails) == 2


def test_only_what_failed_is_sent_again(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    post.refuses = {"pct@tinh.example"}
    delivering.queue(workspace, WEEK)
    assert delivering.send_due(workspace) == delivering.Delivered(sent=1, failed=2, doubtful=0)
    post.refuses = set()
    assert delivering.send_due(workspace) == delivering.Delivered(sent=2, failed=0, doubtful=0)
    assert [str(mail["To"].addresses[0].addr_spec) for mail in post.mails] == ["yte@so.example", "pct@tinh.example"]


def test_a_cut_after_the_text_leaves_a_doubt_and_no_second_mail(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    post.hangs_up = True
    delivering.queue(workspace, WEEK)
    delivering.send_due(workspace)
    taken = len(post.mails)
    due, doubtful = states_of(workspace)
    assert doubtful >= 1
    post.hangs_up = False
    delivering.send_due(workspace)
    assert len(post.mails) == taken + (1 if due else 0)
    assert states_of(workspace) == (0, doubtful)


def test_a_server_that_is_not_there_fails_all_and_keeps_them_queued(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, Postbox(port=1))
    delivering.queue(workspace, WEEK)
    assert delivering.send_due(workspace) == delivering.Delivered(sent=0, failed=3, doubtful=0)
    assert states_of(workspace) == (3, 0)


def test_a_file_over_the_limit_is_named_instead_of_attached(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post, attachment_bytes_max=3)
    delivering.queue(workspace, WEEK)
    delivering.send_due(workspace)
    to_province = next(mail for mail in post.mails if "pct@" in str(mail["To"]))
    assert names_of(to_province) == ["toan-tinh.xlsx"]
    assert "bao-cao.pdf" in to_province.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert {report.edition: state for _, report, state in delivering.planned(workspace, WEEK)} == {
        "weekly_pdf": "too_big", "province_book": "sent", "agency_book": "too_big",
    }  # fmt: skip
    assert delivering.send_due(workspace) == delivering.Delivered(0, 0, 0)


def test_a_plan_shows_who_gets_what_and_notes_nothing(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    plan = [(to.address, report.edition, state) for to, report, state in delivering.planned(workspace, WEEK)]
    assert plan == [
        ("pct@tinh.example", "province_book", "new"),
        ("pct@tinh.example", "weekly_pdf", "new"),
        ("yte@so.example", "agency_book", "new"),
    ]
    assert states_of(workspace) == (0, 0)
    assert list(delivering.parcels(workspace)) == []


def test_drafts_are_mails_to_be_opened_and_nothing_is_noted(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    read = [message_from_bytes(mail.as_bytes(), policy=policy.default) for mail in delivering.drafts(workspace, WEEK)]
    assert [(str(mail["To"]), mail["X-Unsent"], names_of(mail)) for mail in read] == [  # type: ignore[arg-type]
        ("Văn phòng <pct@tinh.example>", "1", ["bao-cao.pdf", "toan-tinh.xlsx"]),
        ("Văn thư Sở Y tế <yte@so.example>", "1", ["H03.16.xlsx"]),
    ]
    assert states_of(workspace) == (0, 0)


def test_without_recipients_there_is_one_draft_for_somebody_to_address(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    alone = Workspace(
        workspace.settings.model_copy(update={"recipients": ()}), workspace.data, workspace.out, quiet=True
    )
    (mail,) = delivering.drafts(alone, WEEK)
    assert (mail["To"], names_of(mail)) == (None, ["bao-cao.pdf", "toan-tinh.xlsx"])


def test_a_long_vietnamese_subject_arrives_as_it_was_written(tmp_path: Path, post: Postbox) -> None:
    subject = "[DỰ THẢO] Tình hình gửi, nhận văn bản điện tử giữa các cơ quan trên địa bàn tỉnh, tuần 05 năm 2021 (từ 01/02/2021)"
    mail = Mail(enabled=True, host="127.0.0.1", port=post.port, security="none", sender="a@so.example", sender_name="Hệ thống kiểm tra gửi, nhận văn bản điện tử")  # fmt: skip
    name = "Văn thư Trung tâm Công nghệ thông tin và Truyền thông tỉnh Bắc Kạn"
    with smtp.connected(mail) as server:
        smtp.send(server, smtp.message(mail, (name, "vanthu@so.example"), subject, ("a", "<p>a</p>")))
    (got,) = post.mails
    assert str(got["Subject"]) == subject
    assert " ".join(got["To"].addresses[0].display_name.split()) == name  # the parser keeps the fold
    assert max(map(len, got.as_bytes().splitlines())) < 999


def test_a_header_cannot_hold_a_line_break(post: Postbox) -> None:
    mail = Mail(enabled=True, host="127.0.0.1", port=post.port, security="none", sender="a@so.example")
    with pytest.raises(ValueError, match="line break"):
        smtp.message(mail, ("A\r\nBcc: b@so.example", "a@so.example"), "x", ("a", "a"))


def test_a_server_whose_certificate_nobody_vouches_for_is_not_spoken_to(tmp_path: Path) -> None:
    certificate = own_certificate(tmp_path)
    with tls_server(certificate) as port:
        stranger = Mail(enabled=True, host="localhost", port=port, security="tls", sender="a@so.example", timeout_s=5.0)
        with pytest.raises(smtp.MailError, match="CERTIFICATE_VERIFY_FAILED"), smtp.connected(stranger):
            pass
        known = stranger.model_copy(update={"ca_file": str(certificate)})
        with smtp.connected(known) as server:
            assert server.server.noop()[0] == 250


@contextmanager
def talking(says: Callable[[socket.socket], object]) -> Iterator[Mail]:
    """A server that says what it likes to whoever comes first, and how to reach it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            with suppress(OSError), listening.accept()[0] as connection:
                connection.settimeout(10)
                says(connection)

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        port = listening.getsockname()[1]
        yield Mail(enabled=True, host="127.0.0.1", port=port, security="none", sender="a@so.example", timeout_s=0.3)
        thread.join(10)
        assert not thread.is_alive()


def dripping(text: bytes) -> Callable[[socket.socket], None]:
    def drip(connection: socket.socket) -> None:
        for _ in range(100):
            connection.sendall(text)
            time.sleep(0.1)

    return drip


@pytest.mark.parametrize("text", [b"2", b"220-x\r\n"])
def test_a_reply_that_drips_is_not_waited_for(text: bytes) -> None:
    begun = time.monotonic()
    with talking(dripping(text)) as mail, pytest.raises(smtp.MailError, match="timed out"):
        smtp.Connection(mail)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("lines", [smtp.REPLY_LINES_MAX, smtp.REPLY_LINES_MAX + 1])
def test_a_reply_has_so_many_lines_at_most(lines: int) -> None:
    reply = b"220-x\r\n" * (lines - 1) + b"220 x\r\n"
    with talking(lambda connection: (connection.sendall(reply), connection.recv(1))) as mail:
        if lines <= smtp.REPLY_LINES_MAX:
            server = smtp.Connection(mail)
            assert server.server.sock.gettimeout() == mail.timeout_s
            server.server.close()
        else:
            with pytest.raises(smtp.MailError, match="more than 100 lines"):
                smtp.Connection(mail)


@pytest.mark.parametrize(
    ("method", "password", "reason"), [("CRAM-MD5", "x", "(Error)"), ("PLAIN", "mật-khẩu", "(UnicodeEncodeError)")]
)
def test_what_cannot_be_coded_ends_the_connection_and_quotes_no_password(
    monkeypatch: pytest.MonkeyPatch, method: str, password: str, reason: str
) -> None:
    def challenge(connection: socket.socket) -> None:
        with connection.makefile("rb") as said:
            connection.sendall(b"220 x\r\n")
            while line := said.readline():
                is_hello = line.upper().startswith(b"EHLO")
                connection.sendall(f"250-x\r\n250 AUTH {method}\r\n".encode() if is_hello else b"334 a\r\n")

    monkeypatch.setenv("AUDIT_TEST_MAIL", password)
    with talking(challenge) as mail:
        known = mail.model_copy(update={"username": "u", "password": Reference("env:AUDIT_TEST_MAIL")})
        with pytest.raises(smtp.MailError) as told:
            smtp.Connection(known)
    assert told.value.reason == f"127.0.0.1: what one side says cannot be coded {reason}"


def test_a_subject_cannot_begin_another_header(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    delivering.queue(workspace, WEEK)
    delivering.send_due(workspace)
    assert {str(mail["Subject"]) for mail in post.mails} == {"Báo cáo tuần 05"}


def test_a_kill_between_sending_and_recording_sends_nothing_twice(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    delivering.queue(workspace, WEEK)
    workspace.close()
    again = Workspace(workspace.settings, workspace.data, workspace.out, quiet=True)
    assert killed_between_sending_and_recording(lambda: delivering.send_due(again), delivering) == 9
    assert len(post.mails) == 1
    (first,) = (str(mail["To"].addresses[0].addr_spec) for mail in post.mails)
    waiting = 1 if first == "pct@tinh.example" else 2
    assert delivering.send_due(workspace) == delivering.Delivered(sent=waiting, failed=0, doubtful=3 - waiting)
    assert len(post.mails) == 2
    assert delivering.send_due(workspace).sent == 0


def test_a_server_that_says_nothing_is_given_up_and_all_stays_queued(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post, timeout_s=0.5)
    post.silent = True
    delivering.queue(workspace, WEEK)
    assert delivering.send_due(workspace) == delivering.Delivered(sent=0, failed=3, doubtful=0)
    assert states_of(workspace) == (3, 0)


@pytest.mark.parametrize("says_goodbye", [False, True])
def test_a_server_that_takes_one_mail_a_connection_gets_each_over_its_own(
    tmp_path: Path, post: Postbox, says_goodbye: bool
) -> None:
    workspace = workspace_of(tmp_path, post)
    post.mails_most, post.says_goodbye = 1, says_goodbye
    delivering.queue(workspace, WEEK)
    assert delivering.send_due(workspace) == delivering.Delivered(sent=3, failed=0, doubtful=0)
    assert (len(post.mails), post.connections) == (2, 2)
    assert states_of(workspace) == (0, 0)


def test_what_a_server_gone_in_between_never_saw_is_sent_later(
    tmp_path: Path, post: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = workspace_of(tmp_path, post)
    post.mails_most = 1
    opened = smtp._opened
    calls = iter([opened])

    def once(mail: Mail) -> Any:
        for open_it in calls:
            return open_it(mail)
        raise smtp.MailError("nobody is there")

    monkeypatch.setattr(smtp, "_opened", once)
    delivering.queue(workspace, WEEK)
    done = delivering.send_due(workspace)
    assert (done.sent + done.failed, done.doubtful, len(post.mails)) == (3, 0, 1)
    assert states_of(workspace) == (done.failed, 0)
    monkeypatch.setattr(smtp, "_opened", opened)
    assert delivering.send_due(workspace).failed == 0
    assert len(post.mails) == 2


def test_whatever_cuts_a_delivery_off_leaves_the_run_not_delivered(
    tmp_path: Path, post: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = workspace_of(tmp_path, post)
    outcome = argparse.Namespace(
        has_gaps=False, reports=(), told=argparse.Namespace(findings=pd.DataFrame({"state": []}))
    )

    def made(_workspace: Workspace, run: Run, *_: object) -> Any:
        run.counts["days_late"] = 0
        return outcome

    def cut(*_: object) -> delivering.Delivered:
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs, "report", made)  # the report itself is tested elsewhere
    context = Context(argparse.Namespace(command="weekly", week=WEEK, as_of=None), today=WEEK.end)
    vars(context).update(workspace=workspace, settings=workspace.settings)
    with monkeypatch.context() as patched:
        patched.setattr(delivering, "send_due", cut)
        with pytest.raises(KeyboardInterrupt):
            cli.find_commands()["weekly"].run(context)
    assert cli.find_commands()["weekly"].run(context) == ExitStatus.DONE
    with workspace.ledger.begin() as connection:
        known = runs.runs_of(connection, ("weekly",))
    assert [run.exit_status for run in known] == [ExitStatus.NOT_DELIVERED, ExitStatus.DONE]


def with_recipients(workspace: Workspace, *recipients: Recipient) -> Workspace:
    """The deployment after a change of recipients.toml."""
    settings = workspace.settings.model_copy(update={"recipients": recipients})
    return Workspace(settings, workspace.data, workspace.out, quiet=True)


def test_what_waits_for_an_agency_does_not_go_to_whoever_has_its_address_now(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    delivering.queue(workspace, WEEK)
    corrected = with_recipients(
        workspace,
        Recipient(address="yte@so.example", name="Văn thư Sở Nội vụ", agency="H03.02", editions=("agency_book",)),
        Recipient(address="pct@tinh.example", name="Văn phòng", editions=("province_book",)),
    )
    assert delivering.send_due(corrected).sent == 1
    assert [names_of(mail) for mail in post.mails] == [["toan-tinh.xlsx"]]
    assert delivering.send_due(workspace).sent == 2


def test_a_clerk_of_two_agencies_gets_each_ones_mail_by_its_own_entry(tmp_path: Path, post: Postbox) -> None:
    names = {"H03.16": "Văn thư Sở Y tế", "H03.02": "Văn thư Sở Nội vụ"}
    workspace = with_recipients(
        workspace_of(tmp_path, post),
        *(
            Recipient(address="yte@so.example", name=name, agency=code, editions=("agency_book",))
            for code, name in names.items()
        ),
    )
    delivering.queue(workspace, WEEK)
    delivering.send_due(workspace)
    assert [" ".join(mail["To"].addresses[0].display_name.split()) for mail in post.mails] == ["Văn thư Sở Y tế"]


def test_of_a_report_revised_before_it_was_mailed_only_the_newest_goes_out(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    delivering.queue(workspace, WEEK)
    path = tmp_path / "out" / "bao-cao.pdf"
    first = path.read_bytes()
    for content in (b"%PDF revised", first, b"%PDF revised again"):
        path.write_bytes(content)
        with workspace.ledger.begin() as connection:
            reports.record_report(connection, ReportFile(path, "weekly_pdf", ""), WEEK, _run(workspace), {})
        if content != first:
            delivering.queue(workspace, WEEK)
        assert [len(parcel.deliveries) for parcel in delivering.parcels(workspace)] == [2, 1]
    assert delivering.send_due(workspace).sent == 3
    (mail,) = post.to("pct@tinh.example")
    assert names_of(mail) == ["bao-cao.pdf", "toan-tinh.xlsx"]
    assert b"%PDF revised again" in [part.get_payload(decode=True) for part in mail.iter_attachments()]
    assert states_of(workspace) == (0, 0)


def test_a_doubt_is_settled_by_a_person_and_counts_for_its_own_period_only(
    tmp_path: Path, post: Postbox, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = workspace_of(tmp_path, post)
    delivering.queue(workspace, WEEK)
    with workspace.ledger.begin() as connection:
        numbers = [one.delivery_id for one in reports.due_deliveries(connection)]
        for number in numbers:
            reports.mark_delivery(connection, number, "sending")

    def deliver(period: Period, **given: Any) -> int:
        days = {"first_day": period.start, "last_day": period.last_day, "as_of": None}
        given = {"dry_run": False, "draft": None, "settle": None, **given}
        context = Context(argparse.Namespace(command="deliver", **days, **given), today=WEEK.end + 7 * DAY)
        vars(context).update(workspace=workspace, settings=workspace.settings)
        return cli.find_commands()["deliver"].run(context)

    assert deliver(week_of(WEEK.end)) == ExitStatus.DONE
    assert deliver(WEEK) == ExitStatus.NOT_DELIVERED
    deliver(WEEK, dry_run=True)
    assert f"in doubt, number {numbers[0]}: pct@tinh.example" in capsys.readouterr().out
    assert [one["id"] for one in standing(workspace, WEEK.end)["in_doubt"]] == numbers
    for wrong in ([["x", "sent"]], [[str(numbers[0]), "maybe"]]):
        with pytest.raises(UsageError):
            deliver(WEEK, settle=wrong)
    assert deliver(week_of(WEEK.end), settle=[[str(numbers[0]), "sent"]]) == ExitStatus.GAPS
    assert deliver(WEEK, settle=[[str(number), "sent"] for number in numbers[:2]]) == ExitStatus.DONE
    assert deliver(WEEK, settle=[[str(numbers[2]), "failed"]]) == ExitStatus.DONE
    assert post.mails == []
    assert deliver(WEEK) == ExitStatus.DONE
    assert [str(mail["To"].addresses[0].addr_spec) for mail in post.mails] == ["yte@so.example"]
