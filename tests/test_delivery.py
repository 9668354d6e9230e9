"""Delivery over a real SMTP server on loopback: who gets what, once, and what a refusal or a cut leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from audit.ledger import ReportFile, reports
from audit.period import Period
from audit.pipeline import delivering
from audit.pipeline.workspace import Workspace
from audit.settings import Recipient, Settings, load_settings
from audit.settings.deployment import Mail
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


def _run(workspace: Workspace) -> str:
    if "run_id" not in vars(workspace):
        vars(workspace)["run_id"] = workspace.ledger.begin_run("report", {}, "0" * 64, {})
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
