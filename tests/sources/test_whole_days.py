"""Dropped files: a day is complete only where something proves that the drop speaks of all of it (H2, G2, N2)."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from audit.archive import pack
from audit.coverage import coverage
from audit.engine import JudgeInputs, judge
from audit.evidence import Evidence
from audit.log import Log
from audit.probe_log import ProbeLog
from audit.pull import PullOptions, PullReport, pull
from audit.rebuild import Conformer
from audit.registry import Registry
from audit.settings import Agency
from audit.sources import edxml
from audit.working_time import WorkingCalendar
from tests.sources.messages import document, status
from tests.sources.server import TOKEN, agency_of, sends, serving, settings_of

DAY, NEXT = date(2021, 2, 4), date(2021, 2, 5)
HEADS = "Ngày đến,Số đến,Tác giả,Số ký hiệu,Ngày tháng văn bản,Trích yếu\n"
OLD = "01/02/2021,1,H03.13,1/BC-SNV,01/02/2021,Báo cáo\n"
OF_DAY = "04/02/2021,2,H03.13,2/BC-SNV,03/02/2021,Báo cáo\n"
LATER = "05/02/2021,3,H03.13,3/BC-SNV,04/02/2021,Báo cáo\n"
BEFORE_THE_END, THE_END = datetime(2021, 2, 4, 16, 59, 59, tzinfo=UTC), datetime(2021, 2, 4, 17, 0, tzinfo=UTC)


def recipient(kind: str, path: str, **source: object) -> Agency:
    given = {"kind": kind, "path": path, **({"direction": "incoming"} if kind == "register_file" else {}), **source}
    return Agency.model_validate({"code": "H03.12", "name": "Sở", "kind": "other", "source": given})


class Case:
    def __init__(self, folder: Path, *agencies: Agency) -> None:
        self.settings = settings_of(*agencies)
        self.registry = Registry(self.settings)
        self.evidence, self.log = Evidence(folder / "evidence"), Log(folder / "log")
        self.folder = folder

    def pull(self, days: Sequence[date] = (DAY,), again: Sequence[date] = ()) -> PullReport:
        options = PullOptions(again=frozenset(again))
        report = pull(self.settings, self.registry, self.evidence, days, options=options)
        Conformer(self.settings, self.registry, self.evidence, self.log).conform(list(days))
        return report

    def coverage(self, days: Sequence[date] = (DAY,)) -> pd.DataFrame:
        return coverage(self.registry, self.evidence, self.log, days, date(2021, 2, 6))

    def told(self, table: str = "receipts") -> tuple[str, int, str | None, str]:
        """State, rows, where it failed and why, of the recipient's table of the day."""
        frame = self.coverage()
        (row,) = frame[(frame["agency"] == "H03.12") & (frame["table"] == table)].to_dict("records")
        failed_at = row["failed_at"] if isinstance(row["failed_at"], str) else None
        return row["state"], row["rows"], failed_at, row["reason"]

    def judged(self, rule: str) -> pd.DataFrame:
        calendar = WorkingCalendar(self.settings.calendar)
        probes = ProbeLog(self.folder / "probes").read(date(2021, 2, 6))
        inputs = JudgeInputs(self.settings, self.registry, calendar, self.log, self.coverage((DAY, NEXT)), probes)
        found = judge(inputs, DAY, date(2021, 2, 6), date(2021, 2, 6)).outcomes
        return found[found["rule"] == rule].set_index("agency")


def write(path: Path, body: bytes | str, at: datetime = THE_END) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


NOTHING = ("missing", 0, "agency", "no file of the day yet")


@pytest.mark.parametrize("kind", ["edxml", "register_file"])
@pytest.mark.parametrize("path", ["so", "so/*.csv", "so/{day}/*.csv", "so/{day}"])
def test_where_there_is_no_file_nothing_is_known_and_it_is_asked_again(tmp_path: Path, kind: str, path: str) -> None:
    (tmp_path / "so").mkdir()
    if path.endswith("{day}"):
        (tmp_path / "so" / DAY.isoformat()).mkdir()
    case = Case(tmp_path, recipient(kind, f"{tmp_path}/{path}"))
    assert {(entry.outcome, entry.failed_at) for entry in case.pull().entries} == {("partial", "agency")}
    assert case.told() == NOTHING
    place = tmp_path / path.replace("/*.csv", "").replace("{day}", DAY.isoformat())
    write(place / "den.csv", HEADS + OLD + OF_DAY if kind == "register_file" else status())
    assert case.pull().is_complete
    assert case.told()[0] == "complete"


def test_a_register_older_than_the_days_end_is_read_and_the_day_stays_open(tmp_path: Path) -> None:
    path = write(tmp_path / "so" / "den.csv", HEADS + OLD + OF_DAY, BEFORE_THE_END)
    case = Case(tmp_path, recipient("register_file", str(path.parent)))
    case.pull()
    case.pull()
    assert case.told() == ("partial", 1, "agency", "the register is older than the day's end")
    assert case.log.read("receipts")["number"].tolist() == ["2"]
    write(path, HEADS + OLD + OF_DAY + OF_DAY.replace(",2", ",9") + LATER, THE_END)
    assert case.pull().is_complete
    assert case.told()[:2] == ("complete", 2)


FUTURE = f"{datetime.now(UTC) + timedelta(days=400):%d/%m/%Y},9,H03.13,9/BC-SNV,04/02/2021,Báo cáo\n"
FILES = {
    "a line of a later day": (HEADS + OLD + LATER, ""),
    "the newest line first": (HEADS + LATER + OLD, ""),
    "a slip amid the register": (HEADS + OLD + LATER + OF_DAY, "the register is older than the day's end"),
    "a day that has not come": (HEADS + OLD + FUTURE, "the register is older than the day's end"),
    "no line": (HEADS, "the register is older than the day's end"),
    "another table's": ("Nơi nhận,Số ký hiệu,Ngày văn bản,Trích yếu\n,1/QĐ,01/02/2021,A\n", None),
}


@pytest.mark.parametrize("name", FILES)
def test_what_the_lines_of_an_old_file_prove(tmp_path: Path, name: str) -> None:
    text, reason = FILES[name]
    write(tmp_path / "so" / "den.csv", text, BEFORE_THE_END)
    direction = "" if reason is None else "incoming"
    case = Case(tmp_path, recipient("register_file", f"{tmp_path}/so", direction=direction))
    case.pull()
    assert case.told()[3] == ("no file of the day holds this register" if reason is None else reason)


def test_a_register_that_begins_after_the_day_does_not_speak_of_it(tmp_path: Path) -> None:
    write(tmp_path / "so" / "den.csv", HEADS + LATER)
    case = Case(tmp_path, recipient("register_file", f"{tmp_path}/so"))
    case.pull()
    assert case.told() == ("partial", 0, "agency", "the register begins after the day")
    write(tmp_path / "so" / "cu.csv", HEADS + OLD, BEFORE_THE_END)  # the year's before
    assert case.pull().is_complete


def test_the_outgoing_register_alone_says_nothing_of_what_came_in(tmp_path: Path) -> None:
    place = tmp_path / "so" / DAY.isoformat()
    write(place / "di.csv", "Nơi nhận,Số ký hiệu,Ngày văn bản,Trích yếu\nA,1/QĐ,04/02/2021,B\n")
    case = Case(tmp_path, recipient("register_file", f"{tmp_path}/so/{{day}}", direction=""))
    case.pull()
    assert (case.told("documents")[:2], case.told()[0]) == (("complete", 1), "partial")
    write(place / "den.csv", HEADS)  # a register of the day without a line: nothing came
    assert case.pull().is_complete
    assert case.told()[:2] == ("complete", 0)


def test_messages_of_a_folder_of_all_days_are_whole_once_one_came_later(tmp_path: Path) -> None:
    write(tmp_path / "in" / "1.xml", status(), BEFORE_THE_END)
    case = Case(tmp_path, recipient("edxml", f"{tmp_path}/in"))
    case.pull()
    assert case.told("statuses") == ("partial", 1, "agency", "no file was written after the day's end")
    write(tmp_path / "in" / "2.xml", status(code="05"), THE_END + timedelta(hours=9))
    assert case.pull().is_complete
    assert case.told("statuses")[:2] == ("complete", 1)


def test_messages_dropped_after_the_pull_are_read_when_the_day_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edxml, "FILES_MAX", 2)
    place = tmp_path / "in" / DAY.isoformat()
    for name in ("1.xml", "2.xml"):
        write(place / name, document(recipients=("H03.12",), number=name[0]))
    case = Case(tmp_path, recipient("edxml", f"{tmp_path}/in/{{day}}"))
    case.pull()
    before = case.evidence.path(DAY).read_bytes()
    with monkeypatch.context() as unread:
        unread.setattr("audit.drop_place.read_file", lambda *_: pytest.fail("nothing has changed, and a file is read"))
        assert {entry.outcome for entry in case.pull(again=[DAY]).entries} == {"kept"}
    assert case.evidence.path(DAY).read_bytes() == before
    write(place / "3.xml", document(recipients=("H03.12",), number="3"), THE_END + timedelta(days=1))
    assert any(entry.was_changed for entry in case.pull(again=[DAY]).entries)
    assert sorted(case.log.read("receipts")["number"]) == ["1", "2", "3"]
    (place / "1.xml").unlink()  # what a gateway clears away was there
    assert {entry.outcome for entry in case.pull(again=[DAY]).entries} == {"kept"}


@contextmanager
def web(text: str, **headers: str) -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = text.encode()
            self.send_response(200)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/so.csv"
        server.shutdown()


@pytest.mark.parametrize(
    ("text", "changed_at", "state"),
    [
        (HEADS + OLD, "Thu, 04 Feb 2021 17:00:00 GMT", "complete"),
        (HEADS + OLD + OF_DAY, "Thu, 04 Feb 2021 16:59:59 GMT", "partial"),
        (HEADS + OLD + OF_DAY, "", "complete"),
        (HEADS + OLD, "", "partial"),
        (HEADS + OLD, "hôm qua", "partial"),
    ],
)
def test_a_register_on_the_web(tmp_path: Path, text: str, changed_at: str, state: str) -> None:
    with web(text, **({"Last_Modified": changed_at.encode().decode("latin-1")} if changed_at else {})) as address:
        case = Case(tmp_path, recipient("register_file", address))
        case.pull()
    assert case.told()[0] == state


@pytest.mark.parametrize("kind", ["edxml", "register_file"])
def test_what_is_not_known_is_not_decided_and_blames_nobody(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDIT_TEST_TOKEN", TOKEN)
    place = tmp_path / "so"
    place.mkdir()
    with serving({("sends", DAY.isoformat()): sends(1)}) as server:
        case = Case(tmp_path, agency_of(server.url), recipient(kind, str(place)))
        for stale in (False, True):
            if stale:
                body = HEADS + OLD if kind == "register_file" else status(code="05")
                write(place / "cu.csv", body, datetime(2021, 2, 1, 3, tzinfo=UTC))
            case.pull((DAY, NEXT))
            outcomes = {rule: case.judged(rule) for rule in ("undelivered", "unanswered_receipt")}
            assert {rule: int(found["breaches"].sum()) for rule, found in outcomes.items()} == {
                "undelivered": 0,
                "unanswered_receipt": 0,
            }
            assert case.judged("missing_log").loc["H03.12", "breaches"] == 2
            if kind == "edxml":
                assert outcomes["unanswered_receipt"].loc["H03.12", ["tested", "not_decided"]].tolist() == [0, 1]
        body = HEADS + OLD + LATER if kind == "register_file" else pack([])
        write(place / "moi.csv", body, THE_END + timedelta(days=2))
        assert case.pull((DAY, NEXT)).is_complete
        # now the recipient's log is known, and knows nothing of the document
        assert case.judged("missing_log").loc["H03.12", "breaches"] == 0
        if kind == "edxml":
            assert case.judged("undelivered").loc["H03", "breaches"] == 1
