"""Archives and packed answers of strangers: bombs, archives in archives, names that lead elsewhere.

More of the same: tests/test_keeping.py (backups), tests/sources/test_pull.py (answers that never end),
tests/sources/test_edxml_files.py and tests/test_edxml.py (messages and their files).
"""

from __future__ import annotations

import gzip
import io
import sqlite3
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
import requests
import zstandard

from audit.archive import BadArchiveError, Entry, pack, unpack
from audit.errors import DataError, SourceError
from audit.evidence import Evidence
from audit.http import HttpClient
from audit.settings.deployment import Pull
from audit.sources.edxml import messages_of
from tests.sources.server import serving, source_of

MIB = 1024 * 1024


def zipped(entries: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in entries.items():
            archive.writestr(name, body)
    return made.getvalue()


def peak_of(work: Callable[[], object]) -> int:
    """Most bytes that were held while something was done."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_danger_bombs_grow_a_thousandfold() -> None:
    bomb = zipped({"a": bytes(32 * MIB)})
    assert len(bomb) < 40_000
    assert peak_of(lambda: zipfile.ZipFile(io.BytesIO(bomb)).read("a")) > 32 * MIB
    assert peak_of(lambda: gzip.decompress(gzip.compress(bytes(32 * MIB)))) > 32 * MIB


def test_an_archive_grows_as_far_as_allowed() -> None:
    bomb = zipped({"a": bytes(32 * MIB), "b": b"good"})
    found: list[Entry] = []
    assert peak_of(lambda: found.extend(unpack(bomb, MIB))) < 8 * MIB
    assert [entry.body for entry in found] == [None, b"good"]


def test_what_an_archive_says_of_itself_counts_for_nothing() -> None:
    lying = bytearray(zipped({"a": bytes(8 * MIB)}))
    size = (8 * MIB).to_bytes(4, "little")
    assert lying.count(size) == 2
    lying = bytearray(bytes(lying).replace(size, (10).to_bytes(4, "little")))
    assert peak_of(lambda: unpack(bytes(lying), MIB)) < 8 * MIB


def test_archives_in_archives_share_one_allowance() -> None:
    """Five levels of sixteen files each would be a million files of a mebibyte."""
    body = zipped({"x": bytes(MIB)})
    for _ in range(5):
        body = zipped({str(number): body for number in range(16)})
    assert peak_of(lambda: messages_of(body, bytes_max=8 * MIB)) < 48 * MIB
    many = pack((str(number), b"") for number in range(2_000))
    with pytest.raises(BadArchiveError):
        unpack(many, MIB, entries_max=1_000)


def test_the_danger_a_library_unpacks_a_whole_answer() -> None:
    with serving({}) as server:
        packed = gzip.compress(bytes(32 * MIB))
        server.misbehaviour = lambda exchange: not exchange.send(packed, {"Content-Encoding": "gzip"})
        assert len(requests.get(server.url, timeout=30).content) == 32 * MIB


def test_an_answer_grows_as_far_as_allowed() -> None:
    with serving({}) as server:
        packed = gzip.compress(bytes(64 * MIB))
        server.misbehaviour = lambda exchange: not exchange.send(packed, {"Content-Encoding": "gzip"})
        source = source_of(server.url, page_bytes_max=MIB, timeout_s=10.0)

        def ask() -> None:
            with HttpClient("H03", source, Pull(attempts=1)) as http, pytest.raises(SourceError, match="more than"):
                http.ask(server.url)

        assert peak_of(ask) < 8 * MIB


def test_the_danger_an_archive_writes_where_it_likes(tmp_path: Path) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        entry = tarfile.TarInfo("../escaped")
        entry.size = 1
        archive.addfile(entry, io.BytesIO(b"x"))
    (tmp_path / "inner").mkdir()
    made.seek(0)
    with tarfile.open(fileobj=made) as archive:
        archive.extractall(tmp_path / "inner", filter="fully_trusted")
    assert (tmp_path / "escaped").exists()


@pytest.mark.parametrize(
    "name", ["../../escaped.xml", "/escaped.xml", "..\\escaped.xml", "a/../../escaped.xml", "C:\\x"]
)
def test_names_in_archives_are_names_and_no_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    (entry,) = messages_of(zipped({name: b"<x/>"}))
    assert entry.body == b"<x/>"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_page_of_the_evidence_is_no_bomb(tmp_path: Path) -> None:
    """Who can change an evidence file, or hands in a backup, must not take the memory of whoever proves it."""
    evidence = Evidence(tmp_path).day(date(2021, 2, 4))
    sha256 = evidence.keep(b"page")
    bomb = zstandard.ZstdCompressor().compress(bytes(64 * MIB))
    assert peak_of(lambda: zstandard.ZstdDecompressor().decompress(bomb, max_output_size=4)) > 64 * MIB, "the danger"
    with closing(sqlite3.connect(evidence.path)) as database:
        database.execute("UPDATE bodies SET packed = ?", (bomb,))
        database.commit()

    def prove() -> None:
        with pytest.raises(DataError, match="damaged"):
            evidence.body(sha256)

    assert peak_of(prove) < 8 * MIB
