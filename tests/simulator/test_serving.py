"""The servers, asked over real sockets, as the contract says they answer."""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest

from audit.settings import load_settings
from audit.simulator import TABLES, Province, Served, SimulationOptions, serve, simulate

DAY = "2021-02-04"


@pytest.fixture(scope="module")
def served(small: Province) -> Iterator[Served]:
    with serve(small, page_rows=7) as running:
        yield running


def get(served: Served, agency: str, target: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    with closing(http.client.HTTPConnection(urlsplit(served.base_urls[agency]).netloc, timeout=10)) as connection:
        connection.request("GET", target, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


def ask(served: Served, agency: str, target: str) -> tuple[int, dict[str, Any]]:
    status, _, body = get(served, agency, target, Authorization=f"Bearer {served.tokens[agency]}")
    return status, json.loads(body)


def pull(served: Served, agency: str, table: str, day: str) -> list[dict[str, Any]]:
    """All pages of a table and day."""
    pages, cursor = [], ""
    while True:
        status, page = ask(served, agency, f"/v1/log/{table}?day={day}" + (f"&cursor={cursor}" if cursor else ""))
        assert status == 200
        pages.append(page)
        if page["next"] is None:
            return pages
        cursor = page["next"]


@pytest.mark.parametrize("table", TABLES)
def test_pages_bring_all_rows_once_and_tell_one_total(served: Served, small: Province, table: str) -> None:
    pages = pull(served, "H03", table, DAY)
    assert [row for page in pages for row in page["items"]] == small.rows("H03", date.fromisoformat(DAY), table)
    assert {page["total"] for page in pages} == {sum(len(page["items"]) for page in pages)}
    assert all(len(page["items"]) <= 7 for page in pages)
    assert {(page["agency"], page["day"], page["table"]) for page in pages} == {("H03", DAY, table)}
    assert all(page["generated_at"] >= "2021-02-05T00:00:00+07:00" for page in pages)


def test_a_day_without_rows_is_one_empty_page(served: Served) -> None:
    [page] = pull(served, "H03.03", "documents", "2021-01-10")
    assert (page["total"], page["items"], page["next"]) == (0, [], None)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/v1/log/sends?day=2021-02-08", 409),
        ("/v1/log/sends?day=2030-01-01", 409),
        ("/v1/log/sends?day=2020-01-01", 404),
        ("/v1/log/letters?day=2021-02-04", 404),
        ("/v1/files/" + 64 * "0", 404),
        ("/v1/log/sends?day=yesterday", 400),
        ("/v1/log/sends?day=2021-02-04&cursor=1", 400),
        ("/v1/log/sends", 400),
    ],
)
def test_what_is_not_there_is_refused(served: Served, target: str, status: int) -> None:
    assert ask(served, "H03", target)[0] == status


@pytest.mark.parametrize("credentials", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic abc"}])
def test_without_the_token_there_is_no_log(served: Served, credentials: dict[str, str]) -> None:
    status, headers, _ = get(served, "H03", f"/v1/log/sends?day={DAY}", **credentials)
    assert (status, headers["WWW-Authenticate"]) == (401, 'Bearer realm="log"')


def test_another_agencys_token_does_not_open_the_log(served: Served) -> None:
    status, _, _ = get(served, "H03", f"/v1/log/sends?day={DAY}", Authorization=f"Bearer {served.tokens['H03.01']}")
    assert status == 401


def test_health_needs_no_token(served: Served) -> None:
    status, _, body = get(served, "H03", "/v1/health")
    assert (status, json.loads(body)["status"]) == (200, "ok")


def test_pages_are_compressed_for_those_who_can_read_it(served: Served) -> None:
    token = {"Authorization": f"Bearer {served.tokens['H03']}"}
    target = f"/v1/log/statuses?day={DAY}"
    _, plain_head, plain = get(served, "H03", target, **token)
    _, packed_head, packed = get(served, "H03", target, **token, **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain_head
    assert packed_head["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain)


def test_a_connection_serves_many_requests(served: Served) -> None:
    with closing(http.client.HTTPConnection(urlsplit(served.base_urls["H03"]).netloc, timeout=10)) as connection:
        for _ in range(3):
            connection.request("GET", "/v1/health")
            assert connection.getresponse().read()
        connection.request("POST", "/v1/health", body=b"")
        assert connection.getresponse().status == 405


def test_the_service_that_is_down_is_down_for_its_day_only(served: Served, small: Province) -> None:
    [down] = [failure for failure in small.failures if failure.kind == "down"]
    assert {ask(served, down.agency, f"/v1/log/{table}?day={down.day}")[0] for table in TABLES} == {503}
    assert ask(served, down.agency, "/v1/log/sends?day=2021-02-01")[0] == 200


def test_the_service_in_circles_repeats_its_cursor(served: Served, small: Province) -> None:
    [loop] = [failure for failure in small.failures if failure.kind == "loop"]
    target = f"/v1/log/{loop.tables[0]}?day={loop.day}"
    _, first = ask(served, loop.agency, target)
    _, second = ask(served, loop.agency, f"{target}&cursor={first['next']}")
    _, third = ask(served, loop.agency, f"{target}&cursor={second['next']}")
    assert first["next"] == second["next"] == third["next"]
    assert second == third
    assert len(first["items"]) + len(second["items"]) == first["total"]


def test_the_running_day_is_open(running: Province) -> None:
    with serve(running) as served:
        status, page = ask(served, "H03", f"/v1/log/sends?day={running.options.end}")
        assert (status, page["closed"], page["generated_at"]) == (200, False, "2021-02-08T11:00:00+07:00")
        assert page["total"] == len(page["items"]) > 0
        assert ask(served, "H03", "/v1/log/sends?day=2021-02-09")[0] == 409


def test_the_configuration_is_one_that_the_audit_takes(served: Served, small: Province) -> None:
    settings = load_settings(served.config)
    assert [agency.code for agency in settings.agencies] == list(small.offices)
    assert [agency.register_whole for agency in settings.agencies] == [
        agency.register_whole for agency in small.agencies
    ]
    for agency in settings.agencies:
        if agency.code in small.unpulled:
            assert not agency.is_pulled
        else:
            assert agency.source is not None
            assert agency.source.token is not None
            assert agency.source.base_url == served.base_urls[agency.code]
            assert agency.source.token.resolve().reveal() == served.tokens[agency.code]
    assert {signer.agency for signer in settings.signers} == {entry["agency"] for entry in small.signers}
    assert served.probes is not None
    assert len(served.probes.read_text(encoding="utf-8").splitlines()) == len(small.probes)


def test_a_hundred_and_fifty_agencies_are_served_at_once() -> None:
    options = SimulationOptions(
        agencies=150, documents_per_day=40, lead_in_days=0, history_weeks=0, probe_minutes=0, plant=False
    )
    with serve(simulate(options)) as served:
        assert len({urlsplit(url).port for url in served.base_urls.values()}) == 149
        for agency in served.base_urls:
            assert ask(served, agency, f"/v1/log/sends?day={DAY}")[0] in (200, 503)


def test_pages_longer_than_the_contract_allows_are_refused(small: Province) -> None:
    with pytest.raises(ValueError, match="1001"), serve(small, page_rows=1001):
        pytest.fail("served")
