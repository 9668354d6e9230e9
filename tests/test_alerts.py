"""Alerts: the running day judged as far as it is told, each finding mailed once and reminded once, morning digests."""

from __future__ import annotations

import argparse
import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from audit import cli
from audit.command import Context, ExitStatus
from audit.ledger import alerts, history, runs
from audit.period import DAY as DAY_LONG
from audit.period import Period
from audit.pipeline import alerting, jobs, judging
from audit.pipeline.alerting import AlertsSent
from audit.pipeline.demonstration import hurry
from audit.pipeline.duties import alerts_wait
from audit.pipeline.gathering import conform_days, coverage_of, pull_days
from audit.pipeline.running_day import RunningDay, look
from audit.pipeline.workspace import Workspace
from audit.settings import Recipient, Settings, load_settings
from audit.settings.deployment import Alert, Mail
from audit.settings.tells import TELLS
from audit.simulator import Province, SimulationOptions, serve, simulate
from audit.simulator.clock import DAY as DAY_S
from audit.simulator.clock import HOUR as HOUR_S
from audit.simulator.dialects import assigned
from audit.working_time import day_number
from reports import secrecy
from tests.deployment import TOKEN, Deployment
from tests.postbox import Postbox, killed_between_sending_and_recording, open_postbox
from tests.rules.harness import Row, document, receipt, send

DAY = date(2021, 2, 4)
NOON = datetime(2021, 2, 4, 5, 0, tzinfo=UTC)
"""12:00 in Vietnam."""
NOI_VU, TU_PHAP, PROVINCE = "noivu@so.example", "tuphap@so.example", "tinh@so.example"


@pytest.fixture
def post() -> Iterator[Postbox]:
    with open_postbox() as box:
        yield box


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "a token of the tests")


def rows_of_the_day() -> list[Row]:
    """H03.02: a failed send about the epidemic, one about anything, a failed urgent one; H03.03: one about the epidemic.

    And what H03.03 got the evening before and has not answered.
    """
    failed = {
        "sent_at": "2021-02-04 09:00",
        "state": "fail",
        "state_at": "2021-02-04 09:01",
        "error_message": "<b>Lỗi</b>",
    }
    keys = [{"number": str(number), "issued_date": "2021-02-04"} for number in (41, 42, 43)]
    own = {"sender": "H03.03", "notation": "STP-VP", "number": "44", "issued_date": "2021-02-04", "recipient": "H03.02"}
    evening = {"number": "40", "issued_date": "2021-02-03"}
    return [
        document(**keys[0], subject="V/v <script>phòng, chống dịch COVID-19", signed_at="2021-02-04 08:30"),
        send(**keys[0], **failed),
        document(**keys[1], subject="V/v báo cáo tháng", signed_at="2021-02-04 08:30"),
        send(**keys[1], **failed),
        document(**keys[2], subject="V/v báo cáo gấp", urgency="khan", signed_at="2021-02-04 08:30"),
        send(**keys[2], **failed),
        document(**{k: v for k, v in own.items() if k != "recipient"}, recipients=["H03.02"],
                 subject="Kế hoạch phòng, chống dịch COVID-19", signed_at="2021-02-04 08:30"),
        send(**own, **failed),
        document(**evening, signed_at="2021-02-03 16:00"),
        send(**evening, sent_at="2021-02-03 18:30"),
        receipt(**evening, arrived_at="2021-02-03 18:31", state="processing", state_at=None),
    ]  # fmt: skip


@cache
def template() -> Path:
    """A data folder with the logs of some days, conformed and judged once for all tests."""
    root = Path(tempfile.mkdtemp(prefix="alerts-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    deployment = Deployment(root / "province")
    deployment.pulled(rows_of_the_day(), date(2021, 2, 1), DAY)
    workspace = Workspace(load_settings(deployment.config), deployment.data, root / "out", quiet=True)
    seen(workspace)
    workspace.close()
    return root / "province"


def workspace_of(folder: Path, post: Postbox, **alert: Any) -> Workspace:
    """Two agencies with a recipient each, and one who gets all alerts; the logs of some days are in hand."""
    province = Path(shutil.copytree(template(), folder / "province"))
    shipped = load_settings(province / "config")
    recipients = (
        Recipient(address=PROVINCE, name="Phòng Công nghệ thông tin", editions=("alert",)),
        Recipient(address=NOI_VU, name="Văn thư Sở Nội vụ", agency="H03.02", editions=("alert",)),
        Recipient(address=TU_PHAP, name="Văn thư Sở Tư pháp", agency="H03.03", editions=("alert",)),
    )
    mail = Mail(
        enabled=True, host="127.0.0.1", port=post.port, security="none", sender="audit@so.example", timeout_s=3.0
    )
    audit = shipped.audit.model_copy(update={"mail": mail, "alert": Alert(**alert)})
    settings: Settings = shipped.model_copy(update={"recipients": recipients, "audit": audit})
    return Workspace(settings, province / "var", folder / "out", quiet=True)


def seen(workspace: Workspace) -> RunningDay:
    """The day as if it still ran: its findings, looked at at noon."""
    found = judging.told(workspace, Period(DAY, date(2021, 2, 5), date(2021, 2, 5))).findings
    return RunningDay(DAY, NOON, found[found["rule"] == "failed_send"].reset_index(drop=True), ())


def alerted(workspace: Workspace, found: RunningDay, now: datetime = NOON) -> AlertsSent:
    with workspace.run("alert", {}) as run:
        alerting.queue_running(workspace, run, found, now)
        run.exit_status = 0
    return alerting.send_alerts(workspace, DAY)


def text_of(mail: Any) -> str:
    return " ".join(mail.get_body(("plain",)).get_content().split())


def test_an_agency_is_told_its_own_pressing_findings_and_the_province_all(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    assert alerted(workspace, seen(workspace)) == AlertsSent(3, 3, 0, 0)
    (noi_vu,), (tu_phap,), (province,) = (post.to(name) for name in (NOI_VU, TU_PHAP, PROVINCE))
    assert str(noi_vu["Subject"]) == (
        "[TẠM TÍNH] Cảnh báo 12 giờ ngày 04/02/2021, Sở Nội vụ: 02 gửi lỗi, không đến nơi nhận"
    )
    assert [number in text_of(noi_vu) for number in ("41/SNV-VP", "42/SNV-VP", "43/SNV-VP", "44/STP-VP")] == [
        *(True, False, True, False)
    ]
    assert "Sở Nội vụ:" not in text_of(tu_phap)
    assert "44/STP-VP" in text_of(tu_phap)
    assert all(number in text_of(province) for number in ("41/SNV-VP", "43/SNV-VP", "44/STP-VP"))
    assert "số liệu tạm tính, chưa phải kết quả kiểm tra chính thức" in text_of(province)
    html = noi_vu.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert list(noi_vu.iter_attachments()) == []


def test_a_secret_document_is_alerted_without_saying_which(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    found = seen(workspace).findings
    secret = found[found["number"] == "41"].assign(rule="secret_on_axis", code="M1", finding_id="f" * 16)
    with_secret = pd.concat([found, secret], ignore_index=True)
    alerted(workspace, RunningDay(DAY, NOON, with_secret, ()))
    for name in (NOI_VU, PROVINCE):
        (mail,) = post.to(name)
        assert "Văn bản mật (không nêu số, trích yếu)" in text_of(mail)
        assert [trace in text_of(mail) for trace in ("41/SNV-VP", "phòng, chống dịch", "43/SNV-VP")] == [
            *(False, name == PROVINCE, True)  # the province is told of another document about the epidemic
        ]


def test_the_ledger_keeps_which_documents_a_rule_was_told_of(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    with workspace.run("judge", {}) as run:
        judging.record(workspace, run, Period(date(2021, 2, 1), date(2021, 2, 5), date(2021, 2, 5)))
        run.exit_status = 0
    with workspace.ledger.begin() as connection:
        known = history.documents_of(connection, "failed_send")
        nothing = history.documents_of(connection, "secret_on_axis")
    assert sorted(known["number"]) == ["41", "42", "43", "44"]
    assert secrecy.secret_documents(known.assign(rule="secret_on_axis")) >= {
        ("H03.02", "41", "snv-vp", "2021-02-04"),
    }
    assert secrecy.secret_documents(nothing) == frozenset()


def test_a_finding_is_told_once_and_reminded_once(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post, reminder_hours=4)
    found = seen(workspace)
    for minutes, mails in ((0, 3), (15, 3), (239, 3), (240, 6), (255, 6), (600, 6)):
        alerted(workspace, found, NOON + timedelta(minutes=minutes))
        assert len(post.mails) == mails
    assert str(post.to(TU_PHAP)[1]["Subject"]).startswith("[TẠM TÍNH] Nhắc lại cảnh báo")


def test_without_reminders_nothing_is_told_again(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post, reminder_hours=0)
    for hours in (0, 5, 30):
        alerted(workspace, seen(workspace), NOON + timedelta(hours=hours))
    assert len(post.mails) == 3


def test_a_new_finding_is_told_alone(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    found = seen(workspace)
    first = found.findings[found.findings["number"] != "43"].reset_index(drop=True)
    alerted(workspace, RunningDay(DAY, NOON, first, ()))
    alerted(workspace, found, NOON + timedelta(minutes=15))
    _, second = post.to(NOI_VU)
    assert ("43/SNV-VP" in text_of(second), "41/SNV-VP" in text_of(second)) == (True, False)
    assert len(post.to(TU_PHAP)) == 1


def test_what_is_refused_is_sent_again_the_same_day_and_expires_after_it(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    post.refuses = {NOI_VU, TU_PHAP}
    assert alerted(workspace, seen(workspace)) == AlertsSent(3, 1, 2, 0)
    post.refuses = {TU_PHAP}
    assert alerting.send_alerts(workspace, DAY) == AlertsSent(2, 1, 1, 0)
    post.refuses = set()
    assert alerting.send_alerts(workspace, date(2021, 2, 5)) == AlertsSent(0, 0, 0, 0)
    assert [len(post.to(name)) for name in (PROVINCE, NOI_VU, TU_PHAP)] == [1, 1, 0]


def test_a_server_that_says_nothing_is_given_up_and_all_stays_queued(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    post.silent = True
    assert alerted(workspace, seen(workspace)) == AlertsSent(3, 0, 3, 0)
    post.silent = False
    assert alerting.send_alerts(workspace, DAY) == AlertsSent(3, 3, 0, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_kill_between_sending_and_recording_sends_nothing_twice(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    with workspace.run("alert", {}) as run:
        alerting.queue_running(workspace, run, seen(workspace), NOON)
    workspace.close()
    again = Workspace(workspace.settings, workspace.data, workspace.out, quiet=True)
    assert killed_between_sending_and_recording(lambda: alerting.send_alerts(again, DAY), alerting) == 9
    assert len(post.mails) == 1
    assert alerting.send_alerts(workspace, DAY) == AlertsSent(2, 2, 0, 1)
    assert [len(post.to(name)) for name in (PROVINCE, NOI_VU, TU_PHAP)] == [1, 1, 1]
    with workspace.ledger.begin() as connection:
        assert [mail.recipient for mail in alerts.doubtful_alerts(connection, DAY)] == [PROVINCE]
        assert alerts.doubtful_alerts(connection, DAY + DAY_LONG) == [], "of a day that is over nothing is in doubt"


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [("20:59", False), ("21:00", True), ("23:59", True), ("05:59", True), ("06:00", False), ("12:00", False)],
)
def test_quiet_hours_run_over_midnight(clock: str, quiet: bool) -> None:
    assert Alert().is_quiet_at(datetime.strptime(clock, "%H:%M").time()) is quiet


def test_the_morning_digest_tells_what_is_new_and_what_falls_due(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    with workspace.run("daily", {}) as run:
        conform_days(workspace, run)
        # the evening of 3 February: H03.03 has until the end of the 4th to answer what came after hours
        told = judging.record(workspace, run, Period(date(2021, 2, 1), DAY, DAY))
        assert alerting.queue_digests(workspace, run, told, DAY) == 2
        assert alerting.queue_digests(workspace, run, told, DAY) == 0
    assert alerting.send_alerts(workspace, DAY).sent == 2
    (mail,) = post.to(TU_PHAP)
    assert str(mail["Subject"]) == "Việc cần xử lý ngày 04/02/2021, Sở Tư pháp: 01 đến hạn hôm nay"
    assert "VĂN BẢN ĐẾN HẠN HÔM NAY (01) 1. Chưa phản hồi trạng thái. Văn bản 40/SNV-VP" in text_of(mail)
    with workspace.run("daily", {}) as run:
        told = judging.record(workspace, run, Period(date(2021, 2, 1), date(2021, 2, 5), date(2021, 2, 5)))
        alerting.queue_digests(workspace, run, told, date(2021, 2, 5))
    alerting.send_alerts(workspace, date(2021, 2, 5))
    (digest,) = post.to(NOI_VU)
    assert "03 gửi lỗi mới" in str(digest["Subject"])
    assert all(number in text_of(digest) for number in ("41/SNV-VP", "42/SNV-VP", "43/SNV-VP"))


def test_what_waits_is_sent_without_asking_any_system(tmp_path: Path, post: Postbox) -> None:
    workspace = workspace_of(tmp_path, post)
    post.refuses = {NOI_VU}
    assert alerted(workspace, seen(workspace)).failed == 1
    arguments = argparse.Namespace(command="alert", at=NOON, dry_run=False, waiting=True, quiet=True)
    context = Context(arguments, today=DAY)
    vars(context).update(workspace=workspace, settings=workspace.settings)
    assert cli.find_commands()["alert"].run(context) == ExitStatus.NOT_DELIVERED
    post.refuses = set()
    assert cli.find_commands()["alert"].run(context) == ExitStatus.DONE
    assert len(post.to(NOI_VU)) == 1
    assert alerts_wait(workspace, NOON) is False


def test_a_clerk_of_two_agencies_gets_a_digest_of_each_and_nothing_of_an_agency_that_is_no_longer_its_own(
    tmp_path: Path, post: Postbox
) -> None:
    workspace = workspace_of(tmp_path, post)
    both = tuple(
        Recipient(address=NOI_VU, name="Văn thư chung", agency=code, editions=("alert",))
        for code in ("H03.02", "H03.03")
    )
    morning = date(2021, 2, 5)
    shared = Workspace(
        workspace.settings.model_copy(update={"recipients": both}), workspace.data, workspace.out, quiet=True
    )
    with shared.run("daily", {}) as run:
        conform_days(shared, run)
        told = judging.record(shared, run, Period(date(2021, 2, 1), morning, morning))
        assert alerting.queue_digests(shared, run, told, morning) == 2
    shared.close()
    assert alerting.send_alerts(workspace, morning).sent == 1  # recipients.toml was corrected: of H03.02 only
    (mail,) = post.to(NOI_VU)
    assert "Sở Nội vụ" in str(mail["Subject"])
    assert alerting.send_alerts(shared, morning).sent == 1


def running_day() -> tuple[Province, int, datetime]:
    """A province on a running day, the local hour up to which its systems tell of it, and that instant."""
    hour = 15
    options = SimulationOptions(
        seed=7, agencies=8, documents_per_day=40, start=date(2021, 2, 1), end=DAY, lead_in_days=7, history_weeks=0,
        running_hour=hour, outage=False, partial=False,
    )  # fmt: skip
    return simulate(options), hour, datetime(2021, 2, 4, hour, tzinfo=UTC) - timedelta(hours=7)


def test_the_running_day_of_a_served_province_tells_exactly_what_holds_at_that_hour(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    province, hour, now = running_day()
    with serve(province, tmp_path / "config") as served:
        workspace = Workspace(load_settings(served.config), tmp_path / "var", tmp_path / "out", quiet=True)
        with workspace.run("alert", {}) as run:
            pull_days(workspace, run, province.days()[-7:])
            conform_days(workspace, run)
            found = look(workspace, run, now)
        workspace.close()
        words = ["--config", str(served.config), "--data", str(tmp_path / "var"), "--out", str(tmp_path / "out")]
        arguments = cli.build_parser(cli.find_commands()).parse_args(["alert", "--at", f"{DAY}T{hour}:00", *words])
        assert cli.find_commands()["alert"].run(Context(arguments)) == ExitStatus.DONE
        shown = capsys.readouterr().out
        arguments.at = now + timedelta(hours=7)  # 22:00: quiet, though no mail is enabled
        assert cli.find_commands()["alert"].run(Context(arguments)) == ExitStatus.DONE
        assert capsys.readouterr().out == ""
    assert shown.endswith("nothing was sent\n")
    assert [finding in shown for finding in alerting.pressing(found)["finding_id"]] == [True] * len(
        alerting.pressing(found)
    )
    day, rules = day_number(DAY), alerting.RUNNING_RULES[:3]
    held = {
        item.finding_id
        for item in province.truth
        if item.rule in rules and item.holds(day * DAY_S, (day + 1) * DAY_S, day * DAY_S + hour * HOUR_S)
    }
    assert len(held) == 3
    assert set(found.findings.loc[found.findings["rule"].isin(rules), "finding_id"]) == held
    assert found.looked_at == now
    assert found.unanswered == ()
    assert workspace.evidence.existing(DAY) is None  # nothing of the running day counts
    assert DAY not in workspace.log.days()


def test_the_running_day_is_told_by_every_kind_of_system_that_can(tmp_path: Path) -> None:
    """As the plain logs tell it, but for what a dialect never tells; registers are not asked for."""
    province, hour, now = running_day()
    dialects = dict(assigned(province))
    with serve(province, tmp_path / "config", dialects=dialects) as served:
        hurry(served.config)
        workspace = Workspace(load_settings(served.config), tmp_path / "var", tmp_path / "out", quiet=True)
        with workspace.run("alert", {}) as run:
            pull_days(workspace, run, province.days()[-4:])
            conform_days(workspace, run)
            found = look(workspace, run, now)
        workspace.close()
    day = day_number(DAY) * DAY_S
    held = {
        (item.rule, item.agency)
        for item in province.truth
        if item.rule in alerting.RUNNING_RULES[:3] and item.holds(day, day + DAY_S, day + hour * HOUR_S)
    }
    told = {(rule, agency) for rule, agency in held if rule not in TELLS[dialects[agency]].untold_rules}
    assert (
        {("vxp", "undelivered")}
        < {(dialects[agency], rule) for rule, agency in told}
        < {(dialects[agency], rule) for rule, agency in held}
    )
    assert set(zip(found.findings["rule"], found.findings["agency"], strict=True)) == told
    assert "register_file" in dialects.values()
    assert found.unanswered == ()


def test_the_nights_work_ends_with_the_digests_of_its_own_morning(
    tmp_path: Path, post: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = workspace_of(tmp_path, post)
    told = judging.told(workspace, Period(date(2021, 2, 1), DAY, DAY))
    known = coverage_of(workspace, Period(date(2021, 2, 1), DAY, DAY))
    monkeypatch.setattr(jobs, "daily", lambda *_: jobs.Outcome(told, known))  # the night itself is tested elsewhere
    arguments = argparse.Namespace(command="daily", day=DAY - DAY_LONG, quiet=True)
    context = Context(arguments, today=DAY)
    vars(context).update(workspace=workspace, settings=workspace.settings)
    assert cli.find_commands()["daily"].run(context) in (ExitStatus.DONE, ExitStatus.GAPS)
    assert sorted(str(mail["To"].addresses[0].addr_spec) for mail in post.mails) == [PROVINCE, TU_PHAP]
    late = Context(arguments, today=DAY + DAY_LONG)  # made up a day later: that morning is past
    vars(late).update(workspace=workspace, settings=workspace.settings)
    cli.find_commands()["daily"].run(late)
    assert len(post.mails) == 2


@pytest.mark.parametrize(("cut", "status"), [("queue_digests", 3), ("send_alerts", 0)])
def test_a_night_cut_off_before_its_digests_are_queued_is_done_again_and_after_it_is_not(
    tmp_path: Path, post: Postbox, monkeypatch: pytest.MonkeyPatch, cut: str, status: int
) -> None:
    def end(*_: object) -> None:
        raise KeyboardInterrupt

    workspace = workspace_of(tmp_path, post)
    told = judging.told(workspace, Period(date(2021, 2, 1), DAY, DAY))
    known = coverage_of(workspace, Period(date(2021, 2, 1), DAY, DAY))
    monkeypatch.setattr(jobs, "daily", lambda *_: jobs.Outcome(told, known))
    monkeypatch.setattr(alerting, cut, end)
    context = Context(argparse.Namespace(command="daily", day=DAY - DAY_LONG, quiet=True), today=DAY)
    vars(context).update(workspace=workspace, settings=workspace.settings)
    with pytest.raises(KeyboardInterrupt):
        cli.find_commands()["daily"].run(context)
    with workspace.ledger.begin() as connection:
        (run,) = runs.runs_of(connection, ("daily",))[-1:]
        waiting = alerts.waiting_alerts(connection, DAY)
    assert (run.exit_status, bool(waiting)) == (status, status == 0)
