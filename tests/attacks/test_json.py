"""JSON of strangers: answers that are small by their bytes and huge by their rows, files, or lists within lists.

More of the same: tests/sources/test_pull.py and tests/sources/test_axis_sources.py (how such an answer is told),
tests/test_rebuild.py (how much is made at once).
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import TransientSourceError
from audit.http import HttpClient
from audit.json_values import VALUES_MAX, TooManyValuesError, values_most
from audit.records import decode, split
from audit.settings.deployment import Pull
from audit.source import Access, RawPage, Request
from audit.sources import source_class
from audit.sources.log_api import PAGE_ROWS_READ, LogApi
from tests.sources.server import TOKEN, agency_of

MIB = 1024 * 1024
NOTHING = b"[" + b"0," * VALUES_MAX + b"0]"
FILES = b'[{"files":[' + b"{}," * (VALUES_MAX // 2) + b"{}]}]"
RECIPIENTS = b'[{"recipients":[' + b'"a",' * VALUES_MAX + b'"a"]}]'
NESTED = b'[{"x":' + b"[[],[]]," * (VALUES_MAX // 4) + b"0}]"


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIT_TEST_TOKEN", TOKEN)


def peak_of(work: Callable[[], object]) -> int:
    """Most bytes that were held while something was done."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def read(items: bytes) -> int:
    """The rows that are read of a page."""
    agency = agency_of("http://localhost")
    assert agency.source is not None
    source = LogApi(Access(agency, HttpClient(agency.code, agency.source, Pull()), str))
    around = b'{"table":"documents","day":"2021-02-04","agency":"H03","generated_at":"2021-02-05T00:10:00Z","total":9,"items":'
    page = RawPage(Request("H03", "documents", date(2021, 2, 4)), "", 200, datetime.now(UTC), around + items + b"}")
    return source.read(page).rows


def test_the_danger_values_grow_twentyfold() -> None:
    rows = b"[" + b"0," * 100_000 + b"0]"
    assert peak_of(lambda: split(rows)) > 20 * len(rows)
    files = b'[{"files":[' + b"{}," * 100_000 + b"{}]}]"
    assert peak_of(lambda: decode("documents", files)) > 20 * len(files)


@pytest.mark.parametrize("items", [NOTHING, FILES, RECIPIENTS, NESTED], ids=["rows", "files", "recipients", "nested"])
def test_a_page_of_too_many_values_is_refused_before_it_is_split(items: bytes) -> None:
    def refused() -> None:
        with pytest.raises(TransientSourceError, match="more than 1000000 values"):
            read(items)

    assert peak_of(refused) < 2 * len(items) + MIB


def test_a_page_has_ten_times_the_contracts_rows_at_most() -> None:
    page = b"[" + b"{}," * (PAGE_ROWS_READ - 1) + b"{}]"
    assert read(page) == PAGE_ROWS_READ
    with pytest.raises(TransientSourceError, match="more than 10000 rows"):
        read(page.replace(b"[", b"[{},"))


@pytest.mark.parametrize("kind", ["vxp", "lgsp"])
@pytest.mark.parametrize("part", ["entries", "edoc"])
def test_an_answer_of_the_axis_is_refused_before_it_is_decoded(kind: str, part: str) -> None:
    answer = b'{"status":"OK","success":true,"data":' + NOTHING + b"}"

    def refused() -> None:
        with pytest.raises(TooManyValuesError):
            getattr(source_class(kind).dialect, part)(answer)  # type: ignore[attr-defined]

    assert peak_of(refused) < MIB


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=4),
    max_leaves=30,
)


def values_of(value: object) -> int:
    """How many values there are, the whole and all in it."""
    within = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(values_of, within))


@settings(max_examples=50)
@given(JSON)
def test_no_value_is_left_uncounted(value: object) -> None:
    assert values_most(json.dumps(value).encode()) >= values_of(value)
