"""Evidence → log: idempotent, the same to the byte, rejects beside it, and made again only when something changed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from audit import rebuild
from audit.coverage import coverage
from audit.errors import DataError
from audit.evidence import Evidence, Recording
from audit.log import Log
from audit.rebuild import Conformer
from audit.registry import Registry
from audit.settings import Agency, Settings, load_settings
from audit.source import RawPage, Reading, Request
from audit.tables import SCHEMAS

DAY = date(2021, 2, 4)
SOURCE = {"kind": "log_api", "base_url": "http://localhost", "token": "env:T"}
KEY = {"sender": "H03", "notation": "QĐ-UBND", "issued_date": "2021-02-04"}
SEND = KEY | {"recipient": "H03.01", "sent_at": "2021-02-04T08:00:00+07:00"}


def settings_of(**agency: object) -> Settings:
    agencies = [
        Agency.model_validate({"name": code, "kind": "other", "source": SOURCE, "code": code, **agency})
        for code in ("H03", "H03.01")
    ]
    return load_settings().model_copy(update={"agencies": tuple(agencies)})


class Case:
    def __init__(self, folder: Path) -> None:
        self.settings = settings_of()
        self.evidence = Evidence(folder / "evidence")
        self.log = Log(folder / "log")

    def conformer(self) -> Conformer:
        return Conformer(self.settings, Registry(self.settings), self.evidence, self.log)

    def receive(self, agency: str, table: str, *rows: object, outcome: str = "complete", pages: int = 1) -> None:
        """An agency's table, as the wire brings it: on one page, or on so many that are alike."""
        body = {"table": table, "day": DAY.isoformat(), "agency": agency, "generated_at": "2021-02-05T00:10:00+07:00"}
        page = RawPage(
            Request(agency, table, DAY),
            "",
            200,
            datetime.now(UTC),
            json.dumps(body | {"total": len(rows), "items": rows}).encode(),
        )
        day = self.evidence.day(DAY)
        recording = Recording(day, "run", page.request, "log_api", provisional=False)
        sha256 = recording.keep(page.body)
        for number in range(pages):
            here = replace(page, request=replace(page.request, cursor=str(number or "")))
            recording.add(here, sha256, Reading(len(rows), None, len(rows), None))
        recording.end(outcome)  # type: ignore[arg-type]

    def bytes(self) -> dict[str, bytes]:
        return {table: self.log.path(table, DAY).read_bytes() for table in SCHEMAS}


@pytest.fixture
def case(tmp_path: Path) -> Case:
    case = Case(tmp_path)
    case.receive("H03.01", "sends", SEND | {"sender": "H03.01", "number": 3})
    case.receive("H03", "sends", SEND | {"number": 1}, SEND | {"number": 2}, {"sender": "H03"}, 7)
    case.receive("H03", "documents", KEY | {"number": 1, "files": [{"name": "a.pdf", "signatures": [{}]}]})
    return case


def test_a_day_of_the_log(case: Case) -> None:
    report = case.conformer().conform_day(DAY)
    assert (report.rows, report.rejects, report.was_made) == (6, 2, True)
    assert case.log.days() == [DAY]
    sends = case.log.read("sends")
    assert sends[["agency", "number"]].to_numpy().tolist() == [["H03", "1"], ["H03", "2"], ["H03.01", "3"]]
    assert len(case.log.read("documents")) == len(case.log.read("files")) == len(case.log.read("signatures")) == 1
    rejects = case.log.read("rejects")
    assert rejects[["agency", "table", "line", "reason"]].to_numpy().tolist() == [
        ["H03", "sends", 3, "missing_key"],
        ["H03", "sends", 4, "not_an_object"],
    ]


def test_rejects_are_counted_in_the_coverage(case: Case) -> None:
    case.conformer().conform_day(DAY)
    frame = coverage(Registry(case.settings), case.evidence, case.log, [DAY], date(2021, 2, 5))
    row = frame[(frame["agency"] == "H03") & (frame["table"] == "sends")].iloc[0]
    assert (row["state"], row["rows"], row["rejects"]) == ("complete", 2, 2)


def test_nothing_changed_nothing_made(case: Case) -> None:
    first = case.conformer().conform_day(DAY)
    again = case.conformer().conform_day(DAY)
    assert (again.rows, again.rejects, again.was_made) == (first.rows, first.rejects, False)


def test_rebuilding_gives_the_same_bytes(case: Case) -> None:
    case.conformer().conform_day(DAY)
    before = case.bytes()
    (report,) = case.conformer().rebuild()
    assert report.was_made
    assert case.bytes() == before
    for table in SCHEMAS:
        case.log.path(table, DAY).unlink()
    assert case.conformer().conform_day(DAY).was_made
    assert case.bytes() == before


def test_the_order_of_arrival_does_not_matter(case: Case, tmp_path: Path) -> None:
    other = Case(tmp_path / "other")
    other.receive("H03", "documents", KEY | {"number": 1, "files": [{"name": "a.pdf", "signatures": [{}]}]})
    other.receive("H03", "sends", SEND | {"number": 1}, SEND | {"number": 2}, {"sender": "H03"}, 7)
    other.receive("H03.01", "sends", SEND | {"sender": "H03.01", "number": 3})
    for one in (case, other):
        one.conformer().conform_day(DAY)
    assert case.bytes() == other.bytes()


def test_new_pages_make_the_day_again(case: Case) -> None:
    case.conformer().conform_day(DAY)
    case.receive("H03", "sends", SEND | {"number": 9})
    assert case.conformer().conform_day(DAY).was_made
    assert case.log.read("sends", agency="H03")["number"].tolist() == ["9"]


def test_a_new_alias_makes_the_day_again(case: Case) -> None:
    case.receive("H03", "sends", SEND | {"number": 1, "recipient": "OLD.1"})
    case.conformer().conform_day(DAY)
    assert case.log.read("sends", agency="H03")["recipient"].tolist() == ["OLD.1"]
    first, second = settings_of().agencies
    case.settings = case.settings.model_copy(
        update={"agencies": (first, second.model_copy(update={"aliases": ("OLD.1",)}))}
    )
    case.settings.__dict__.pop("conform_digest", None)
    assert case.conformer().conform_day(DAY).was_made
    assert case.log.read("sends", agency="H03")["recipient"].tolist() == ["H03.01"]


def test_rows_in_hand_are_used_whatever_the_coverage(tmp_path: Path) -> None:
    case = Case(tmp_path)
    case.receive("H03", "sends", SEND | {"number": 1}, outcome="inconsistent")
    case.conformer().conform_day(DAY)
    assert case.log.read("sends")["number"].tolist() == ["1"]


def test_a_day_without_evidence_is_left_alone(tmp_path: Path) -> None:
    case = Case(tmp_path)
    assert not case.conformer().conform_day(DAY).was_made
    assert case.log.days() == []


def test_a_forged_page_stops_the_day_and_leaves_the_old_one(case: Case) -> None:
    case.conformer().conform_day(DAY)
    before = case.bytes()
    day = case.evidence.day(DAY)
    forge = "UPDATE bodies SET packed = (SELECT packed FROM bodies ORDER BY sha256 LIMIT 1), size = 10"
    day.apply(lambda connection: connection.execute(forge))
    with pytest.raises(DataError):
        case.conformer().conform_day(DAY, force=True)
    assert case.bytes() == before


@pytest.mark.parametrize(("pages", "size"), [(1, 1), (2, 1 << 30)])
def test_rows_do_not_depend_on_how_many_are_made_at_once(
    case: Case, monkeypatch: pytest.MonkeyPatch, pages: int, size: int
) -> None:
    case.conformer().conform_day(DAY)
    before = {table: case.log.read(table, [DAY]) for table in SCHEMAS}
    monkeypatch.setattr(rebuild, "BATCH_PAGES", pages)
    monkeypatch.setattr(rebuild, "BATCH_BYTES", size)
    case.conformer().conform_day(DAY, force=True)
    for table, frame in before.items():
        after = case.log.read(table, [DAY])
        assert frame.astype(object).equals(after.astype(object)), table


def test_many_short_values_are_not_made_at_once(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of them weighs more than its bytes: eight of 600 bytes are too large for a batch of 5 000."""
    case.receive("H03", "statuses", *([0] * 200), pages=8)
    made: list[int] = []
    conform_by = rebuild.conform_by
    monkeypatch.setattr(rebuild, "BATCH_BYTES", 5_000)
    monkeypatch.setattr(
        rebuild, "conform_by", lambda forms, table, part: made.append(len(part)) or conform_by(forms, table, part)
    )
    assert case.conformer().conform_day(DAY).rejects == 8 * 200 + 2
    assert max(made) == 2, made


def test_workers_write_the_same_bytes(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "BATCH_PAGES", 1)
    case.conformer().conform_day(DAY)
    before = case.bytes()
    monkeypatch.setattr(rebuild, "WORKERS_FROM_ROWS", 0)
    monkeypatch.setattr(rebuild, "cores", lambda: 2)
    assert case.conformer().conform_day(DAY, force=True).was_made
    assert case.bytes() == before
