"""Complete days asked for again: by ETag or change time where the system can, else by their rows; and how often."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from audit.evidence import Evidence
from audit.pipeline.gathering import days_asked_again, open_days
from audit.pipeline.workspace import Workspace
from audit.pull import PullEntry, PullOptions, pull
from audit.registry import Registry
from audit.settings import Settings
from audit.settings.deployment import Pull
from tests.sources.server import TOKEN, Exchange, LogServer, agency_of, sends, serving, settings_of

DAY = date(2021, 2, 4)
NOW = datetime(2021, 2, 10, tzinfo=UTC)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LogServer]:
    monkeypatch.setenv("AUDIT_TEST_TOKEN", TOKEN)
    rows = {("sends", DAY.isoformat()): sends(25)}
    with serving(rows) as served:
        yield served


def with_tags(exchange: Exchange) -> bool:
    """A system that tells what has not changed."""
    body = json.dumps(exchange.page()).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()}"'
    if exchange.headers.get("If-None-Match") == tag:
        exchange.send(b"", {"ETag": tag}, status=304)
    else:
        exchange.send(body, {"ETag": tag})
    return True


def with_times(exchange: Exchange) -> bool:
    """A system that tells when a page was last changed."""
    changed_at = f"Fri, 05 Feb 2021 00:10:{len(exchange.server.rows['sends', DAY.isoformat()]):02d} GMT"
    if exchange.headers.get("If-Modified-Since") == changed_at:
        exchange.send(b"", status=304)
    else:
        exchange.send(json.dumps(exchange.page()).encode(), {"Last-Modified": changed_at})
    return True


def with_another_time_each(exchange: Exchange) -> bool:
    """A system without either, which makes each answer anew."""
    number = len(exchange.server.asked)
    exchange.send_json(exchange.page(generated_at=f"2021-02-05T01:{number:02d}:00+07:00"))
    return True


def pulled(server: LogServer, folder: Path, *, again: bool = True) -> PullEntry:
    settings = settings_of(agency_of(server.url, tables=["sends"]))
    options = PullOptions(again=frozenset([DAY] if again else []), now=lambda: NOW)
    (entry,) = pull(settings, Registry(settings), Evidence(folder), [DAY], options=options).entries
    return entry


def rows_that_count(folder: Path) -> int:
    (counted,) = Evidence(folder).day(DAY).counted()
    return counted.rows


@pytest.mark.parametrize("behaviour", [with_tags, with_times, with_another_time_each, None])
def test_what_has_not_changed_leaves_no_trace_and_what_has_is_pulled_anew(
    server: LogServer, tmp_path: Path, behaviour: Callable[[Exchange], bool] | None
) -> None:
    server.misbehaviour = behaviour
    assert pulled(server, tmp_path).outcome == "complete"
    path, asked = Evidence(tmp_path).path(DAY), len(server.asked)
    before = path.read_bytes()
    entry = pulled(server, tmp_path)
    assert (entry.outcome, entry.was_changed, len(server.asked)) == ("kept", False, asked + 3)
    assert path.read_bytes() == before
    server.rows["sends", DAY.isoformat()].append(sends(26)[-1])  # type: ignore[index]
    entry = pulled(server, tmp_path)
    assert (entry.outcome, entry.was_changed, entry.rows) == ("complete", True, 26)
    assert rows_that_count(tmp_path) == 26
    # what was pulled first is still there
    assert len(Evidence(tmp_path).day(DAY).page_hashes()) == 2


def test_a_row_that_changed_in_a_later_page_is_noticed(server: LogServer, tmp_path: Path) -> None:
    server.misbehaviour = with_tags
    pulled(server, tmp_path)
    server.rows["sends", DAY.isoformat()][-1]["state"] = "fail"
    assert pulled(server, tmp_path).was_changed


def test_days_that_are_not_named_are_not_asked_again(server: LogServer, tmp_path: Path) -> None:
    pulled(server, tmp_path)
    asked = len(server.asked)
    assert pulled(server, tmp_path, again=False).outcome == "kept"
    assert len(server.asked) == asked


@pytest.mark.parametrize("status", [404, 500, 401])
def test_a_system_that_does_not_tell_now_takes_nothing_away(server: LogServer, tmp_path: Path, status: int) -> None:
    pulled(server, tmp_path)

    def refuse(exchange: Exchange) -> bool:
        exchange.send(b"", status=status)
        return True

    server.misbehaviour = refuse
    entry = pulled(server, tmp_path)
    assert (entry.outcome, entry.failed_at) == ("kept", None)
    assert rows_that_count(tmp_path) == 25


def test_an_anew_pull_that_breaks_off_leaves_the_complete_one(server: LogServer, tmp_path: Path) -> None:
    pulled(server, tmp_path)
    server.rows["sends", DAY.isoformat()].append(sends(26)[-1])  # type: ignore[index]

    def only_the_first_page(exchange: Exchange) -> bool:
        if "cursor" in exchange.parameters:
            exchange.send(b"", status=500)
            return True
        return False

    # the first page has not changed but for nothing; the later ones are refused: nothing is known, so all stands
    server.misbehaviour = only_the_first_page
    assert pulled(server, tmp_path).outcome == "kept"
    assert rows_that_count(tmp_path) == 25


def workspace_of(shipped: Settings, folder: Path, **policy: object) -> Workspace:
    audit = shipped.audit.model_copy(update={"pull": Pull.model_validate(policy)})
    return Workspace(shipped.model_copy(update={"audit": audit}), folder, folder)


def test_days_are_asked_again_at_falling_frequency_in_working_days(shipped: Settings, tmp_path: Path) -> None:
    workspace = workspace_of(shipped, tmp_path)
    nights = [date(2021, 2, 5) + timedelta(days=number) for number in range(28)]
    # Thursday 4 February; Tet is from the 10th to the 16th
    asked = [night for night in nights if DAY in days_asked_again(workspace, night)]
    assert asked == [date(2021, 2, 5), date(2021, 2, 9), date(2021, 2, 19), date(2021, 2, 25)]
    assert days_asked_again(workspace, date(2021, 2, 6)) == []
    assert days_asked_again(workspace_of(shipped, tmp_path, again_after=[]), date(2021, 2, 5)) == []


def test_a_day_stays_open_over_the_holidays(shipped: Settings, tmp_path: Path) -> None:
    workspace = workspace_of(shipped, tmp_path)
    assert len(open_days(workspace, date(2021, 2, 5))) == 15
    assert min(open_days(workspace, date(2021, 2, 25))) == date(2021, 2, 4)
    assert len(open_days(workspace_of(shipped, tmp_path, again_after=[]), date(2021, 2, 25))) == 14
