"""`daily` and `weekly` without a date, as cron calls them: first what was missed, oldest first, then what they are for."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from audit.command import ExitStatus
from audit.commands import jobs
from audit.errors import DataError
from audit.ledger import Ledger
from audit.period import DAY, LOCAL_ZONE
from tests.deployment import Deployment

NOW = datetime(2021, 3, 4, 8, tzinfo=LOCAL_ZONE)


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """Its nights from 1 February to 26 February are done, and no report is."""
    made = Deployment(tmp_path / "deployed")
    ledger = Ledger.in_folder(made.data)
    for number in range(26):
        run_id = ledger.begin_run("daily", {"day": NOW.date().replace(month=2, day=1) + DAY * number}, "settings", {})
        ledger.end_run(run_id, 0, {})
    ledger.close()
    return made


def test_missed_nights_come_first_and_one_that_fails_holds_up_none(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def day(_context: Any, of: Any) -> ExitStatus:
        done.append(str(of))
        if len(done) == 1:
            raise DataError("evidence", "the disk is full")
        return ExitStatus.GAPS

    monkeypatch.setattr(jobs, "_day", day)
    with time_machine.travel(NOW, tick=True):
        assert deployment.run("daily")[0] == 3
        assert done == [f"2021-{text}" for text in ("02-27", "02-28", "03-01", "03-02", "03-03")]
        done[:] = ["x"]
        assert deployment.run("daily", "--day", "2021-02-20")[0] == 1
    assert done[1:] == ["2021-02-20"]


def test_missed_reports_of_weeks_and_months_come_first(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[str, str]] = []

    def reported(_context: Any, command: str, period: Any) -> ExitStatus:
        done.append((command, period.name()))
        return ExitStatus.DONE

    monkeypatch.setattr(jobs, "_reported", reported)
    with time_machine.travel(NOW, tick=True):
        assert deployment.run("weekly")[0] == 0
    weeks = [("weekly", f"2021-W{week:02d}") for week in (5, 6, 7)]
    # the last week's is made whatever the ledger says, as it always was
    assert done == [*weeks, ("report", "2021-02"), ("weekly", "2021-W08")]
