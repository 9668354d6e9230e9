"""Pulling from a real server: pages end, no row is lost, what breaks is told and goes on, and nobody stops anybody else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from audit.coverage import coverage
from audit.evidence import Evidence
from audit.log import Log
from audit.pull import PullEntry, PullOptions, pull
from audit.rebuild import Conformer
from audit.registry import Registry
from tests.sources.server import AGENCY, Exchange, LogServer, agency_of, sends, serving, settings_of

DAY = date(2021, 2, 4)
ROWS = {("sends", "2021-02-04"): sends(35)}


@pytest.fixture
def server() -> Iterator[LogServer]:
    with serving(ROWS) as running:
        yield running


class Case:
    """One agency, its server, and the folders."""

    def __init__(self, server: LogServer, folder: Path) -> None:
        self.server = server
        self.agency = agency_of(server.url, tables=("sends",))
        self.settings = settings_of(self.agency)
        self.registry = Registry(self.settings)
        self.evidence = Evidence(folder / "evidence")
        self.log = Log(folder / "log")

    def configure(self, policy: dict[str, object] | None = None, **source: object) -> None:
        self.agency = agency_of(self.server.url, tables=("sends",), **source)
        self.settings = settings_of(self.agency, **(policy or {}))
        self.registry = Registry(self.settings)

    def pull(self, *, refresh: bool = False) -> PullEntry:
        report = pull(self.settings, self.registry, self.evidence, [DAY], options=PullOptions(refresh=refresh))
        (entry,) = report.entries
        return entry

    def coverage(self) -> tuple[str, int, object, str]:
        """State, rows, failed_at and reason of the table."""
        frame = coverage(self.registry, self.evidence, self.log, [DAY], date(2021, 2, 5))
        row = frame[frame["table"] == "sends"].iloc[0]
        return (
            row["state"],
            row["rows"],
            None if row["failed_at"] != row["failed_at"] else row["failed_at"],
            row["reason"],
        )

    def numbers(self) -> list[str]:
        """Numbers of the documents in the log."""
        Conformer(self.settings, self.registry, self.evidence, self.log).conform([DAY])
        return self.log.read("sends")["number"].tolist()


@pytest.fixture
def case(server: LogServer, tmp_path: Path) -> Case:
    return Case(server, tmp_path)


ALL = [str(number) for number in range(1, 36)]


def once(misbehave: Callable[[Exchange], object], at: int = 1) -> Callable[[Exchange], bool]:
    """Only the request of that number is answered so."""

    def maybe(exchange: Exchange) -> bool:
        if len(exchange.server.asked) != at:
            return False
        misbehave(exchange)
        return True

    return maybe


def always(misbehave: Callable[[Exchange], object]) -> Callable[[Exchange], bool]:
    def answer(exchange: Exchange) -> bool:
        misbehave(exchange)
        return True

    return answer


def test_every_page_is_pulled_once_and_no_row_is_lost(case: Case) -> None:
    entry = case.pull()
    assert (entry.outcome, entry.pages, entry.rows, entry.failed_at) == ("complete", 4, 35, None)
    assert len(case.server.asked) == 4
    assert case.numbers() == ALL
    assert case.coverage() == ("complete", 35, None, "")


def test_a_complete_day_is_not_asked_again_unless_wanted(case: Case) -> None:
    case.pull()
    assert case.pull().outcome == "kept"
    assert len(case.server.asked) == 4
    assert case.pull(refresh=True).outcome == "complete"
    assert len(case.server.asked) == 8
    assert case.numbers() == ALL


def test_a_day_without_rows_is_complete(case: Case) -> None:
    case.server.rows = {}
    entry = case.pull()
    assert (entry.outcome, entry.pages, entry.rows) == ("complete", 1, 0)
    assert case.numbers() == []
    assert case.coverage() == ("complete", 0, None, "")


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again_in_the_same_run(case: Case, status: int) -> None:
    case.server.misbehaviour = once(lambda exchange: exchange.send(b"", {"Retry-After": "0"}, status), at=2)
    assert case.pull().outcome == "complete"
    assert len(case.server.asked) == 5
    assert case.numbers() == ALL


@pytest.mark.parametrize(
    ("status", "tries", "reason"),
    [
        (400, 1, "refused"),
        (404, 1, "not kept there"),
        (409, 1, "the day is not closed yet"),
        (410, 1, "refused"),
        (501, 1, "refused"),
        (503, 3, "out of service"),
    ],
)
def test_a_refusal_is_the_agencys(case: Case, status: int, tries: int, reason: str) -> None:
    case.server.misbehaviour = always(lambda exchange: exchange.send(b"no", status=status))
    entry = case.pull()
    assert (entry.outcome, entry.failed_at, entry.reason) == ("partial", "agency", reason)
    assert len(case.server.asked) == tries
    assert case.coverage() == ("missing", 0, "agency", reason)


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_ours_until_they_have_worked(case: Case, status: int) -> None:
    refuse = always(lambda exchange: exchange.send(b"Unauthorized", status=status))
    case.server.misbehaviour = refuse
    assert case.pull().failed_at == "ours"
    assert len(case.server.asked) == 1
    case.server.misbehaviour = None
    assert case.pull().outcome == "complete"
    case.server.misbehaviour = refuse
    assert case.pull(refresh=True).failed_at == "agency"


def test_an_interrupted_pull_goes_on_at_its_cursor(case: Case) -> None:
    case.server.misbehaviour = lambda exchange: len(exchange.server.asked) > 2 and not exchange.send(b"", status=503)
    entry = case.pull()
    assert (entry.outcome, entry.rows, entry.failed_at) == ("partial", 20, "agency")
    assert case.numbers() == ALL[:20]
    assert case.coverage() == ("partial", 20, "agency", "out of service")
    case.server.misbehaviour = None
    asked = len(case.server.asked)
    assert case.pull().outcome == "complete"
    assert [urlsplit(path).query[-9:] for path in case.server.asked[asked:]] == ["cursor=20", "cursor=30"]
    assert case.numbers() == ALL
    assert case.coverage() == ("complete", 35, None, "")


def test_a_cursor_that_is_no_longer_known_begins_anew(case: Case) -> None:
    case.server.misbehaviour = lambda exchange: len(exchange.server.asked) > 2 and not exchange.send(b"", status=503)
    case.pull()
    forgotten = len(case.server.asked) + 1
    case.server.misbehaviour = once(lambda exchange: exchange.send(b"", status=410), at=forgotten)
    assert case.pull().outcome == "complete"
    assert case.numbers() == ALL


def test_a_total_that_changed_begins_anew(case: Case) -> None:
    case.server.misbehaviour = lambda exchange: len(exchange.server.asked) > 2 and not exchange.send(b"", status=503)
    case.pull()
    case.server.rows = {("sends", "2021-02-04"): sends(36)}
    case.server.misbehaviour = None
    entry = case.pull()
    assert (entry.outcome, entry.rows) == ("complete", 36)
    assert case.numbers() == [*ALL, "36"]


HOSTILE: dict[str, tuple[Callable[[Exchange], object], str]] = {
    "html": (lambda x: x.send(b"<html>Login</html>", {"Content-Type": "text/html"}), "not a page of the contract"),
    "empty": (lambda x: x.send(b""), "not a page of the contract"),
    "half": (lambda x: x.send(json.dumps(x.page()).encode()[:-20]), "not a page of the contract"),
    "list": (lambda x: x.send_json([]), "not a page of the contract"),
    "no items": (lambda x: x.send_json(x.page(items=None)), "not a page of the contract"),
    "deep": (lambda x: x.send(b'{"items":' + b"[" * 100_000), "not a page of the contract"),
    "many values": (lambda x: x.send_json(x.page(items=[{"x": 1_000_000 * [0]}])), "more than 1000000 values"),
    "many rows": (lambda x: x.send_json(x.page(items=10_001 * [{}])), "a page of more than 10000 rows"),
    "other day": (lambda x: x.send_json(x.page(day="2021-02-03")), "of another day"),
    "other table": (lambda x: x.send_json(x.page(table="receipts")), "of another table"),
    "other agency": (lambda x: x.send_json(x.page(agency="H03.12")), "of another agency"),
    "no time": (lambda x: x.send_json(x.page(generated_at="soon")), "generated_at is no time"),
    "too early": (lambda x: x.send_json(x.page(generated_at="2021-02-04T23:59:59+07:00")), "made before the day's end"),
    "negative total": (lambda x: x.send_json(x.page(total=-1)), "the total is no number"),
    "smaller total": (lambda x: x.send_json(x.page(total=15)), "more rows than the total"),
    "larger total": (lambda x: x.send_json(x.page(total=36)), "fewer rows than the total"),
    "no next": (lambda x: x.send_json(x.page(next=None)), "fewer rows than the total"),
    "same cursor": (lambda x: x.send_json(x.page(next="10")), "a cursor came twice"),
    "empty cursor": (lambda x: x.send_json(x.page(next="")), "the cursor is empty"),
    "long cursor": (lambda x: x.send_json(x.page(next="x" * 2001)), "the cursor is empty or too long"),
    "not closed": (lambda x: x.send_json(x.page(closed=False)), "not closed yet"),
    "redirected": (lambda x: x.send(b"", {"Location": "http://localhost:1/v1/log/sends"}, 302), "redirected elsewhere"),
    "in circles": (lambda x: x.send(b"", {"Location": x.path}, 307), "redirected in circles"),
    "other packing": (lambda x: x.send(b"x", {"Content-Encoding": "br"}), "packed in a way"),
    "broken packing": (lambda x: x.send(b"no gzip", {"Content-Encoding": "gzip"}), "damaged"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_page_is_told_and_never_complete(case: Case, name: str) -> None:
    misbehave, reason = HOSTILE[name]
    case.server.misbehaviour = always(misbehave)
    entry = case.pull()
    assert entry.outcome == "partial"
    assert entry.failed_at == "agency"
    assert reason in entry.reason
    assert case.coverage()[0] in ("partial", "missing")
    assert len(case.server.asked) <= 12


def test_a_page_that_is_none_is_kept_as_it_was_received(case: Case) -> None:
    case.server.misbehaviour = always(lambda exchange: exchange.send(b"<html>Login</html>"))
    case.pull()
    evidence = case.evidence.day(DAY)
    refused = evidence._rows("SELECT sha256 FROM refused")
    assert {evidence.body(sha256) for (sha256,) in refused} == {b"<html>Login</html>"}


def test_an_answer_that_was_no_page_is_asked_for_again_in_the_same_run(case: Case) -> None:
    case.server.misbehaviour = once(lambda exchange: exchange.send(b"<html>Bad gateway</html>"), at=3)
    assert case.pull().outcome == "complete"
    assert len(case.server.asked) == 5
    assert case.numbers() == ALL


def test_pages_without_end_are_cut_off(case: Case) -> None:
    case.configure(pages_max=20)
    endless = iter(range(1_000_000))
    case.server.misbehaviour = always(
        lambda exchange: exchange.send_json(exchange.page(items=[], next=str(1000 + next(endless))))
    )
    entry = case.pull()
    assert (entry.outcome, entry.pages, entry.reason) == ("partial", 20, "more than 20 pages")


def test_a_body_that_drips_is_cut_off(case: Case) -> None:
    case.configure({"attempts": 1}, timeout_s=0.1)

    def drip(exchange: Exchange) -> None:
        exchange.send_response(200)
        exchange.send_header("Content-Length", "1000000")
        exchange.end_headers()
        for _ in range(400):
            exchange.wfile.write(b" ")
            time.sleep(0.05)

    case.server.misbehaviour = always(drip)
    began = time.monotonic()
    assert case.pull().reason == "the answer took too long"
    assert time.monotonic() - began < 5


def test_a_head_that_drips_is_cut_off(case: Case) -> None:
    case.configure({"attempts": 1}, timeout_s=0.1)

    def drip(exchange: Exchange) -> None:
        exchange.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(400):
            exchange.wfile.write(b"x")
            time.sleep(0.05)

    case.server.misbehaviour = always(drip)
    began = time.monotonic()
    entry = case.pull()
    assert (entry.failed_at, entry.reason) == ("agency", "no answer in time")
    assert time.monotonic() - began < 5


def test_silence_is_a_failure_in_time(case: Case) -> None:
    case.configure({"attempts": 1}, timeout_s=0.1)
    case.server.misbehaviour = always(lambda _: time.sleep(1))
    assert case.pull().reason == "no answer in time"


@pytest.mark.parametrize("pack", [True, False])
def test_a_bomb_does_not_go_off(case: Case, pack: bool) -> None:
    case.configure(page_bytes_max=100_000)
    case.server.misbehaviour = always(lambda exchange: exchange.send(b" " * 2_000_000, pack=pack))
    assert case.pull().reason == "an answer of more than 100000 bytes"


def test_a_body_that_breaks_off_is_tried_again(case: Case) -> None:
    def break_off(exchange: Exchange) -> None:
        exchange.send_response(200)
        exchange.send_header("Content-Length", "1000")
        exchange.end_headers()
        exchange.wfile.write(b"{")
        exchange.close_connection = True

    case.server.misbehaviour = once(break_off, at=2)
    assert case.pull().outcome == "complete"
    assert case.numbers() == ALL


def test_nobody_there_is_the_agencys_failure(case: Case) -> None:
    case.server.shutdown()
    case.server.server_close()
    entry = case.pull()
    assert (entry.failed_at, entry.reason) == ("agency", "the connection failed")


def test_the_running_day_is_provisional_and_never_in_the_log(case: Case, tmp_path: Path) -> None:
    noon = PullOptions(now=lambda: datetime(2021, 2, 4, 5, tzinfo=UTC))
    case.server.misbehaviour = always(
        lambda exchange: exchange.send_json(exchange.page(closed=False, generated_at="2021-02-04T12:00:00+07:00"))
    )
    (entry,) = pull(case.settings, case.registry, case.evidence, [DAY], options=noon).entries
    assert (entry.outcome, entry.rows) == ("provisional", 35)
    assert case.numbers() == []
    assert case.coverage()[0] == "missing"
    running = Log(tmp_path / "running")
    Conformer(case.settings, case.registry, case.evidence, running, provisional=True).conform([DAY])
    assert running.read("sends")["number"].tolist() == ALL
    case.server.misbehaviour = None
    assert case.pull().outcome == "complete"
    assert case.numbers() == ALL


def test_one_agencys_failure_stops_nobody(server: LogServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agencies = [
        agency_of("http://127.0.0.1:1", "H03.01", tables=("sends",)),
        agency_of(server.url, "H03.02", tables=("sends",), token="env:AUDIT_TEST_NO_TOKEN"),
        agency_of(server.url, AGENCY, tables=("sends",)),
        agency_of(server.url, "H03.03", tables=("sends",), token="file:/nowhere"),
    ]
    settings = settings_of(*agencies)
    report = pull(settings, Registry(settings), Evidence(tmp_path), [DAY])
    outcomes = [(entry.agency, entry.outcome, entry.failed_at) for entry in report.entries]
    assert outcomes == [
        ("H03.01", "partial", "agency"),
        ("H03.02", "partial", "ours"),
        ("H03", "complete", None),
        ("H03.03", "partial", "ours"),
    ]
    assert not report.is_complete


def test_a_damaged_day_is_ours_and_stops_no_other_day(case: Case) -> None:
    case.evidence.path(DAY).parent.mkdir(parents=True)
    case.evidence.path(DAY).write_bytes(b"this is no database" * 100)
    report = pull(case.settings, case.registry, case.evidence, [DAY, date(2021, 2, 3)])
    assert [(entry.day.day, entry.outcome, entry.failed_at) for entry in report.entries] == [
        (4, "partial", "ours"),
        (3, "complete", None),
    ]


def test_an_error_of_ours_is_told_as_ours(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a mistake in the program")

    monkeypatch.setattr("audit.sources.log_api.LogApi.read", fail)
    entry = case.pull()
    assert (entry.outcome, entry.failed_at) == ("partial", "ours")


def test_only_who_is_pulled_and_valid_is_asked(server: LogServer, tmp_path: Path) -> None:
    settings = settings_of(
        agency_of(server.url, "H03", valid_to="2021-02-03"),
        agency_of(server.url, "H03.01", valid_from="2021-02-05"),
        agency_of(server.url, "H03.02", pulled=False),
    )
    assert pull(settings, Registry(settings), Evidence(tmp_path), [DAY]).entries == ()
    assert server.asked == []


def test_the_token_goes_where_the_registry_says_and_nowhere_else(case: Case) -> None:
    case.configure(header="X-Api-Key")
    case.server.misbehaviour = always(lambda exchange: exchange.send_json(exchange.page()))
    case.pull()
    assert {headers.get("X-Api-Key") for headers in case.server.headers_seen} == {"t0ken-of-the-tests"}
    kept = b"".join(path.read_bytes() for path in case.evidence.root.iterdir())
    assert b"t0ken" not in kept


@pytest.mark.parametrize("token", ["a\r\nX-Injected: 1", "mã-bí-mật"])
def test_a_token_that_is_no_header_value_is_never_sent(
    case: Case, monkeypatch: pytest.MonkeyPatch, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AUDIT_TEST_TOKEN", token)
    assert case.pull().failed_at == "ours"
    assert case.server.asked == []
    assert "Injected" not in caplog.text
    assert "bí-mật" not in caplog.text


def test_the_environments_proxy_is_not_used(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert case.pull().outcome == "complete"


def test_our_proxys_failure_is_ours(case: Case) -> None:
    case.configure(proxy="http://127.0.0.1:1")
    entry = case.pull()
    assert (entry.failed_at, entry.reason) == ("ours", "our proxy failed")


def test_a_bundle_that_is_not_there_is_ours(case: Case) -> None:
    case.agency = agency_of("https://127.0.0.1:1", tables=("sends",), ca_file="/nowhere.pem")
    case.settings = settings_of(case.agency)
    case.registry = Registry(case.settings)
    assert case.pull().failed_at == "ours"


def test_waiting_ends_with_the_agencys_time(case: Case) -> None:
    case.configure({"attempts": 20, "wait_first_s": 30.0, "wait_most_s": 3000.0, "agency_minutes_max": 1})
    case.server.misbehaviour = always(lambda exchange: exchange.send(b"", {"Retry-After": "3600"}, 503))
    began = time.monotonic()
    assert case.pull().reason == "out of service"
    assert time.monotonic() - began < 5
