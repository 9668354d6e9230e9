"""A simulated quarter, and a short form of it: nothing is missed, nothing is done twice, what is missing is named."""

from __future__ import annotations

import signal
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from audit.ledger import reports, runs
from audit.ledger.schema import deliveries
from audit.ledger.schema import reports as made_reports
from audit.period import DAY, Period, edition_of
from audit.pipeline.backing_up import report_path
from audit.pipeline.duties import facts_of, late_reports, missed
from audit.simulator import SimulationOptions
from tests.quarter import Lived, Plan, days_between, lived
from tests.test_delivery import Postbox, post  # noqa: F401  # a fixture

MAIL = """
[pull]
attempts = 1
wait_first_s = 0.01
[mail]
enabled = true
host = "127.0.0.1"
port = {port}
security = "none"
sender = "audit@so.example"
"""
RECIPIENTS = """
[[recipients]]
address = "pct@tinh.example"
name = "Văn phòng"
editions = ["weekly_pdf", "province_book"]
[[recipients]]
address = "vanthu@so.example"
name = "Văn thư"
agency = "H03.01"
editions = ["agency_book"]
"""

pytestmark = pytest.mark.usefixtures("process_restored")


SHORT = Plan(
    first=date(2021, 2, 6),
    last=date(2021, 2, 10),
    off=frozenset([date(2021, 2, 8), date(2021, 2, 9)]),
    dead=(2, date(2021, 2, 6), date(2021, 2, 7)),
    full=frozenset([date(2021, 2, 10)]),
    killed=frozenset([date(2021, 2, 7)]),
    restarted=frozenset([date(2021, 2, 10)]),
)
"""A source dead for two nights, a kill, two days off with the report due in them, and a full disk when it comes back."""
QUARTER = Plan(
    first=date(2021, 1, 2),
    last=date(2021, 4, 6),
    off=frozenset(
        [
            *days_between(date(2021, 1, 15), date(2021, 1, 18)),
            date(2021, 2, 3),
            *days_between(date(2021, 2, 26), date(2021, 3, 2)),
        ]
    ),
    dead=(2, date(2021, 3, 8), date(2021, 3, 14)),
    full=frozenset([date(2021, 1, 25), date(2021, 2, 20), date(2021, 4, 1)]),
    killed=frozenset([date(2021, 1, 12), date(2021, 2, 4), date(2021, 3, 10), date(2021, 3, 29)]),
    restarted=frozenset(days_between(date(2021, 1, 20), date(2021, 1, 24))),
)
"""Over a weekend and a Monday off, and over a month's end; three full disks, one of them when the quarter is due."""


def province(plan: Plan) -> SimulationOptions:
    """Four agencies with few documents; one day of one agency's log is lost for good, and one goes in circles."""
    return SimulationOptions(
        start=plan.first - timedelta(days=6), end=plan.last, agencies=4, documents_per_day=4, mean_recipients=2,
        lead_in_days=0, history_weeks=0, plant=False, unpulled=False, flags=False, probe_minutes=0,
    )  # fmt: skip


def prove(life: Lived, plan: Plan, wanted: Counter[str]) -> None:
    """Every day is covered or named, each report was made once and went out once, and everything belongs together."""
    workspace = life.open()
    known = facts_of(workspace)
    assert missed(workspace, datetime.now(UTC)) == []
    assert known.failures == {}
    days = days_between(plan.first - DAY, plan.last - DAY)
    assert {task.day for task in known.done if task.kind == "daily"} == set(days)
    with workspace.ledger.begin() as connection:
        coverage = runs.coverage_between(connection, days[0], days[-1] + DAY)
        made = connection.execute(sa.select(made_reports).where(made_reports.c.edition == "weekly_pdf")).all()
        sent = connection.execute(sa.select(deliveries.c.state, deliveries.c.attempts)).all()
        stands = reports.latest_files(connection)
    # every agency's every table of every day once: there, or named with the reason
    assert Counter(coverage.groupby(["agency", "table"]).size()) == {len(days): len(life.agencies) * 4}
    lacking = coverage[coverage["state"] != "complete"]
    assert set(lacking["state"]) <= {"missing", "partial"}
    assert (lacking["reason"] != "").all()
    lost = {(failure.agency, failure.day) for failure in life.failures if failure.day in days}
    assert set(zip(lacking["agency"], lacking["day"], strict=True)) == lost
    # each report exists exactly once, as it was made
    assert Counter(edition_of(Period(one.period_start, one.period_end, one.as_of)) for one in made) == wanted
    assert {one.revision for one in made} == {1}
    assert len({(one.period_start, one.period_end) for one in made}) == len(made)
    assert all(one.as_of == one.period_end for one in made)
    for record in stands:
        assert sha256(report_path(workspace, record).read_bytes()).hexdigest() == record.sha256
    assert {state for state, _ in sent} == {"sent"}
    assert len(sent) == 3 * len(made)
    workspace.close()
    assert life.run(["verify"]) == 0


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_days_off_a_dead_source_a_kill_and_a_full_disk_leave_nothing_undone(tmp_path: Path, post: Postbox) -> None:  # noqa: F811
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "recipients.toml").write_text(RECIPIENTS, encoding="utf-8")
    with lived(SHORT, province(SHORT), tmp_path, MAIL.format(port=post.port)) as life:
        prove(life, SHORT, Counter({"weekly": 1}))
        # due on Monday the 8th, made on the 10th
        workspace = life.open()
        assert late_reports(workspace) == {("weekly", date(2021, 2, 1)): 2}
        workspace.close()
        # the full disk is met, the kill is met, and both are made up
        ends = [(day.day, words, status) for day, words, status in life.commands]
        assert (7, "daily --day 2021-02-06", 128 + signal.SIGTERM) in ends
        assert [words for day, words, status in ends if status in (0, 1) and day == 10 and "weekly" in words]
        assert any(status == 3 for day, _, status in ends if day == 10)
        told = life.told("status", "--format", "json")
        assert told["late_reports"] == [{"edition": "weekly", "start": "2021-02-01", "days_late": 2}]
        assert told["overdue_reports"] == []
    assert len(post.mails) == 2
    assert all("lập muộn 02 ngày" in mail.get_body(("plain",)).get_content() for mail in post.mails)  # type: ignore[union-attr]


@pytest.mark.slow
@pytest.mark.timeout(6000)
def test_a_quarter(tmp_path: Path, post: Postbox) -> None:  # noqa: F811
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "recipients.toml").write_text(RECIPIENTS, encoding="utf-8")
    with lived(QUARTER, province(QUARTER), tmp_path, MAIL.format(port=post.port)) as life:
        # weeks from that of 1 January to that of 29 March; January, February and March; the first quarter
        prove(life, QUARTER, Counter({"weekly": 14, "monthly": 3, "quarterly": 1}))
        workspace = life.open()
        assert late_reports(workspace) == {
            ("weekly", date(2021, 1, 11)): 1, ("weekly", date(2021, 2, 22)): 2, ("monthly", date(2021, 2, 1)): 2,
        }  # fmt: skip
        workspace.close()
        assert life.run(["verify", "--deep"]) == 0
        assert life.run(["backup", str(tmp_path / "b.tar.zst")]) == 0
    # each report to whom it goes, once
    assert len({(str(mail["To"]), str(mail["Subject"])) for mail in post.mails}) == len(post.mails) == 2 * 18
