"""Watching the watcher: the operator's mail, the ping, the textfile; told once, never in the way of the work itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from audit.period import LOCAL_ZONE
from audit.pipeline import watching
from audit.pipeline.standing import standing
from audit.pipeline.troubles import troubles, years_needed
from audit.pipeline.watching import watch
from audit.pipeline.workspace import Workspace
from audit.prometheus import write_textfile
from audit.settings import Settings
from audit.settings.deployment import Mail, Watch
from audit.settings.secrets import Reference
from tests.deployment import Deployment
from tests.test_delivery import Postbox, post  # noqa: F401  # a fixture

TODAY = datetime.now(LOCAL_ZONE).date()
SECRET = "/ping/4f1c0a52-hush"


@pytest.fixture(autouse=True)
def calendar_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run today, also in a December in which nobody has entered the next year's days off yet."""
    monkeypatch.setattr("audit.pipeline.troubles.years_needed", lambda _today: set())


@dataclass
class Monitor:
    """A monitor on loopback: what it was asked, and what it answers; None: it hangs."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    status: int | None = 200
    ends: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def monitor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitor]:
    told = Monitor()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            if told.status is None:
                told.ends.wait(60)
                return
            self.send_response(told.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_address[1]}{SECRET}"
    monkeypatch.setenv("AUDIT_TEST_PING", told.url)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield told
    told.ends.set()
    server.shutdown()
    server.server_close()
    thread.join(10)


def workspace_of(shipped: Settings, folder: Path, port: int = 1, **wanted: Any) -> Workspace:
    mail = Mail(enabled=True, host="127.0.0.1", port=port, security="none", sender="audit@so.example")
    audit = shipped.audit.model_copy(update={"mail": mail, "watch": Watch.model_validate(wanted)})
    return Workspace(shipped.model_copy(update={"audit": audit}), folder / "var", folder / "out", quiet=True)


def ended(workspace: Workspace, status: int, command: str = "daily", **counts: Any) -> None:
    day = TODAY - timedelta(days=1)
    run_id = workspace.ledger.begin_run(command, {"day": day, "week": "2021-W05"}, "settings", {})
    workspace.ledger.end_run(run_id, status, counts)


def text_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content()).replace("\r\n", "\n")


def test_a_failure_is_mailed_once_and_so_is_its_end(shipped: Settings, tmp_path: Path, post: Postbox) -> None:  # noqa: F811
    workspace = workspace_of(shipped, tmp_path, post.port, operators=("a@so.example", "b@so.example"))
    ended(workspace, 3)
    for _ in range(3):
        watch(workspace, "daily", 3, TODAY)
    assert [str(mail["To"]) for mail in post.mails] == ["a@so.example", "b@so.example"]
    assert "1 việc cần xem" in str(post.mails[0]["Subject"])
    assert "- Lần chạy gần nhất (daily) kết thúc với mã 3." in text_of(post.mails[0])
    ended(workspace, 0)
    for _ in range(2):
        watch(workspace, "daily", 0, TODAY)
    assert len(post.mails) == 4
    assert "đã trở lại bình thường" in str(post.mails[2]["Subject"])
    assert "Đã hết:\n- Lần chạy gần nhất (daily) kết thúc với mã 3." in text_of(post.mails[2])


def test_a_trouble_that_stays_is_told_again_after_a_week(shipped: Settings, tmp_path: Path, post: Postbox) -> None:  # noqa: F811
    workspace = workspace_of(shipped, tmp_path, post.port, operators=("a@so.example",))
    ended(workspace, 3)
    found = watching._standing(workspace, "daily", 3, TODAY)[1]
    begin = datetime(2021, 2, 1, tzinfo=UTC)
    for days in range(15):
        watching._mail(workspace, found, begin + timedelta(days=days))
    assert len(post.mails) == 3


def test_a_report_with_gaps_is_told_in_status_and_mail(shipped: Settings, tmp_path: Path, post: Postbox) -> None:  # noqa: F811
    workspace = workspace_of(shipped, tmp_path, post.port, operators=("a@so.example",))
    ended(workspace, 1, "weekly", gaps={"H03.02": ["2021-02-03", "2021-02-04"], "H03.16": ["2021-02-03"]})
    ended(workspace, 0)
    told = standing(workspace, TODAY)
    assert told["reports_with_gaps"] == [{"edition": "weekly", "start": date(2021, 2, 1), "agencies": 2, "days": 3}]
    assert told["troubles"] == []
    watch(workspace, "weekly", 1, TODAY)
    watch(workspace, "daily", 0, TODAY)
    assert [text_of(mail).splitlines()[1] for mail in post.mails] == [
        "- Báo cáo tuần bắt đầu ngày 01/02/2021 được lập khi còn thiếu nhật ký của 2 cơ quan, tổng cộng 3 ngày."
    ]


def test_what_was_not_mailed_is_mailed_with_the_next_work(shipped: Settings, tmp_path: Path, post: Postbox) -> None:  # noqa: F811
    workspace = workspace_of(shipped, tmp_path, post.port, operators=("a@so.example",))
    ended(workspace, 3)
    post.refuses = {"a@so.example"}
    watch(workspace, "daily", 3, TODAY)
    post.refuses = set()
    watch(workspace, "daily", 3, TODAY)
    assert len(post.mails) == 1


def test_a_ledger_that_cannot_be_read_is_mailed(shipped: Settings, tmp_path: Path, post: Postbox) -> None:  # noqa: F811
    workspace = workspace_of(shipped, tmp_path, post.port, operators=("a@so.example",))
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "ledger.sqlite").mkdir()
    watch(workspace, "daily", 3, TODAY)
    assert "Sổ cái không đọc được" in text_of(post.mails[0])


def test_a_command_that_was_killed_is_mailed(shipped: Settings, tmp_path: Path, post: Postbox) -> None:  # noqa: F811
    workspace = workspace_of(shipped, tmp_path, post.port, operators=("a@so.example",))
    watch(workspace, "daily", -9, TODAY)
    assert "Lệnh daily bị ngắt giữa chừng (-9)" in text_of(post.mails[0])


def test_the_monitor_is_asked_after_a_good_night_only(shipped: Settings, tmp_path: Path, monitor: Monitor) -> None:
    workspace = workspace_of(shipped, tmp_path, ping_url=Reference("env:AUDIT_TEST_PING"))
    for command, status in (("daily", 0), ("daily", 1), ("daily", 3), ("weekly", 0)):
        watch(workspace, command, status, TODAY)
    assert monitor.asked == [SECRET] * 2


@pytest.mark.parametrize("status", [404, 500, None])
def test_a_monitor_that_fails_or_hangs_costs_little_and_its_address_stays_secret(
    shipped: Settings, tmp_path: Path, monitor: Monitor, caplog: pytest.LogCaptureFixture, status: int | None
) -> None:
    workspace = workspace_of(shipped, tmp_path, ping_url=Reference("env:AUDIT_TEST_PING"), ping_timeout_s=0.5)
    monitor.status = status
    begun = time.monotonic()
    watch(workspace, "daily", 0, TODAY)
    assert time.monotonic() - begun < 20
    assert "the monitor was not reached" in caplog.text
    assert "hush" not in caplog.text
    assert "127.0.0.1" not in caplog.text


def test_the_textfile_holds_what_status_tells(shipped: Settings, tmp_path: Path) -> None:
    workspace = workspace_of(shipped, tmp_path, textfile=str(tmp_path / "metrics" / "audit.prom"))
    ended(workspace, 3)
    watch(workspace, "daily", 3, TODAY)
    path = tmp_path / "metrics" / "audit.prom"
    samples = {
        (sample.name.removeprefix("document_audit_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(path.read_text())
        for sample in family.samples
    }
    assert samples["run_exit_status", "daily"] == 3
    assert samples["trouble", "run"] == 1
    assert samples["troubles",] == 1
    assert samples["database_up",] == 1
    assert samples["disk_free_bytes",] > 0
    assert [entry.name for entry in path.parent.iterdir()] == ["audit.prom"]


def test_a_textfile_that_cannot_be_written_hinders_nothing(
    shipped: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    workspace = workspace_of(shipped, tmp_path, textfile=str(tmp_path / "file" / "audit.prom"))
    watch(workspace, "daily", 0, TODAY)
    assert "the operator could not be told" in caplog.text


def test_nothing_wanted_touches_nothing(shipped: Settings, tmp_path: Path) -> None:
    watch(workspace_of(shipped, tmp_path), "daily", 3, TODAY)
    assert list(tmp_path.iterdir()) == []


def test_the_calendar_of_the_next_year_is_missed_in_december_and_until_it_is_there(
    shipped: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.pipeline.troubles.years_needed", years_needed)
    last = max(int(year) for year in shipped.calendar.days_off)
    told = standing(workspace_of(shipped, tmp_path), date(last, 11, 30))
    assert told["trouble_kinds"] == []
    assert [one.kind for one in troubles(told, date(last, 12, 1))] == [f"calendar:{last + 1}"]
    assert [one.kind for one in troubles(told, date(last + 1, 1, 1))] == [f"calendar:{last + 1}"]
    assert [one.kind for one in troubles(told, date(last + 1, 12, 1))] == [
        f"calendar:{last + 1}",
        f"calendar:{last + 2}",
    ]
    assert troubles(told, date(last - 1, 12, 31)) == []


def test_an_overdue_report_and_a_late_source_are_troubles(shipped: Settings, tmp_path: Path) -> None:
    told = standing(workspace_of(shipped, tmp_path), TODAY)
    told["overdue_reports"] = [{"edition": "monthly", "start": date(2021, 2, 1), "days_late": 2}]
    told["late_sources"] = [{"agency": "H03.02", "last_complete_day": None, "days_behind": None}]
    told["queue"] = {"failed": 2, "sending": 1}
    found = troubles(told, TODAY)
    assert [one.kind for one in found] == [
        "source:H03.02",
        "report:monthly:2021-02-01",
        "delivery:sending",
        "delivery:failed",
    ]
    assert found[1].english == "the monthly report of 2021-02-01 is 2 days overdue"
    write_textfile(tmp_path / "t.prom", told | {"trouble_kinds": [one.kind for one in found]}, datetime.now(UTC))
    assert 'document_audit_trouble{kind="source"} 1.0' in (tmp_path / "t.prom").read_text()


def test_a_night_that_failed_is_mailed_by_the_command_itself(tmp_path: Path, post: Postbox) -> None:  # noqa: F811
    deployment = Deployment(tmp_path / "deployed")
    deployment.write(
        "audit",
        f'[mail]\nenabled = true\nhost = "127.0.0.1"\nport = {post.port}\nsecurity = "none"\nsender = "audit@so.example"\n'
        '[watch]\noperators = ["it@so.example"]\n',
    )
    day = TODAY - timedelta(days=1)
    assert deployment.run("daily", "--day", day.isoformat())[0] == 1
    (mail,) = post.mails
    assert "Lần chạy gần nhất (daily) kết thúc với mã 1" in text_of(mail)
    assert "Cơ quan H03.02 chưa có nhật ký đầy đủ từ trước đến nay" in text_of(mail)


def test_a_deployment_without_agencies_of_today_has_gaps_and_no_crash(tmp_path: Path) -> None:
    """As it is installed: the shipped registry ends with the province of 2021."""
    deployment = Deployment(
        tmp_path / "deployed", flags={code: {"valid_to": "2021-06-30"} for code in ("H03.02", "H03.03")}
    )
    assert deployment.run("daily", "--day", (TODAY - timedelta(days=1)).isoformat())[0] == 1
    assert deployment.run("status")[0] == 1
