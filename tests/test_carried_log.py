"""What is carried on of the log from night to night: less than there is, and enough to find the same."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

import audit.closing
from audit.carried_log import CarriedLog, CarriedLogs, Judging
from audit.closing import TRAFFIC, Wanted, first_day_that_matters, pair_key_of
from audit.engine import JudgeInputs, judge
from audit.facts import Facts
from audit.log import Log
from audit.normalise import references
from audit.period import Period
from audit.pipeline.carrying import told_by_whole_documents, wanted_by_findings
from audit.pipeline.workspace import Workspace
from audit.working_time import date_of, day_number
from tests.oracle.random_province import random_case
from tests.rules.harness import Case, Row, document, facts_of, receipt, send, status
from tests.stored_logs import carried_logs, inputs_of, night_by_night, write_day
from tests.test_engine import assert_same, stored

LINE, END = date(2021, 2, 1), date(2021, 2, 8)
OTHER = "H03.04"


def sent(number: str, recipient: str, at: str = "10:00") -> list[Row]:
    key = {"number": number, "issued_date": "2021-01-05"}
    return [
        send(**key, recipient=recipient, sent_at=f"2021-01-05 {at}"),
        receipt(**key, recipient=recipient, arrived_at=f"2021-01-05 {at}"),
        status("03", "2021-01-05 11:00", **key, from_org=recipient),
    ]


def completed(number: str, recipient: str) -> Row:
    return status("06", "2021-01-06 09:00", number=number, issued_date="2021-01-05", from_org=recipient)


def registered(*numbers: str) -> list[Row]:
    recipients = ["H03.03", OTHER]
    return [document(number=number, issued_date="2021-01-05", recipients=recipients) for number in numbers]


PAST = [
    *registered("1", "2", "3", "4"),
    # 1: done with. 2: done with by one of two, the first of them sent to later. 3: waits. 4: was recalled
    *sent("1", "H03.03"), completed("1", "H03.03"), *sent("1", OTHER, "14:00"), completed("1", OTHER),
    *sent("2", OTHER, "09:30"), completed("2", OTHER), *sent("2", "H03.05"), completed("2", "H03.05"), *sent("2", "H03.03", "14:00"),
    *sent("3", "H03.03"),
    *sent("4", "H03.03"), completed("4", "H03.03"),
    send(number="4", issued_date="2021-01-05", business_type=1, axis_doc_id="recall", sent_at="2021-01-06 10:00"),
]  # fmt: skip
NOW = [
    document(),
    send(),
    receipt(),
    status("03", "2021-02-02 11:00"),
    document(number="13", urgency="khan"),
    send(number="13", state="fail"),
]


class Nights:
    """A log on disk, and what is carried on of it."""

    def __init__(self, root: Path, rows: Sequence[Row]) -> None:
        self.root, self.facts = root, facts_of(Case("", rows))
        self.inputs = stored(root / "log", rows, self.facts)
        self.log = self.inputs.log

    def carried(self, basis: str = "settings") -> CarriedLogs:
        return carried_logs(self.root / "carried", self.log, self.facts, basis)

    def add(self, rows: Sequence[Row]) -> None:
        stored(self.root / "log", rows, self.facts)

    def finds_the_same(self, log: Log) -> None:
        one, other = (judge(inputs_of(self.facts, of), LINE, END, END) for of in (self.log, log))
        assert_same(other, one)

    def carried_to_the_line(self, wanted: Wanted | None = None) -> Log:
        self.carried().carry_on(LINE, wanted or Wanted.nothing())
        return self.carried().to(LINE)


def traffic(log: Log, number: str) -> set[tuple[str, str, str]]:
    """(table, one side, other side) of a document's rows before the line."""
    found = set()
    for table, sides in audit.closing.SIDES.items():
        frame = log.read(table, [day for day in log.days() if day < LINE], ["number", *sides])
        mine = frame[frame["number"] == number]
        found |= {(table, *sorted(pair)) for pair in zip(*(mine[side].astype(str) for side in sides), strict=True)}
    return found


def recipients(log: Log, number: str) -> set[str]:
    return {code for _, *sides in traffic(log, number) for code in sides} - {"H03.02"}


def rows_before(log: Log, table: str) -> int:
    return len(log.read(table, [day for day in log.days() if day < LINE], ["log_day"]))


def reference(number: str) -> np.ndarray:
    return references([day_number(date(2021, 1, 5))], [number], ["SNV-VP"], [None])


def test_what_is_done_with_is_left_behind_and_what_waits_is_carried(tmp_path: Path) -> None:
    nights = Nights(tmp_path, [*PAST, *NOW])
    log = nights.carried_to_the_line()
    assert isinstance(log, CarriedLog)
    assert recipients(log, "1") == set()
    assert recipients(log, "2") == {"H03.03", OTHER}  # one waits, the other tells when it was sent first
    assert recipients(log, "3") == {"H03.03"}
    assert traffic(log, "4") == traffic(nights.log, "4")
    assert rows_before(log, "documents") == rows_before(nights.log, "documents")  # the numbers of a year are compared
    nights.finds_the_same(log)


LATE = {
    "a status": [status("04", "2021-02-03 10:00", number="1", issued_date="2021-01-05")],
    "a send to somebody else": [send(number="1", issued_date="2021-01-05", recipient="H03.06", sent_at="2021-02-03 10:00")],
    "the register": registered("1")[0]._replace(day=date(2021, 2, 3)),
    "a status of a pair of a document that waits": [status("04", "2021-02-03 10:00", number="2", issued_date="2021-01-05", from_org="H03.05")],
}  # fmt: skip


@pytest.mark.parametrize("name", LATE)
def test_a_late_row_brings_everything_back(tmp_path: Path, name: str) -> None:
    late: Row | list[Row] = LATE[name]
    nights = Nights(tmp_path, [*PAST, *NOW])
    nights.carried_to_the_line()
    nights.add([late] if isinstance(late, Row) else late)
    assert nights.carried().to(LINE) is nights.log
    log = nights.carried_to_the_line()
    assert isinstance(log, CarriedLog)
    number = "2" if "waits" in name else "1"
    assert traffic(log, number) == traffic(nights.log, number)
    nights.finds_the_same(log)


def test_nothing_is_carried_from_another_log_or_by_other_settings(tmp_path: Path) -> None:
    nights = Nights(tmp_path, [*PAST, *NOW])
    nights.carried_to_the_line()
    assert nights.carried("other settings").to(LINE) is nights.log
    assert nights.carried().to(LINE - timedelta(days=30)) is nights.log
    nights.add([status("06", "2021-01-07 09:00", number="3", issued_date="2021-01-05")])  # an old day is pulled again
    assert nights.carried().to(LINE) is nights.log
    log = nights.carried_to_the_line()
    assert recipients(log, "3") == set()
    nights.finds_the_same(log)


def test_what_open_findings_need_stays_or_comes_back(tmp_path: Path) -> None:
    nights = Nights(tmp_path, [*PAST, *NOW])
    codes = (np.array(["H03.02"], dtype=object), np.array([OTHER], dtype=object))
    nothing = Wanted.nothing()
    wanted = Wanted(nothing.references, pair_key_of(reference("1"), *codes), reference("1"))
    log = nights.carried_to_the_line(wanted)
    assert recipients(log, "1") == {"H03.03", OTHER}  # what is wanted, and what was sent first
    assert isinstance(nights.carried().to(LINE, wanted), CarriedLog)
    everything = Wanted(reference("2"), nothing.pairs, nothing.references)
    assert nights.carried().to(LINE, everything) is nights.log
    log = nights.carried_to_the_line(everything)
    assert recipients(log, "2") == {"H03.03", OTHER, "H03.05"}


def test_carrying_on_by_steps_carries_the_same(tmp_path: Path) -> None:
    at_once, by_steps = Nights(tmp_path / "one", [*PAST, *NOW]), Nights(tmp_path / "two", [*PAST, *NOW])
    for back in (14, 7):
        by_steps.carried().carry_on(LINE - timedelta(days=back), Wanted.nothing())
    for table in ("documents", *TRAFFIC):
        one, other = (nights.carried_to_the_line().read(table) for nights in (at_once, by_steps))
        order = ["agency", "log_day", "page_no", "line"]
        same = [frame.sort_values(order).to_json(date_format="iso", orient="records") for frame in (one, other)]
        assert same[0] == same[1]


def test_the_first_day_that_matters_leaves_room_for_deadlines_and_holidays() -> None:
    facts = facts_of(Case(""))
    day = day_number(date(2021, 2, 22))  # after Tết of 10 to 16 February
    first = date_of(first_day_that_matters(facts.calendar, facts.policy.limits, day))
    assert first <= date(2021, 2, 15)
    limits = facts.policy.limits.model_copy(update={"undelivered_hours": 24 * 20})
    assert date_of(first_day_that_matters(facts.calendar, limits, day)) == date(2021, 2, 2)


# -- random provinces --------------------------------------------------------------------------------------------------


def differences_by_night(root: Path, seed: int) -> Iterable[tuple[JudgeInputs, JudgeInputs, tuple[date, date, date]]]:
    """For nights of a random province: the inputs with the whole log and with what is carried, and what to judge."""
    rng = random.Random(seed)
    facts, pages = night_by_night(random_case(rng))
    log = Log(root / "log")
    carried = CarriedLogs(root / "carried", log, Judging(facts.registry, facts.calendar, facts.policy.limits, ""))
    for number, (day, of_day) in enumerate(pages.items()):
        write_day(log, facts, day, of_day)
        as_of = day + timedelta(days=1)
        start = as_of - timedelta(days=rng.randint(1, 4))
        if number < 9 or number % 3:
            continue
        carried.carry_on(start, Wanted.nothing(), every=1)
        yield inputs_of(facts, log), inputs_of(facts, carried.to(start)), (start, as_of, as_of)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 160))
def test_nights_of_random_provinces(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit.closing, "_QUIET_DAYS", 0)
    for whole, carried, dates in differences_by_night(tmp_path, seed):
        assert_same(judge(carried, *dates), judge(whole, *dates))


# -- findings of older days --------------------------------------------------------------------------------------------


def found_again(root: Path, facts: Facts, log: Log, line: date, as_of: date) -> tuple[set[str], set[str]]:
    """Of what was found before the line and is in the ledger as open: what is found at `as_of` in the whole log, and
    what is found in the log as it is carried for them.
    """
    first, inputs = log.days()[0], inputs_of(facts, log)
    older = Period(first, line, line)
    workspace = Workspace(facts.settings, root / "data", root / "out")
    try:
        run = workspace.ledger.begin_run("test", {}, "", {})
        workspace.ledger.record(judge(inputs, first, line, line), run, older)
        carried = carried_logs(root / "carried", log, facts)
        wanted = wanted_by_findings(workspace, line, as_of)
        carried.carry_on(line, wanted, every=1)
        of = carried.to(line, wanted)
        assert isinstance(of, CarriedLog)
        told = told_by_whole_documents(workspace, judge(inputs_of(facts, of), first, line, as_of), line, as_of)
        part = set(told.findings["finding_id"])
        assert told.outcomes["findings"].sum() == len(told.findings)
    finally:
        workspace.close()
    known = set(judge(inputs, first, line, line).findings["finding_id"])
    whole = set(judge(inputs, first, line, as_of).findings["finding_id"])
    assert part <= whole
    return whole & known, part & known


def test_open_findings_of_older_days_are_judged_again(tmp_path: Path) -> None:
    late = [
        *registered("5", "6"),
        *sent("5", OTHER), status("03", "2021-01-11 09:00", number="5", issued_date="2021-01-05"),
        receipt(number="5", issued_date="2021-01-05", arrived_at="2021-01-05 10:00"), completed("5", "H03.03"), completed("5", OTHER),
        send(number="6", issued_date="2021-01-05", sent_at="2021-01-08 10:00"), completed("6", "H03.03"),
    ]  # fmt: skip
    nights = Nights(tmp_path, [*PAST, *late, *NOW])
    whole, part = found_again(tmp_path, nights.facts, nights.log, LINE, END)
    assert part == whole
    assert len(whole) > 5


def test_what_only_seems_so_is_told_and_counted_nowhere(tmp_path: Path) -> None:
    """Of documents that the ledger knows nothing of, nobody can say that they were not sent to everybody in time."""
    nights = Nights(tmp_path, [*PAST, *NOW])
    judgement = judge(nights.inputs, nights.log.days()[0], LINE, END)
    of_all_pairs = judgement.findings["code"].isin(["G3", "G4", "G5"])
    assert 0 < of_all_pairs.sum() < len(of_all_pairs)
    workspace = Workspace(nights.facts.settings, tmp_path / "data", tmp_path / "out")
    try:
        told = told_by_whole_documents(workspace, judgement, LINE, END)
    finally:
        workspace.close()
    assert len(told.findings) == (~of_all_pairs).sum()
    assert told.outcomes["findings"].sum() == len(told.findings)
    assert judgement.outcomes["findings"].sum() == len(judgement.findings)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200, 230))
def test_open_findings_of_random_provinces(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit.closing, "_QUIET_DAYS", 0)
    facts, pages = night_by_night(random_case(random.Random(seed)))
    log = Log(tmp_path / "log")
    for day, of_day in pages.items():
        write_day(log, facts, day, of_day)
    days = log.days()
    if len(days) < 12:
        pytest.skip("too short for anything to be closed")
    whole, part = found_again(tmp_path, facts, log, days[-3], days[-1] + timedelta(days=1))
    assert part == whole
