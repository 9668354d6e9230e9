"""Archives of strangers: what is unpacked is counted, whether it is kept or not."""

from __future__ import annotations

import io
import zipfile

import pytest

from audit.archive import Allowance, TooManyFilesError, unpack
from audit.sources.edxml import messages_of

KIB = 1024


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return made.getvalue()


def with_bad_sums(archive: bytes) -> bytes:
    """The archive with a wrong CRC in each entry of its directory."""
    parts = archive.split(b"PK\x01\x02")
    return b"PK\x01\x02".join([parts[0]] + [part[:12] + bytes(4) + part[16:] for part in parts[1:]])


def test_bytes_that_became_no_body_count() -> None:
    bad = with_bad_sums(zipped({str(number): b"x" * 300 * KIB for number in range(10)}))
    allowance = Allowance(1000 * KIB)
    opened = []
    with pytest.MonkeyPatch.context() as patch:
        open_entry = zipfile.ZipFile.open
        patch.setattr(zipfile.ZipFile, "open", lambda self, info: opened.append(info) or open_entry(self, info))
        assert [entry.body for entry in unpack(bad, allowance)] == [None] * 10
    assert len(opened) == 3
    assert allowance.left < 300 * KIB


def test_one_that_says_itself_that_it_is_too_large_costs_the_others_nothing() -> None:
    allowance = Allowance(KIB)
    assert [entry.body for entry in unpack(zipped({"a": bytes(2 * KIB), "b": b"good"}), allowance)] == [None, b"good"]
    assert allowance.left == KIB - 4


def test_the_same_bytes_named_again_and_again_are_unpacked_once() -> None:
    archive = zipped({"a": b"x" * 100}, zipfile.ZIP_STORED)
    start, end = archive.index(b"PK\x01\x02"), archive.index(b"PK\x05\x06")
    directory = archive[start:end] * 50
    tail = bytearray(archive[end:])
    tail[8:12] = (50).to_bytes(2, "little") * 2
    tail[12:16] = len(directory).to_bytes(4, "little")
    found = unpack(archive[:start] + directory + bytes(tail), 1000 * KIB)
    # the archive is as large as thirty of them, most of it its directory
    assert 1 <= sum(entry.body is not None for entry in found) < len(found) == 50


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_cannot_be_unpacked_bit_by_bit_is_not(method: int) -> None:
    assert [entry.body for entry in unpack(zipped({"a": b"x"}, method), KIB)] == [None]


def test_archives_in_archives_lessen_one_allowance() -> None:
    inner = with_bad_sums(zipped({"a": b"x" * 300 * KIB}))
    allowance = Allowance(1000 * KIB)
    found = messages_of(zipped({str(number): inner for number in range(10)}), bytes_max=allowance)
    assert [entry.body for entry in found] == [None] * 10
    assert allowance.left < 300 * KIB


def test_more_files_than_allowed_are_told_from_what_is_no_archive() -> None:
    with pytest.raises(TooManyFilesError):
        unpack(zipped({"a": b"", "b": b""}), KIB, entries_max=1)
