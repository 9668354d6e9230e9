"""The ledger: schema and migrations, runs, coverage, the history of findings, waivers, revisions, reports and deliveries."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from audit.errors import DataError
from audit.ledger import Ledger, judgements, reports, runs
from audit.ledger import history as past
from audit.ledger.schema import coverage, metadata
from audit.period import Period, day_end, local_day, week_name, week_of
from audit.settings import Waiver

WEEK = Period(date(2021, 2, 1), date(2021, 2, 8), date(2021, 2, 8))


@dataclass(frozen=True)
class Judgement:
    findings: pd.DataFrame
    outcomes: pd.DataFrame
    indicators: pd.DataFrame
    suspected: frozenset[str] = frozenset()


def instant(text: str) -> pd.Timestamp:
    """A local time on a day of February 2021, e.g. `03 08:00`."""
    return pd.Timestamp(f"2021-02-{text}", tz="Asia/Ho_Chi_Minh").tz_convert("UTC").as_unit("us")


def finding(finding_id: str, **given: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(
        ("counterpart", "recipient", "topic", "urgency", "extra", "delay_minutes", "deadline_at", "observed_at"), None
    )
    row |= {
        "finding_id": finding_id,
        "rule": "failed_send",
        "code": "G1",
        "severity": "high",
        "agency": "H03.12",
        "sender": "H03.12",
    }
    row |= {"number": "814", "notation": "UBND-VXNV", "issued_date": "2021-02-04", "subject": "V/v họp"}
    row |= {"anchored_at": instant("03 08:00"), "detail": {}, "basis": ["NĐ 30/2020"], "evidence": []}
    return row | given


def judged(*found: dict[str, Any], tested: int = 3, not_decided: int = 0, rule: str = "failed_send") -> Judgement:
    frame = pd.DataFrame(found or [finding("x")])
    for column in ("anchored_at", "deadline_at", "observed_at"):
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    frame = frame if found else frame.iloc[:0]
    outcome = {
        "rule": rule,
        "code": "G1",
        "agency": "H03.12",
        "tested": tested,
        "breaches": len(frame),
        "findings": len(frame),
    }
    outcomes = pd.DataFrame([outcome | {"not_decided": not_decided, "outcome": "FAIL" if found else "PASS"}])
    indicators = pd.DataFrame(
        [{"agency": "", "indicator": "index", "value": 99.5, "numerator": None, "denominator": None}]
    )
    return Judgement(frame, outcomes, indicators)


def at(day: int, period: Period = WEEK) -> Period:
    """The period as it looks at the end of the day before `day` February."""
    return Period(period.start, period.end, date(2021, 2, day))


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """A fresh ledger: in a file, and on a server."""
    is_file = request.param == "sqlite"
    opened = Ledger.in_folder(tmp_path) if is_file else Ledger(request.getfixturevalue("postgres").fresh())
    yield opened
    opened.close()


def begin(ledger: Ledger) -> str:
    return ledger.begin_run("judge", {"from": date(2021, 2, 1)}, "d" * 64, {"audit": "1"})


def history(ledger: Ledger, judgement: Judgement, period: Period) -> list[tuple[str, str, str]]:
    told = ledger.with_history(judgement.findings, period)
    return [(row.state, str(row.first_seen_at.date()), str(row.last_seen_at.date())) for row in told.itertuples()]


def test_migrations_lead_to_the_declared_schema(ledger: Ledger) -> None:
    with ledger.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_tables_are_told_to_postgresql_without_sqlite_words() -> None:
    statements = "".join(
        str(CreateTable(table).compile(dialect=postgresql.dialect())) for table in metadata.sorted_tables
    )
    assert "judgement_id BIGSERIAL NOT NULL" in statements
    assert "AUTOINCREMENT" not in statements


def test_a_ledger_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    ledger = Ledger.in_folder(tmp_path)
    with ledger.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    ledger.close()
    with pytest.raises(DataError, match="newer version"):
        Ledger.in_folder(tmp_path)


def test_a_database_that_cannot_be_opened_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        Ledger(f"sqlite:///{tmp_path}/absent/ledger.sqlite")
    assert "absent/ledger.sqlite" in str(caught.value)


def test_a_statement_that_fails_tells_no_value(ledger: Ledger) -> None:
    hushed = finding("a", subject="V/v nhân sự", agency=None)
    with pytest.raises(DataError, match="cannot be read or written") as caught:
        ledger.record(judged(hushed), begin(ledger), WEEK)
    assert "nhân sự" not in "".join(traceback.format_exception(caught.value))


def test_a_table_that_is_gone_is_an_error_of_ours(ledger: Ledger) -> None:
    with pytest.raises(DataError, match="cannot be read or written"), ledger.begin() as connection:
        connection.execute(sa.text("SELECT * FROM nowhere"))


def test_a_missing_driver_is_told() -> None:
    with pytest.raises(DataError, match="driver is not installed"):
        Ledger("postgresql+pg8000://audit@localhost/ledger")


def test_a_run_is_told_with_its_end(ledger: Ledger) -> None:
    run_id = begin(ledger)
    ledger.end_run(run_id, 1, {"rows": 7})
    killed = begin(ledger)
    with ledger.begin() as connection:
        told = {run.run_id: run for run in runs.last_runs(connection, 5)}
    assert (told[run_id].exit_status, told[run_id].counts) == (1, {"rows": 7})
    assert (told[killed].exit_status, told[killed].ended_at) == (None, None)


def test_coverage_of_a_day_is_replaced(ledger: Ledger) -> None:
    row = {
        "agency": "H03.12",
        "day": pd.Timestamp("2021-02-03"),
        "table": "sends",
        "state": "missing",
        "rows": 0,
        "rejects": 0,
    }
    missing = pd.DataFrame([row | {"pages": 0, "failed_at": "agency", "reason": "timed out"}])
    other_day = missing.assign(day=pd.Timestamp("2021-02-04"))
    complete = missing.assign(state="complete", rows=12, pages=1, failed_at=None, reason=None)
    run_id = begin(ledger)
    ledger.record_coverage(pd.concat([missing, other_day]), run_id)
    ledger.record_coverage(complete, run_id)
    with ledger.begin() as connection:
        kept = runs.coverage_between(connection, date(2021, 2, 3), date(2021, 2, 5))
    assert kept[["day", "state", "rows", "failed_at"]].values.tolist() == [
        [date(2021, 2, 3), "complete", 12, None],
        [date(2021, 2, 4), "missing", 0, "agency"],
    ]


def test_coverage_that_is_known_stays_with_the_run_that_first_told_it(ledger: Ledger) -> None:
    row = {"agency": "H03.12", "table": "sends", "rows": 12, "rejects": 0, "pages": 1, "failed_at": None, "reason": ""}
    days = [pd.Timestamp("2021-02-03"), pd.Timestamp("2021-02-04")]
    told = pd.DataFrame([row | {"day": day, "state": "complete"} for day in days]).astype({"failed_at": "str"})
    first, second = begin(ledger), begin(ledger)
    ledger.record_coverage(told, first)
    ledger.record_coverage(told.assign(rows=[12, 13]), second)
    with ledger.begin() as connection:
        rows = connection.execute(sa.select(coverage.c["rows"], coverage.c.run_id).order_by(coverage.c.day)).all()
    assert [tuple(row) for row in rows] == [(12, first), (13, second)]


def test_a_finding_is_new_in_its_period_and_open_after_it(ledger: Ledger) -> None:
    found = judged(finding("a"))
    assert history(ledger, found, WEEK) == [("new", "2021-02-07", "2021-02-07")]
    ledger.record(found, begin(ledger), WEEK)
    assert history(ledger, found, WEEK) == [("new", "2021-02-07", "2021-02-07")]
    next_week = Period(date(2021, 2, 8), date(2021, 2, 15), date(2021, 2, 15))
    assert history(ledger, found, next_week) == [("open", "2021-02-07", "2021-02-14")]


def test_a_finding_that_is_gone_is_resolved_and_may_come_back(ledger: Ledger) -> None:
    found, run_id = judged(finding("a")), begin(ledger)
    ledger.record(found, run_id, at(8))
    ledger.record(judged(), run_id, at(9))
    with ledger.begin() as connection:
        gone = past.resolved(connection, at(9))
        assert gone[["finding_id", "state", "how"]].values.tolist() == [["a", "resolved", "no_longer_breach"]]
        assert gone["resolved_at"].tolist() == [pd.Timestamp(day_end(date(2021, 2, 9)))]
        assert len(past.resolved(connection, at(8))) == 0
    assert history(ledger, found, at(10)) == [("reopened", "2021-02-07", "2021-02-09")]
    ledger.record(found, run_id, at(10))
    assert history(ledger, found, at(11)) == [("reopened", "2021-02-07", "2021-02-10")]


def test_an_old_report_is_told_as_it_was(ledger: Ledger) -> None:
    found, run_id = judged(finding("a"), finding("b")), begin(ledger)
    ledger.record(found, run_id, at(8))
    before = ledger.with_history(found.findings, at(8))
    ledger.record(judged(finding("b")), run_id, at(12))
    pd.testing.assert_frame_equal(ledger.with_history(found.findings, at(8)), before)


@pytest.mark.parametrize(
    ("tested", "not_decided", "resolved"),
    [(0, 2, False), (0, 0, True), (1, 2, True)],
    ids=["no data", "empty population", "some data"],
)
def test_no_data_resolves_nothing(ledger: Ledger, tested: int, not_decided: int, resolved: bool) -> None:
    ledger.record(judged(finding("a")), begin(ledger), at(8))
    ledger.record(judged(tested=tested, not_decided=not_decided), begin(ledger), at(9))
    with ledger.begin() as connection:
        assert (len(past.resolved(connection, at(9))) == 1) is resolved


def test_what_a_missing_day_leaves_undecided_is_not_resolved(ledger: Ledger) -> None:
    ledger.record(judged(finding("a"), finding("b")), begin(ledger), at(8))
    undecided = replace(judged(tested=3, not_decided=1), suspected=frozenset({"a"}))
    ledger.record(undecided, begin(ledger), at(9))
    with ledger.begin() as connection:
        assert list(past.resolved(connection, at(9))["finding_id"]) == ["b"]
    ledger.record(judged(tested=4), begin(ledger), at(10))
    with ledger.begin() as connection:
        assert list(past.resolved(connection, at(10))["finding_id"]) == ["a", "b"]


def test_a_rule_that_was_not_judged_resolves_nothing(ledger: Ledger) -> None:
    ledger.record(judged(finding("a")), begin(ledger), at(8))
    ledger.record(judged(rule="late_send"), begin(ledger), at(9))
    with ledger.begin() as connection:
        assert len(past.resolved(connection, at(9))) == 0


MIDNIGHT = instant("08 00:00")


@pytest.mark.parametrize(
    ("given", "start", "end", "covered"),
    [
        ({"anchored_at": MIDNIGHT}, 1, 8, False),
        ({"anchored_at": MIDNIGHT}, 8, 9, True),
        ({"anchored_at": MIDNIGHT, "deadline_at": MIDNIGHT}, 1, 8, True),
        ({"anchored_at": MIDNIGHT, "deadline_at": MIDNIGHT}, 8, 9, False),
        ({"anchored_at": MIDNIGHT, "rule": "backlog"}, 8, 9, True),
        ({"anchored_at": MIDNIGHT, "rule": "backlog"}, 1, 7, False),
        ({"anchored_at": MIDNIGHT, "rule": "backlog"}, 10, 11, True),
    ],
)
def test_only_a_judgement_that_looks_at_the_anchor_resolves(
    ledger: Ledger, given: dict[str, Any], start: int, end: int, covered: bool
) -> None:
    rule = given.get("rule", "failed_send")
    first = Period(date(2021, 2, 1), date(2021, 2, 15), date(2021, 2, 15))
    ledger.record(judged(finding("a", **given), rule=rule), begin(ledger), first)
    later = Period(date(2021, 2, start), date(2021, 2, end), date(2021, 2, 20))
    ledger.record(judged(rule=rule), begin(ledger), later)
    with ledger.begin() as connection:
        assert (len(past.resolved(connection, later)) == 1) is covered


@pytest.mark.parametrize("moved_first", [True, False])
def test_a_deadline_that_moved_to_the_next_week_resolves_nothing(ledger: Ledger, moved_first: bool) -> None:
    """G2 after one more try: the week before no longer holds it, the next one does, whichever is judged first."""
    before = {"anchored_at": instant("07 10:00"), "deadline_at": instant("07 10:00")}
    after = {"anchored_at": instant("09 10:00"), "deadline_at": instant("09 10:00")}
    next_week = Period(date(2021, 2, 8), date(2021, 2, 15), date(2021, 2, 15))
    run_id = begin(ledger)
    ledger.record(judged(finding("a", **before)), run_id, at(8))
    both = [(judged(), at(15)), (judged(finding("a", **after)), next_week)]
    for judgement, period in reversed(both) if moved_first else both:
        ledger.record(judgement, run_id, period)
    assert history(ledger, judged(finding("a", **after)), next_week) == [("open", "2021-02-07", "2021-02-14")]
    with ledger.begin() as connection:
        assert len(past.resolved(connection, next_week)) == 0


@given(st.dictionaries(st.integers(8, 14), st.booleans(), min_size=1), st.randoms(use_true_random=False))
@settings(max_examples=12)
def test_any_order_of_judging_tells_the_same_history(seen_on: dict[int, bool], random: Any) -> None:
    found = judged(finding("a"))
    order = list(seen_on)
    random.shuffle(order)
    ledger = Ledger("sqlite://")
    run_id = begin(ledger)
    for day in order:
        ledger.record(found if seen_on[day] else judged(), run_id, at(day))
    for day, seen in seen_on.items():
        seen_before = [seen_on[other] for other in sorted(seen_on) if other <= day]
        if seen:
            first = min(other for other in seen_on if seen_on[other])
            state = "reopened" if False in seen_before[seen_before.index(True) :] else "new"
            assert history(ledger, found, at(day)) == [
                (state, str(date(2021, 2, first - 1)), str(date(2021, 2, day - 1)))
            ]
        else:
            with ledger.begin() as connection:
                gone = past.resolved(connection, at(day))
            assert len(gone) == (True in seen_before)
            if len(gone):
                last = max(other for other in seen_on if other < day and seen_on[other])
                first_gone = min(other for other in seen_on if other > last and not seen_on[other])
                assert gone.loc[0, "resolved_at"] == pd.Timestamp(day_end(date(2021, 2, first_gone)))
                assert gone.loc[0, "last_seen_at"] == pd.Timestamp(day_end(date(2021, 2, last)))
    ledger.close()


def test_the_same_judgement_again_is_no_revision_and_late_data_are(ledger: Ledger) -> None:
    run_id = begin(ledger)
    assert ledger.record(judged(finding("a"), finding("b")), run_id, WEEK) == judgements.Revision(1)
    assert ledger.record(judged(finding("b"), finding("a")), run_id, WEEK) == judgements.Revision(1)
    changed = judgements.Revision(2, added=("c",), removed=("a",), outcomes=0)
    assert ledger.record(judged(finding("b"), finding("c")), run_id, WEEK) == changed
    with ledger.begin() as connection:
        assert judgements.revision_of(connection, WEEK) == changed
        assert past.resolved(connection, WEEK)[["finding_id", "how"]].values.tolist() == [["a", "late_data"]]


def test_measures_and_indicators_of_the_newest_revision_are_told(ledger: Ledger) -> None:
    run_id = begin(ledger)
    ledger.record(judged(finding("a")), run_id, WEEK)
    newest = judged(tested=9)
    ledger.record(newest, run_id, WEEK)
    with ledger.begin() as connection:
        measures, indicators = judgements.measures_of(connection, WEEK), judgements.indicators_of(connection, WEEK)
        assert judgements.measures_of(connection, WEEK.before()) is None
    assert measures is not None
    assert indicators is not None
    assert measures[["rule", "tested", "outcome"]].values.tolist() == [["failed_send", 9, "PASS"]]
    assert indicators["value"].tolist() == [99.5]
    assert indicators["numerator"].isna().all()


def test_indicators_of_the_history_are_added_once(ledger: Ledger) -> None:
    ledger.record(judged(), begin(ledger), WEEK)
    for value in (3.0, 4.0):
        row = {"agency": "", "indicator": "findings_new", "value": value, "numerator": None, "denominator": None}
        with ledger.begin() as connection:
            judgements.keep_indicators(connection, pd.DataFrame([row]), WEEK)
    with ledger.begin() as connection:
        kept = judgements.indicators_of(connection, WEEK)
        with pytest.raises(LookupError, match="never judged"):
            judgements.keep_indicators(connection, pd.DataFrame([row]), WEEK.before())
    assert kept is not None
    assert kept[["indicator", "value"]].values.tolist() == [["findings_new", 4.0], ["index", 99.5]]


def test_days_with_open_findings_are_told(ledger: Ledger) -> None:
    end_of_4 = instant("05 00:00")
    found = [
        finding("a"),
        finding("b", anchored_at=end_of_4, deadline_at=end_of_4),
        finding("c", anchored_at=instant("06 10:00")),
    ]
    ledger.record(judged(*found, finding("d", rule="backlog")), begin(ledger), WEEK)
    ledger.record(judged(*found[1:]), begin(ledger), at(9))
    with ledger.begin() as connection:
        assert past.open_days(connection, date(2021, 2, 6), date(2021, 2, 9)) == [date(2021, 2, 4)]
        assert past.open_days(connection, date(2021, 2, 8), date(2021, 2, 8)) == [
            date(2021, 2, day) for day in (3, 4, 6)
        ]


def waiver(**scope: Any) -> Waiver:
    day = {"valid_from": date(2021, 2, 1), "valid_to": date(2021, 2, 9)}
    return Waiver(reason="Chuyển hệ thống", approver="Chánh Văn phòng", **(day | scope))


@pytest.mark.parametrize(
    ("scope", "matched"),
    [
        ({"rule": "failed_send"}, True),
        ({"rule": "late_send"}, False),
        ({"agency": "H03.12", "number": "0814", "notation": "ubnd – vxnv", "issued_date": date(2021, 2, 4)}, True),
        ({"agency": "H03.12", "number": "815"}, False),
        ({"number": "814/UBND-VXNV"}, True),
        ({"issued_date": date(2021, 2, 5)}, False),
    ],
)
def test_a_waiver_holds_for_what_it_names(tmp_path: Path, scope: dict[str, Any], matched: bool) -> None:
    ledger = Ledger.in_folder(tmp_path, [waiver(**scope)])
    assert history(ledger, judged(finding("a")), WEEK)[0][0] == ("waived" if matched else "new")
    ledger.close()


def test_an_expired_waiver_brings_the_finding_back_and_says_so(tmp_path: Path) -> None:
    ledger = Ledger.in_folder(tmp_path, [waiver(rule="failed_send")])
    found = judged(finding("a", detail={"error_code": "5"}))
    ledger.record(found, begin(ledger), at(8))
    states = {day: ledger.with_history(found.findings, at(day)).iloc[0] for day in (8, 10, 11)}
    assert [row["state"] for row in states.values()] == ["waived", "waived", "reopened"]
    assert states[8]["detail"]["waiver"]["state"] == "in_force"
    assert states[11]["detail"] == {
        "error_code": "5",
        "waiver": {
            "state": "expired",
            "reason": "Chuyển hệ thống",
            "approver": "Chánh Văn phòng",
            "valid_from": "2021-02-01",
            "valid_to": "2021-02-09",
        },
    }
    ledger.close()


def test_a_finding_first_seen_after_the_waiver_is_not_brought_back(tmp_path: Path) -> None:
    ledger = Ledger.in_folder(tmp_path, [waiver(rule="failed_send")])
    assert history(ledger, judged(finding("a")), at(11))[0][0] == "new"
    ledger.close()


def test_the_same_file_is_the_same_report_and_another_is_a_revision(ledger: Ledger, tmp_path: Path) -> None:
    path, run_id = tmp_path / "week.pdf", begin(ledger)
    with ledger.begin() as connection:
        path.write_bytes(b"one")
        first = reports.record_report(connection, reports.ReportFile(path, "weekly_pdf"), WEEK, run_id, {})
        assert reports.record_report(connection, reports.ReportFile(path, "weekly_pdf"), WEEK, run_id, {}) == first
        path.write_bytes(b"two")
        second = reports.record_report(
            connection, reports.ReportFile(path, "weekly_pdf"), WEEK, run_id, {"added": ["c"]}
        )
        assert (first.revision, second.revision, second.changes) == (1, 2, {"added": ["c"]})
        assert reports.reports_of(connection, WEEK) == [second]


def test_a_report_goes_to_a_recipient_once(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "week.pdf"
    path.write_bytes(b"one")
    with ledger.begin() as connection:
        report = reports.record_report(
            connection, reports.ReportFile(path, "weekly_pdf"), WEEK, begin_in(connection), {}
        )
        for _ in range(2):
            reports.queue_delivery(connection, report, "van-thu@example.vn")
        (due,) = reports.due_deliveries(connection)
        reports.mark_delivery(connection, due.delivery_id, "sending")
        assert reports.due_deliveries(connection) == []
        assert [each.recipient for each in reports.doubtful_deliveries(connection)] == ["van-thu@example.vn"]
        reports.mark_delivery(connection, due.delivery_id, "failed", "421 try later")
        (again,) = reports.due_deliveries(connection)
        assert (again.attempts, again.last_error) == (1, "421 try later")
        reports.mark_delivery(connection, due.delivery_id, "sending")
        reports.mark_delivery(connection, due.delivery_id, "sent")
        reports.queue_delivery(connection, report, "van-thu@example.vn")
        assert reports.due_deliveries(connection) == []


def begin_in(connection: sa.Connection) -> str:
    return runs.begin_run(connection, "report", {}, "d" * 64, {})


def test_periods_are_local_days() -> None:
    assert day_end(date(2021, 2, 8)) == datetime(2021, 2, 7, 17, tzinfo=UTC)
    assert local_day(datetime(2021, 2, 7, 17, tzinfo=UTC)) == date(2021, 2, 8)
    assert week_of(date(2021, 1, 3)) == Period(date(2020, 12, 28), date(2021, 1, 4), date(2021, 1, 4))
    assert week_name(date(2021, 1, 3)) == "2020-W53"
    assert WEEK.name() == "2021-W05"
    assert WEEK.before().name() == "2021-W04"
    assert Period(date(2021, 2, 1), date(2021, 3, 1), date(2021, 3, 1)).name() == "2021-02"
    assert [day - WEEK.start for day in WEEK.days()] == [timedelta(number) for number in range(7)]
    with pytest.raises(ValueError, match="ends after it starts"):
        Period(date(2021, 2, 1), date(2021, 2, 1), date(2021, 2, 1))
