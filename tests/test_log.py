"""The log on disk: what is written is read, a day is replaced as a whole, and the bytes depend on the rows alone."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from audit.conform import Origin, PageItems, conform
from audit.errors import DataError
from audit.log import Log
from audit.normalise import Normaliser
from audit.registry import Registry
from audit.settings import load_settings
from audit.tables import LOG_TABLES, SCHEMAS, empty

REGISTRY = Registry(load_settings())
DAY, NEXT = date(2021, 2, 4), date(2021, 2, 5)


def sends(agency: str, *numbers: int, day: date = DAY) -> dict[str, pa.Table]:
    """The sends of one agency's log, one a number."""
    key = {"sender": agency, "notation": "QĐ-UBND", "issued_date": "2021-02-04"}
    key |= {"recipient": "H03.12", "sent_at": "2021-02-04T15:41:02"}
    items = json.dumps([{**key, "number": number} for number in numbers]).encode()
    result = conform("sends", [PageItems("a" * 64, 1, items)], Origin(agency, day), REGISTRY, Normaliser(()))
    return {"sends": result.tables["sends"]}


def write(log: Log, day: date, *agencies: dict[str, pa.Table]) -> None:
    with log.writing(day, ["sends"]) as writer:
        for tables in agencies:
            writer.add(tables)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    log = Log(tmp_path)
    write(log, DAY, sends("H03", 1, 2), sends("H03.01", 3))
    write(log, NEXT, sends("H03.02", 4, day=NEXT))
    assert log.days() == [DAY, NEXT]
    assert log.read("sends")["number"].tolist() == ["1", "2", "3", "4"]
    assert log.read("sends", days=[NEXT, DAY])["number"].tolist() == ["1", "2", "3", "4"]
    assert log.read("sends", days=[DAY], agency="H03.01")["number"].tolist() == ["3"]
    some = log.read("sends", columns=["recipient", "agency"])
    assert list(some.columns) == ["recipient", "agency"]
    assert some["agency"].tolist() == ["H03", "H03", "H03.01", "H03.02"]


@pytest.mark.parametrize("table", [*LOG_TABLES, "rejects"])
def test_without_files_frames_have_the_declared_types(tmp_path: Path, table: str) -> None:
    frame = Log(tmp_path / "absent").read(table)
    pd.testing.assert_frame_equal(frame, empty(table))
    assert list(frame.columns) == SCHEMAS[table].names


def test_one_agency_is_replaced_and_others_stay(tmp_path: Path) -> None:
    log = Log(tmp_path)
    write(log, DAY, sends("H03", 1), sends("H03.01", 2), sends("H03.02", 3))
    log.replace(DAY, "H03.01", sends("H03.01", 7, 8))
    assert log.read("sends")["number"].tolist() == ["1", "7", "8", "3"]
    log.replace(DAY, "H03.01", sends("H03.01"))
    assert log.read("sends")["number"].tolist() == ["1", "3"]


def test_a_failed_writing_leaves_the_old_day_and_nothing_else(tmp_path: Path) -> None:
    log = Log(tmp_path)
    write(log, DAY, sends("H03", 1))

    def fail() -> None:
        with log.writing(DAY, ["sends"]) as writer:
            writer.add(sends("H03", 2))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert log.read("sends")["number"].tolist() == ["1"]
    assert [path.name for path in (tmp_path / "sends").iterdir()] == ["2021-02-04.parquet"]


def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    logs = Log(tmp_path / "a"), Log(tmp_path / "b")
    write(logs[0], DAY, sends("H03", 1, 2), sends("H03.01", 3))
    write(logs[1], DAY, sends("H03", 9))
    write(logs[1], DAY, sends("H03", 1, 2), sends("H03.01", 3))
    first, second = (log.path("sends", DAY).read_bytes() for log in logs)
    assert first == second


def test_every_column_but_those_of_ids_is_a_dictionary(tmp_path: Path) -> None:
    log = Log(tmp_path)
    items = b'[{"sender": "H03", "number": 1, "notation": "Q", "issued_date": "2021-02-04", "recipients": ["H03.12"]}]'
    made = conform("documents", [PageItems("a" * 64, 1, items)], Origin("H03", DAY), REGISTRY, Normaliser(()))
    with log.writing(DAY, ["documents", "sends"]) as writer:
        writer.add({"documents": made.tables["documents"]} | sends("H03", 1))
    columns = [
        group.column(place)
        for table in ("documents", "sends")
        for group in [pq.read_metadata(log.path(table, DAY)).row_group(0)]
        for place in range(group.num_columns)
        if group.column(place).physical_type != "BOOLEAN"
    ]
    plain = {column.path_in_schema for column in columns if not column.has_dictionary_page}
    assert plain == {"axis_doc_id", "axis_key"}
    assert "recipients.list.element" in {column.path_in_schema for column in columns}


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    log = Log(tmp_path)
    write(log, DAY, sends("H03", 1))
    path = log.path("sends", DAY)
    pq.write_table(pq.read_table(path).drop_columns(["reference"]), path)
    with pytest.raises(DataError, match="run rebuild"):
        log.read("sends")


def test_a_table_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        Log(tmp_path).path("../sends", DAY)
