"""A log in shards: a shard's rows are those of the log, and a status is with the document of which it speaks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from audit.conform import Origin, PageItems, conform
from audit.facts.rows import Moment
from audit.log import Log
from audit.log_table import DayInGroups, GroupedRows, read_day
from audit.normalise import Normaliser
from audit.registry import Registry
from audit.settings import load_settings
from audit.shards import ShardedLog

REGISTRY = Registry(load_settings())
DAYS = [date(2021, 2, 3), date(2021, 2, 4), date(2021, 2, 5)]
GROUPS = ([2, 0, 2, 1, 0], [], [1, 1, 0])
"""Of the rows of each day, in which group they are; on the second day there are none."""
LATER = Moment(day=10**6, at=10**18)
NEITHER, BOTH = [], ["H03.01", "H03.02"]


def key(number: int, sender: str) -> dict[str, object]:
    return {"sender": sender, "number": number, "notation": "QĐ-SYT", "issued_date": "2021-02-03"}


def write(log: Log, day: date, agency: str, **tables: Sequence[dict[str, object]]) -> None:
    for table, rows in tables.items():
        page = PageItems(f"{day} {agency} {table}".encode().hex().ljust(64, "0")[:64], 1, json.dumps(rows).encode())
        log.replace(day, agency, conform(table, [page], Origin(agency, day), REGISTRY, Normaliser(())).tables)


def send(number: int, sender: str = "H03.01") -> dict[str, object]:
    return {**key(number, sender), "recipient": "H03.12", "sent_at": "2021-02-03T15:41:02", "business_type": 0}


@pytest.fixture
def sends(tmp_path: Path) -> Log:
    log, number = Log(tmp_path), 0
    for day, groups in zip(DAYS, GROUPS, strict=True):
        write(log, day, "H03.01", sends=[send(number + place) for place in range(len(groups))])
        number += len(groups)
    return log


def grouped(log: Log, groups: Sequence[Sequence[int]] = GROUPS) -> GroupedRows:
    parts = [
        DayInGroups.of(read_day(log, "sends", day), np.array(of, dtype=np.uint8), 3)
        for day, of in zip(DAYS, groups, strict=True)
    ]
    return GroupedRows(log, "sends", DAYS, parts)


@pytest.mark.parametrize("column", ["line", "reference", "number", "page"])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_group_has_its_rows_of_the_log(sends: Log, number: int, column: str) -> None:
    """`line` and `reference` are at hand, `number` is read later, `page` is made of few texts."""
    mine = np.flatnonzero(np.concatenate([np.array(of, dtype=int) for of in GROUPS]) == number)
    wanted = sends.read("sends")[column].iloc[mine].astype(object).tolist()
    rows = grouped(sends).group(number)
    assert rows[column].astype(object).tolist() == wanted
    backwards = np.arange(len(rows))[::-1]
    assert rows.some([column], backwards)[column].astype(object).tolist() == wanted[::-1]


def test_all_groups_are_the_whole_log(sends: Log) -> None:
    rows = grouped(sends).whole()
    assert sorted(rows["reference"]) == sorted(sends.read("sends")["reference"])
    pd.testing.assert_series_equal(
        rows["number"].map(sends.read("sends").set_index("number")["reference"]), rows["reference"], check_names=False
    )


def test_rows_that_move_are_as_if_they_had_always_been_there(sends: Log) -> None:
    first = DayInGroups.of(read_day(sends, "sends", DAYS[0]), np.array(GROUPS[0], dtype=np.uint8), 3)
    moved = first.with_moved(np.array([0, 3]), np.array([1, 2], dtype=np.uint8))
    same = DayInGroups.of(read_day(sends, "sends", DAYS[0]), np.array([1, 0, 2, 2, 0], dtype=np.uint8), 3)
    assert moved.rows.equals(same.rows)
    assert moved.order.tolist() == same.order.tolist()
    assert moved.bounds.tolist() == same.bounds.tolist()


@pytest.mark.parametrize(
    ("case", "senders", "code", "owner"),
    [
        ("nobody has the key", NEITHER, "03", "H03.02"),
        ("the addressee has it", ["H03.02"], "03", "H03.02"),
        ("the issuer alone has it", ["H03.01"], "03", "H03.01"),
        ("both have it", BOTH, "03", "H03.02"),
        ("a request of who has it", ["H03.01"], "13", "H03.01"),
        ("a request, and the addressee alone has it", ["H03.02"], "13", "H03.02"),
        ("a request, and both have it", BOTH, "13", "H03.01"),
    ],
)
def test_a_status_is_in_the_shard_of_its_document(
    tmp_path: Path, case: str, senders: list[str], code: str, owner: str
) -> None:
    """rules.md section 1, "Document key": it speaks of `to_org`'s document (13: of `from_org`'s), unless only the other
    side has the key."""
    log = Log(tmp_path)
    # so that each of the two has a shard to itself
    others = [{**key(number, sender), "recipients": ["H03.12"]} for number, sender in ((90, "H03.01"), (91, "H03.02"))]
    write(log, DAYS[0], "H03.01", documents=others[:1], sends=[send(5, sender) for sender in senders])
    write(log, DAYS[0], "H03.02", documents=others[1:])
    status = {**key(5, ""), "from_org": "H03.01", "to_org": "H03.02", "status_code": code, "at": "2021-02-03T16:00:00"}
    del status["sender"]
    write(log, DAYS[1], "H03.02", statuses=[status])
    sharded = ShardedLog(log, DAYS, 2, REGISTRY, LATER)
    found = {
        str(tables["documents"]["sender"].iloc[0]): len(tables["statuses"]) for tables in map(sharded.tables, (0, 1))
    }
    assert found == {"H03.01": int(owner == "H03.01"), "H03.02": int(owner == "H03.02")}, case
