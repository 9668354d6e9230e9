"""Inputs that nobody sends on purpose: no source may crash on them, and every row that it counts is accounted for.

A short run in the tests; `make fuzz` runs it long (``AUDIT_FUZZ_EXAMPLES``, a hundred thousand inputs a source).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.archive import pack
from audit.conform import Origin, PageItems, conform
from audit.normalise import Normaliser
from audit.records import split
from audit.registry import Registry
from audit.settings import Agency
from audit.source import Request
from audit.sources import source_class
from tests.sources.gateway import SECRET
from tests.sources.messages import PDF, attachment, document, status
from tests.sources.server import settings_of
from tests.sources.test_axis_sources import gateway
from tests.sources.test_register_file import FORMS

EXAMPLES = int(os.environ.get("AUDIT_FUZZ_EXAMPLES", "40"))
DAY = date(2021, 2, 4)
TABLES = ("documents", "sends", "receipts", "statuses")
LOG_PAGE = json.dumps(
    {
        "table": "sends",
        "day": "2021-02-04",
        "agency": "H03",
        "generated_at": "2021-02-05T00:10:00+07:00",
        "total": 1,
        "items": [
            {"sender": "H03", "number": "1", "notation": "A", "issued_date": "2021-02-04", "recipient": "H03.12"}
        ],
        "next": None,
    }
).encode()


def agency(kind: str) -> Agency:
    source = {
        "kind": kind,
        "base_url": "http://127.0.0.1:9",
        "token": "env:T",
        "system_id": "s",
        "secret": "env:S",
        "path": "/in/{day}",
    }
    return Agency.model_validate({"code": "H03", "name": "UBND", "kind": "other", "source": source})


def axis_page(kind: str) -> bytes:
    """A good page of an axis source: the list, and the messages of its entries."""
    known = gateway(2)
    entries = known.lists["received", "edoc"]
    answer = {"status": "OK", "ErrorCode": "0", "success": True, "data": entries}
    message = known.messages["r1"]
    edoc = message if kind == "vxp" else json.dumps({"success": True, "data": {"edxml": message.decode()}}).encode()
    return pack([("list.json", json.dumps(answer).encode()), ("0.edoc", edoc), ("1.edoc", edoc)])


SEEDS: dict[str, list[bytes]] = {
    "log_api": [LOG_PAGE],
    "edxml": [
        pack(
            [
                ("1.xml", document(files=[attachment("a.pdf", PDF)])),
                ("2.xml", status()),
                ("3.zip", pack([("x.xml", status())])),
            ]
        )
    ],
    "register_file": [*FORMS.values()],
    "vxp": [axis_page("vxp")],
    "lgsp": [axis_page("lgsp")],
}


@st.composite
def damaged(draw: Callable[..., object], seeds: list[bytes]) -> bytes:
    """A good page in which something was cut, changed, doubled or put in; now and then no page at all."""
    body: bytes = draw(st.sampled_from(seeds))  # type: ignore[assignment]
    for _ in range(draw(st.integers(0, 4))):  # type: ignore[arg-type, call-overload]
        start = draw(st.integers(0, len(body)))
        length = draw(st.integers(0, 40))
        junk = draw(
            st.binary(max_size=12)
            | st.sampled_from(
                [
                    b"<",
                    b"]]>",
                    b"&x;",
                    b"\x00",
                    b'"',
                    b"{",
                    b"\xff\xfe",
                    b"PK\x03\x04",
                    b"2014/02/30",
                    b"99999999999999",
                ]
            )
        )
        body = body[:start] + junk + body[start + length :]  # type: ignore[operator]
    return body


@pytest.mark.parametrize("kind", SEEDS)
def test_no_input_crashes_a_source_and_every_row_is_accounted_for(kind: str) -> None:
    given_agency = agency(kind)
    registry, normaliser = Registry(settings_of(given_agency)), Normaliser(("N/A", "."))
    items = source_class(kind).items

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(body=damaged(SEEDS[kind]) | st.binary(max_size=200), table=st.sampled_from(TABLES))
    def check(body: bytes, table: str) -> None:
        if table not in given_agency.tables:
            return
        try:
            rows = items(given_agency, Request("H03", table, DAY), body)
        except ValueError:
            return  # no page of this kind: the pull refuses it, and keeps it
        counted = len(split(rows))
        made = conform(table, [PageItems("p", 1, rows)], Origin("H03", DAY), registry, normaliser)
        assert len(made.frame(table)) + made.rejects.num_rows == counted

    check()


def test_the_seeds_are_good_pages() -> None:
    for kind, seeds in SEEDS.items():
        given_agency = agency(kind)
        for body in seeds:
            found = [
                split(source_class(kind).items(given_agency, Request("H03", table, DAY), body))
                for table in given_agency.tables
            ]
            assert any(found), kind
    assert SECRET.encode() not in SEEDS["vxp"][0]
