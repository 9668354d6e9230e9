"""Probes kept by day: atomic, without duplicates, shared by several writers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from audit import probe_log
from audit.errors import DataError, LockedError
from audit.probe_log import ProbeLog, probe_frame

AT = datetime(2021, 2, 4, 1, 0, tzinfo=UTC)


def row(at: datetime = AT, agency: str = "H03.02", **fields: Any) -> dict[str, Any]:
    return {"agency": agency, "at": at, "ok": True, "latency_ms": 12, "http_status": 200} | fields


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return probe_frame(list(rows))


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    told = frame(
        row(error="out of service", ok=False, http_status=None), row(AT + timedelta(minutes=5), certificate_ends_at=AT)
    )
    log = ProbeLog(tmp_path / "probes")
    log.add(told)
    pd.testing.assert_frame_equal(log.read(), told)


def test_nothing_yet(tmp_path: Path) -> None:
    log = ProbeLog(tmp_path / "probes")
    log.add(frame())
    pd.testing.assert_frame_equal(log.read(), frame())
    assert not (tmp_path / "probes").exists()


def test_days_are_local(tmp_path: Path) -> None:
    log = ProbeLog(tmp_path)
    log.add(frame(row(datetime(2021, 2, 4, 16, 59, 59, tzinfo=UTC)), row(datetime(2021, 2, 4, 17, tzinfo=UTC))))
    assert log.days() == [date(2021, 2, 4), date(2021, 2, 5)]
    assert list(log.read(before=date(2021, 2, 5))["at"]) == [pd.Timestamp("2021-02-04 16:59:59Z")]


def test_of_two_of_one_instant_the_later_told_stays(tmp_path: Path) -> None:
    log = ProbeLog(tmp_path)
    log.add(frame(row(ok=False), row(agency="H03.01")))
    log.add(frame(row(ok=True)))
    kept = log.read()
    assert list(zip(kept["agency"], kept["ok"], strict=True)) == [("H03.01", True), ("H03.02", True)]


def test_the_order_of_adding_makes_no_difference_to_the_bytes(tmp_path: Path) -> None:
    rows = [
        row(AT + timedelta(minutes=minute), agency=agency)
        for minute in range(0, 30, 5)
        for agency in ("H03.02", "H03.01")
    ]
    one, other = ProbeLog(tmp_path / "one"), ProbeLog(tmp_path / "other")
    one.add(frame(*rows))
    for each in reversed(rows):
        other.add(frame(each))
    day = date(2021, 2, 4)
    assert one.path(day).read_bytes() == other.path(day).read_bytes()


def test_writers_side_by_side_lose_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda minute: ProbeLog(tmp_path).add(frame(row(AT + timedelta(minutes=minute)))), range(12)))
    assert len(ProbeLog(tmp_path).read()) == 12


def test_a_writer_does_not_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_log, "LOCK_WAIT_S", 0.1)
    with FileLock(tmp_path / ".lock"), pytest.raises(LockedError):
        ProbeLog(tmp_path).add(frame(row()))


def test_a_failed_write_leaves_the_day_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = ProbeLog(tmp_path)
    log.add(frame(row()))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(OSError, match="No space"):
        log.add(frame(row(agency="H03.03")))
    assert list(log.read()["agency"]) == ["H03.02"]
    assert not list(tmp_path.glob(".*.new"))


def test_old_days_are_forgotten(tmp_path: Path) -> None:
    log = ProbeLog(tmp_path)
    log.add(frame(*(row(AT + timedelta(days=day)) for day in range(4))))
    assert log.forget(before=date(2021, 2, 6)) == 2
    assert log.days() == [date(2021, 2, 6), date(2021, 2, 7)]


@pytest.mark.parametrize("content", [b"", b"PAR1 no PAR1"])
def test_a_damaged_day(tmp_path: Path, content: bytes) -> None:
    log = ProbeLog(tmp_path)
    log.path(AT.date()).write_bytes(content)
    with pytest.raises(DataError, match="cannot be read"):
        log.read()


def test_a_day_of_another_version(tmp_path: Path) -> None:
    log = ProbeLog(tmp_path)
    pq.write_table(pa.table({"agency": ["H03.02"]}), log.path(AT.date()))
    with pytest.raises(DataError, match="another version"):
        log.read()
