"""`serve`: jobs decided by the ledger and done in order, in processes of their own; ended tidily; one at a time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from audit.due import Task
from audit.errors import DataError
from audit.heartbeat import beat, last_beat
from audit.ledger import ReportFile, alerts, reports, runs
from audit.period import DAY, LOCAL_ZONE, Period, week_of
from audit.pipeline.duties import facts_of, late_reports
from audit.pipeline.standing import standing
from audit.pipeline.workspace import Workspace
from audit.scheduling import Commands, Service, scheduler_of, serve_once
from audit.settings import Settings
from audit.settings.deployment import Mail

ROOT = Path(__file__).parent.parent
MONDAY = date(2021, 2, 1)


class World:
    """A deployment whose commands leave in the ledger what the real ones leave, at a time that we move."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings, self.folder = settings, folder
        self.now = datetime.combine(MONDAY, datetime.min.time(), LOCAL_ZONE)
        self.done: list[str] = []
        self.fails: Callable[[Sequence[str]], int] = lambda _words: 0

    def mails(self, enabled: bool = True) -> None:
        """Switch mail on or off."""
        mail = Mail(enabled=enabled, host="127.0.0.1", port=1, security="none", sender="audit@so.example")
        audit = self.settings.audit.model_copy(update={"mail": mail})
        self.settings = self.settings.model_copy(update={"audit": audit})

    def open(self) -> Workspace:
        return Workspace(self.settings, self.folder / "var", self.folder / "out", quiet=True)

    def run(self, words: Sequence[str]) -> int:
        status = self.fails(words)
        self.done.append(" ".join(words))
        command, value = words[0], words[2]
        days: dict[str, object] = (
            {"first_day": value, "last_day": words[-1]} if command in ("report", "deliver") else {}
        )
        if command == "report":
            days |= {"last_day": words[4], "deliver": "--deliver" in words}
        workspace = self.open()
        with workspace.ledger.begin() as connection:
            reported = self._period(command, words)
            told = {"daily": {"day": value}, "weekly": {"week": reported}, "alert": {"waiting": True}}
            given = told.get(command, days)
            run_id = runs.begin_run(connection, command, given, "settings", {})
            if reported is not None and status in (0, 1, 4, 137):
                file = self.folder / "out" / f"{reported.name()}.pdf"
                file.parent.mkdir(exist_ok=True)
                file.write_text(value)
                made = reports.record_report(connection, ReportFile(file, "weekly_pdf"), reported, run_id, {})
                table = reports.reports
                connection.execute(table.update().where(table.c.report_id == made.report_id).values(made_at=self.now))
            if status not in (137, 143):  # killed, after or before the report was made
                runs.end_run(connection, run_id, status, {})
            # the ledger notes the machine's time; ours is another; one run begins after the other, all just before now
            table, now = runs.runs, self.now - timedelta(milliseconds=1) + timedelta(microseconds=len(self.done))
            began = {"started_at": now} | ({} if status in (137, 143) else {"ended_at": now})
            connection.execute(table.update().where(table.c.run_id == run_id).values(began))
        workspace.close()
        return status

    @staticmethod
    def _period(command: str, words: Sequence[str]) -> Period | None:
        if command == "weekly":
            return week_of(date.fromisocalendar(int(words[2][:4]), int(words[2][-2:]), 1))
        if command == "report":
            end = date.fromisoformat(words[4]) + DAY
            return Period(date.fromisoformat(words[2]), end, end)
        return None

    def service(self) -> Service:
        return Service(self.open, self.run, lambda: self.now)


@pytest.fixture
def world(shipped: Settings, tmp_path: Path) -> World:
    return World(shipped, tmp_path)


def test_days_and_weeks_are_done_in_order_once_over_restarts_and_standstill(world: World) -> None:
    for hours in (5, 6, 7, 30, 31, 32, 100, 101, 24 * 12, 24 * 12 + 1):
        world.now = datetime.combine(MONDAY, datetime.min.time(), LOCAL_ZONE) + timedelta(hours=hours)
        world.service().look()  # every look is a new start
    days = [f"daily --day {date(2021, 1, 31) + DAY * number}" for number in range(12)]
    # 31 January was Sunday's; 1, 2 … follow; the report of week 4 stands where it was due
    expected = [days[0], "weekly --week 2021-W04", *days[1:8], "weekly --week 2021-W05", *days[8:]]
    assert world.done == expected


def test_after_a_month_off_days_weeks_and_the_month_are_made_up_in_order_and_told_late(world: World) -> None:
    world.now = datetime(2021, 2, 2, 5, 30, tzinfo=LOCAL_ZONE)
    world.service().look()
    world.now = datetime(2021, 3, 4, 8, tzinfo=LOCAL_ZONE)
    world.service().look()
    reports_made = [line for line in world.done if not line.startswith("daily")]
    assert reports_made == [
        *(f"weekly --week 2021-W{week:02d}" for week in (5, 6, 7)),
        "weekly --week 2021-W08",
        "report --from 2021-02-01 --to 2021-02-28 --deliver",
    ]
    assert world.done.index("daily --day 2021-02-28") < world.done.index(reports_made[-1])
    workspace = world.open()
    late = late_reports(workspace)
    workspace.close()
    # due on 8, 17 (after Tet) and 22 February and twice on 1 March
    assert list(late.values()) == [24, 3, 15, 10, 3]
    assert late["monthly", MONDAY] == 3


def test_once_does_what_is_due_and_tells_the_gravest_status(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.now = datetime(2021, 2, 3, 8, tzinfo=LOCAL_ZONE)
    world.run(["daily", "--day", "2021-02-01"])
    monkeypatch.setattr("audit.scheduling._now", lambda: world.now)
    monkeypatch.setattr("audit.scheduling.Commands.run", lambda _self, words: world.run(words))
    world.fails = lambda _words: 1
    assert serve_once(world.open, [], world.folder / "var") == 1
    assert world.done[1:] == ["daily --day 2021-02-02"]
    assert serve_once(world.open, [], world.folder / "var") == 0
    assert world.done[2:] == []


def test_what_cron_or_a_person_did_is_not_done_again(world: World) -> None:
    world.now = datetime(2021, 2, 2, 8, tzinfo=LOCAL_ZONE)
    world.run(["daily", "--day", "2021-02-01"])
    world.done.clear()
    world.service().look()
    assert world.done == []


def test_a_failure_is_tried_again_later_and_other_work_goes_on(world: World) -> None:
    world.now = datetime(2021, 2, 2, 8, tzinfo=LOCAL_ZONE)
    world.service().look()
    world.fails = lambda words: 3 if "2021-02-02" in words else 0
    world.now += 2 * DAY
    world.service().look()
    assert world.done[1:] == ["daily --day 2021-02-02", "daily --day 2021-02-03"]
    world.now += timedelta(minutes=4)
    world.service().look()
    assert len(world.done) == 3
    world.fails = lambda _words: 0
    world.now += timedelta(minutes=1)
    world.service().look()
    assert world.done[3:] == ["daily --day 2021-02-02"]


def test_a_program_that_cannot_begin_is_not_begun_every_minute(world: World) -> None:
    """It crashes before the ledger hears of it."""
    world.now = datetime(2021, 2, 2, 8, tzinfo=LOCAL_ZONE)
    begun: list[datetime] = []

    def crash(_words: Sequence[str]) -> int:
        begun.append(world.now)
        return 3

    service = Service(world.open, crash, lambda: world.now)
    for _ in range(60):
        service.look()
        world.now += timedelta(minutes=1)
    assert [int((at - begun[0]).total_seconds() // 60) for at in begun] == [0, 5, 15, 35]


def test_a_run_that_was_killed_is_tried_again(world: World) -> None:
    world.now = datetime(2021, 2, 2, 8, tzinfo=LOCAL_ZONE)
    world.fails = lambda _words: 143
    world.service().look()
    world.fails = lambda _words: 0
    world.now += timedelta(minutes=5)
    world.service().look()
    assert world.done == ["daily --day 2021-02-01"] * 2


@pytest.mark.parametrize("status", [5, -15])
def test_where_somebody_else_works_or_all_ends_nothing_more_is_begun(world: World, status: int) -> None:
    world.now = datetime(2021, 2, 2, 8, tzinfo=LOCAL_ZONE)
    world.service().look()
    begun: list[str] = []

    def refuse(words: Sequence[str]) -> int:
        begun.append(" ".join(words))
        return status

    world.now += 3 * DAY
    Service(world.open, refuse, lambda: world.now).look()
    assert begun == ["daily --day 2021-02-02"]


def test_a_report_that_did_not_go_out_is_delivered_again_and_a_late_one_is_told(world: World) -> None:
    world.mails()
    world.now = datetime(2021, 2, 7, 8, tzinfo=LOCAL_ZONE)
    world.service().look()
    world.fails = lambda words: 0 if words[0] == "daily" else 4
    world.now = datetime(2021, 2, 9, 8, tzinfo=LOCAL_ZONE)
    world.service().look()
    workspace = world.open()
    known = facts_of(workspace)
    assert known.undelivered == {("weekly", MONDAY)}
    assert late_reports(workspace) == {("weekly", MONDAY): 1}
    workspace.close()
    assert world.done[-2:] == ["deliver --from 2021-02-01 --to 2021-02-07", "daily --day 2021-02-08"]


@pytest.mark.parametrize("status", [137, 3])
def test_a_report_whose_run_was_killed_before_it_was_mailed_is_delivered(world: World, status: int) -> None:
    world.mails()
    world.now = datetime(2021, 2, 7, 8, tzinfo=LOCAL_ZONE)
    world.service().look()
    world.fails = lambda words: 137 if words[0] == "weekly" else 0
    world.now = datetime(2021, 2, 8, 8, tzinfo=LOCAL_ZONE)
    world.service().look()
    assert world.done[-2:] == ["weekly --week 2021-W05", "deliver --from 2021-02-01 --to 2021-02-07"]
    # and so is one whose delivery was cut off; by hand without --deliver nobody asked for mails, and none is done with
    world.fails = lambda _words: status
    world.run(["deliver", "--from", "2021-02-01", "--to", "2021-02-07"])
    world.fails = lambda _words: 0
    world.run(["report", "--from", "2021-02-01", "--to", "2021-02-07"])
    workspace = world.open()
    assert facts_of(workspace).undelivered == {("weekly", MONDAY)}
    workspace.close()
    world.now += timedelta(hours=1)
    world.service().look()
    assert world.done[-1] == "deliver --from 2021-02-01 --to 2021-02-07"
    workspace = world.open()
    assert facts_of(workspace).undelivered == frozenset()
    workspace.close()


def test_a_task_that_the_settings_do_not_allow_keeps_no_other_from_being_done(world: World) -> None:
    world.mails()
    world.now = datetime(2021, 2, 7, 8, tzinfo=LOCAL_ZONE)
    world.service().look()
    world.fails = lambda words: 4 if words[0] == "weekly" else 2 if words[0] == "deliver" else 0
    world.now = datetime(2021, 2, 9, 8, tzinfo=LOCAL_ZONE)
    service = world.service()
    service.look()
    assert world.done[-2:] == ["deliver --from 2021-02-01 --to 2021-02-07", "daily --day 2021-02-08"]
    assert service.gravest == 2
    world.mails(enabled=False)
    world.now += 2 * DAY
    world.service().look()
    assert world.done[-2:] == ["daily --day 2021-02-09", "daily --day 2021-02-10"]
    workspace = world.open()
    assert facts_of(workspace).undelivered == frozenset()
    workspace.close()


def test_digests_that_did_not_go_out_are_sent_again_the_same_day_and_not_in_quiet_hours(world: World) -> None:
    world.mails()
    world.now = datetime(2021, 2, 4, 5, 40, tzinfo=LOCAL_ZONE)
    workspace = world.open()
    with workspace.ledger.begin() as connection:
        run_id = runs.begin_run(connection, "daily", {"day": date(2021, 2, 3)}, "settings", {})
        runs.end_run(connection, run_id, 0, {})
        mail = alerts.AlertMail("k", "digest", date(2021, 2, 4), "", "tinh@so.example", "s", "p", "h")
        alerts.queue_alert(connection, mail, [], run_id, world.now)
    workspace.close()
    world.fails = lambda words: 4 if words[0] == "alert" else 0
    sent = "alert --waiting --quiet"
    for clock, done in (("05:50", 0), ("06:00", 1), ("06:10", 1), ("06:15", 2), ("20:59", 3), ("21:00", 3)):
        world.now = datetime.fromisoformat(f"2021-02-04T{clock}:00+07:00")
        service = world.service()
        service.look()
        assert world.done.count(sent) == done, clock
    world.now = datetime(2021, 2, 5, 9, tzinfo=LOCAL_ZONE)
    world.service().look()
    assert world.done.count(sent) == 3
    world.mails(enabled=False)
    world.now = datetime(2021, 2, 4, 12, tzinfo=LOCAL_ZONE)
    world.service().look()
    assert world.done.count(sent) == 3


def test_facts_read_what_the_command_line_leaves_in_the_ledger(world: World) -> None:
    workspace = world.open()
    for command, given in (
        ("daily", {"day": date(2021, 2, 3)}),
        ("daily", {}),
        ("weekly", {"week": week_of(MONDAY)}),
        ("deliver", {"first_day": MONDAY, "last_day": date(2021, 2, 7)}),
        ("deliver", {"first_day": MONDAY, "last_day": date(2021, 2, 8)}),
        ("report", {"first_day": MONDAY, "last_day": date(2021, 2, 28)}),
        ("deliver", {"first_day": date(2021, 1, 1), "last_day": date(2021, 3, 31)}),
        ("deliver", {"first_day": date(2021, 1, 1), "last_day": date(2021, 1, 31), "dry_run": True}),
    ):
        run_id = workspace.ledger.begin_run(command, given, "settings", {})
        workspace.ledger.end_run(run_id, 3, {})
    known = facts_of(workspace)
    workspace.close()
    yesterday = datetime.now(LOCAL_ZONE).date() - DAY
    assert set(known.failures) == {
        Task("daily", date(2021, 2, 3)),
        Task("daily", yesterday),
        Task("weekly", MONDAY),
        Task("deliver", MONDAY, "weekly"),
        Task("monthly", MONDAY),
        Task("deliver", date(2021, 1, 1), "quarterly"),
    }
    assert known.first_day == date(2021, 2, 3)
    assert known.done == frozenset()


def test_misfires_are_neither_lost_nor_doubled(world: World) -> None:
    scheduler = scheduler_of(world.service(), probe_minutes=5, alert_minutes=15)
    scheduler.start(paused=True)
    jobs = {job.id: job for job in scheduler.get_jobs()}
    scheduler.shutdown()
    assert set(jobs) == {"look", "beat", "probe", "alert"}
    assert jobs["alert"].trigger.interval == timedelta(minutes=15)
    assert {(job.coalesce, job.max_instances) for job in jobs.values()} == {(True, 1)}
    assert {name: job.misfire_grace_time for name, job in jobs.items()} == {
        "look": None, "beat": None, "probe": 60, "alert": 60,
    }  # fmt: skip
    assert str(scheduler.timezone) == "Asia/Ho_Chi_Minh"


def test_the_heartbeat_tells_age_and_work(world: World, tmp_path: Path) -> None:
    assert last_beat(tmp_path, datetime.now(UTC)) is None
    world.service().beat()
    told = last_beat(tmp_path / "var", datetime.now(UTC) + timedelta(seconds=90))
    assert told is not None
    assert 90 <= told["age_seconds"] <= 120
    assert told["next_due_at"] == "2021-02-01T05:30:00+07:00"
    beat(tmp_path, doing="daily")
    (tmp_path / "heartbeat.json").write_text("{")
    assert last_beat(tmp_path, datetime.now(UTC)) is None


def test_wrong_settings_or_a_damaged_ledger_do_not_end_the_service(world: World) -> None:
    def broken() -> Workspace:
        raise DataError("ledger", "damaged")

    service = Service(broken, world.run, lambda: world.now)
    service.look()
    service.beat()
    assert world.done == []


def test_a_command_that_runs_is_asked_to_end_and_no_other_begins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "slow.py"
    program.write_text("import pathlib, time\npathlib.Path('begun').touch()\ntime.sleep(60)\n")
    monkeypatch.setattr("audit.scheduling._PROGRAM", program)
    monkeypatch.chdir(tmp_path)
    commands = Commands([])
    started = []
    thread = threading.Thread(target=lambda: started.append(commands.run([])))
    thread.start()
    while not (tmp_path / "begun").exists():
        time.sleep(0.02)
    commands.end()
    thread.join(20)
    assert started == [-signal.SIGTERM]
    assert commands.run([]) < 0


def test_serve_ends_tidily_on_a_signal_and_is_alone(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    # nothing is due before the last minute of the day, and nothing is probed
    (config / "audit.toml").write_text('[schedule]\ndaily = "23:59"\nweekly = "23:59"\nprobe_minutes = 0\n')
    words = [sys.executable, "run_audit.py", "serve", "--config", str(config), "--data", str(tmp_path / "var")]
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True) as started:
        try:
            until = time.monotonic() + 120
            while last_beat(tmp_path / "var", datetime.now(UTC)) is None and time.monotonic() < until:
                time.sleep(0.1)
            second = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
            assert second.returncode == 5
            assert "another `serve`" in second.stderr
            os.kill(started.pid, signal.SIGTERM)
            os.kill(started.pid, signal.SIGTERM)
            _, err = started.communicate(timeout=120)
        finally:
            started.kill()
    assert started.returncode == 143
    assert "service ended" in err
    assert "Traceback" not in err
    assert json.loads((tmp_path / "var" / "heartbeat.json").read_text())["ended"] is True


def test_status_tells_of_heartbeat_last_work_and_late_reports(world: World) -> None:
    world.now = datetime(2021, 2, 7, 8, tzinfo=LOCAL_ZONE)
    world.service().look()
    world.now = datetime(2021, 2, 9, 8, tzinfo=LOCAL_ZONE)
    world.service().look()
    world.service().beat()
    workspace = world.open()
    told = standing(workspace, date(2021, 2, 9))
    assert told["last_done"]["daily"]["day"] == date(2021, 2, 8)
    assert told["last_done"]["weekly"]["day"] == MONDAY
    assert told["late_reports"] == [{"edition": "weekly", "start": MONDAY, "days_late": 1}]
    assert told["heartbeat"]["age_seconds"] < 60
    assert told["troubles"] == []
    (workspace.data / "heartbeat.json").write_text('{"at": "2021-02-09T00:00:00Z", "doing": ""}')
    told = standing(workspace, date(2021, 2, 12))
    assert told["trouble_kinds"] == ["service", "nights"]
    assert "not been heard of" in told["troubles"][0]
    assert "since the one of 2021-02-08" in told["troubles"][1]
    # who said that it ends is not missed
    (workspace.data / "heartbeat.json").write_text('{"at": "2021-02-09T00:00:00Z", "ended": true}')
    assert standing(workspace, date(2021, 2, 9))["troubles"] == []
    workspace.close()
