"""Two logs of one agency become one: rows of the same thing are found, the more specific wins, contradictions count."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from audit.conform import Origin, PageItems, conform
from audit.facts.agencies import AgencyIndex
from audit.facts.matching import Candidates, same_things
from audit.facts.merging import Merged, merged
from audit.facts.versions import newest
from audit.log_table import LogTable
from audit.normalise import Normaliser
from audit.registry import Registry
from audit.settings import Agency
from audit.tables import PAGES_OF_A_SOURCE
from audit.working_time import MINUTE, NAT, day_number
from tests.sources.server import settings_of

OWN = {"kind": "log_api", "base_url": "http://127.0.0.1:9", "token": "env:T"}
AXIS = {"name": "truc", "kind": "vxp", "base_url": "http://127.0.0.1:9", "system_id": "s", "secret": "env:S"}
REGISTER = {"kind": "register_file", "path": "/in"}
DAY, NEXT = date(2021, 2, 4), date(2021, 2, 5)
KEY = {"sender": "H03", "number": "1", "notation": "QĐ-UBND", "issued_date": "2021-02-04"}
Rows = list[dict[str, Any]]


def agency(first: dict[str, Any] = OWN, *further: dict[str, Any]) -> Agency:
    told = {"code": "H03", "name": "x", "kind": "other", "source": first, "more_sources": list(further) or [AXIS]}
    return Agency.model_validate(told)


def merge(table: str, logs: list[tuple[date, int, Rows]], of: Agency | None = None) -> tuple[Merged, pd.DataFrame]:
    """Rows by day and source, merged; and the newest of them."""
    settings = settings_of(of or agency())
    registry, normaliser = Registry(settings), Normaliser(settings.policy.placeholders.values)
    frames = []
    for day, source, rows in logs:
        page = PageItems(f"{source}{day}", PAGES_OF_A_SOURCE * source + 1, json.dumps(rows).encode())
        made = conform(table, [page], Origin("H03", day), registry, normaliser)
        assert not made.rejects.num_rows
        frames.append(made.frame(table))
    frame = pd.concat(frames, ignore_index=True)
    for name, column in frames[0].items():
        frame[name] = frame[name].astype(column.dtype if column.dtype != "category" else "category")
    index = AgencyIndex(registry, [])
    done = merged(LogTable.of(table, frame), index, day_number(NEXT) + 1)
    whole = done.table.whole()
    keys = [np.asarray(pd.factorize(whole[name])[0], dtype=np.int64) for name in ("reference", *_KEYS[table])]
    kept = newest(LogTable.of(table, whole), keys, day_number(NEXT) + 1).rows
    return done, whole.iloc[kept].reset_index(drop=True)


_KEYS = {
    "documents": ("uid_key",),
    "sends": ("recipient", "axis_key", "attempt"),
    "receipts": ("axis_key",),
    "statuses": ("status_code", "at"),
}


def send(at: str, **more: object) -> dict[str, Any]:
    return {**KEY, "recipient": "H03.12", "sent_at": f"2021-02-04T{at}+07:00", **more}


def test_a_send_that_both_logs_know_is_one_with_what_each_tells() -> None:
    own = send("08:00:00", attempt=1, reason=None)
    axis = send("08:00:05", axis_doc_id="a-1", state="done", state_at="2021-02-04T08:01:00+07:00")
    done, rows = merge("sends", [(DAY, 0, [own]), (DAY, 1, [axis])])
    assert len(rows) == 1
    row = rows.iloc[0]
    assert (row["axis_doc_id"], row["attempt"], row["state"]) == ("a-1", 1, "done")
    assert row["sent_at"] == pd.Timestamp("2021-02-04T01:00:00Z")  # the plain log tells more of the table
    assert len(done.contradictions) == 0


def test_what_comes_a_day_later_from_the_other_log_does_not_wipe_out_what_is_known() -> None:
    own = {**KEY, "subject": "V/v thử", "secrecy": "thuong", "signed_at": "2021-02-04T07:00:00+07:00"}
    axis = {**KEY, "subject": "V/v thử", "signer_name": "Nguyễn Văn Thử", "recipients": ["H03.12"]}
    _, rows = merge("documents", [(DAY, 0, [own]), (NEXT, 1, [axis])])
    [row] = rows.to_dict("records")
    assert (row["secrecy"], row["signer_name"], list(row["recipients"])) == ("thuong", "Nguyễn Văn Thử", ["H03.12"])
    assert row["log_day"] == pd.Timestamp(NEXT)


def test_attempts_are_told_apart_by_their_time_where_one_log_knows_no_ids() -> None:
    own = [send("08:00:00", attempt=1, axis_doc_id="a"), send("09:00:00", attempt=2, axis_doc_id="b")]
    # without an id a log knows the last attempt alone
    _, rows = merge("sends", [(DAY, 0, own), (DAY, 1, [send("08:00:20"), send("09:00:20")])])
    assert sorted(rows["axis_doc_id"]) == ["a", "b"]
    _, rows = merge("sends", [(DAY, 0, own), (DAY, 1, [send("11:00:00")])])
    told = (
        rows.sort_values("sent_at")[["axis_doc_id", "attempt"]].astype(object).where(lambda frame: frame.notna(), None)
    )
    assert told.to_numpy().tolist() == [["a", 1], ["b", 2], [None, None]]


def test_two_ids_are_two_messages() -> None:
    own, other = send("08:00:00", axis_doc_id="a", attempt=1), send("08:00:01", axis_doc_id="b")
    _, rows = merge("sends", [(DAY, 0, [own]), (DAY, 1, [other])])
    assert sorted(rows["axis_doc_id"]) == ["a", "b"]


def test_an_end_beats_a_state_on_the_way_and_two_ends_contradict() -> None:
    own, other = send("08:00:00", state="processing"), send("08:00:00", state="done")
    done, rows = merge("sends", [(DAY, 0, [own]), (DAY, 1, [other])])
    assert (list(rows["state"]), len(done.contradictions)) == (["done"], 0)
    failed = send("08:00:00", state="fail", error_message="lỗi")
    done, rows = merge("sends", [(DAY, 0, [failed]), (DAY, 1, [other])])
    assert (list(rows["state"]), list(rows["error_message"])) == (["fail"], ["lỗi"])
    assert done.contradictions.tolist() == [day_number(DAY)]


def test_another_subject_or_an_hour_between_is_a_contradiction_a_minute_is_none() -> None:
    own = {**KEY, "subject": "V/v thử", "signed_at": "2021-02-04T07:00:00+07:00"}
    same = {**KEY, "subject": " V/v  THỬ", "signed_at": "2021-02-04T07:01:00+07:00"}
    other = {**KEY, "subject": "V/v khác", "signed_at": "2021-02-04T08:00:00+07:00"}
    assert len(merge("documents", [(DAY, 0, [own]), (DAY, 1, [same])])[0].contradictions) == 0
    assert len(merge("documents", [(DAY, 0, [own]), (DAY, 1, [other])])[0].contradictions) == 2


def test_the_source_that_tells_more_wins_whichever_stands_first() -> None:
    register, axis = {**KEY, "subject": "sổ"}, {**KEY, "subject": "trục"}
    _, rows = merge("documents", [(DAY, 0, [register]), (DAY, 1, [axis])], agency(REGISTER, AXIS))
    assert list(rows["subject"]) == ["trục"]


def test_files_come_with_the_row_that_has_them() -> None:
    own = {**KEY, "subject": "x"}
    axis = {**KEY, "files": [{"name": "a.pdf", "role": "main", "size_bytes": 1, "sha256": "0" * 64}]}
    done, rows = merge("documents", [(DAY, 0, [own]), (NEXT, 1, [axis])])
    whole = done.table.whole()
    assert rows["document_row"].tolist() == whole.loc[whole["page_no"] > PAGES_OF_A_SOURCE, "document_row"].tolist()
    assert rows["has_files"].tolist() == [True]


def test_a_receipt_of_a_register_is_that_of_the_axis() -> None:
    register = {**KEY, "sender": "H03.12", "recipient": "H03", "arrival_number": "17"}
    axis = {**register, "axis_doc_id": "a", "arrived_at": "2021-02-04T08:00:00+07:00", "state": "done"}
    del axis["arrival_number"]
    _, rows = merge("receipts", [(DAY, 0, [register]), (DAY, 1, [axis])], agency(REGISTER, AXIS))
    [row] = rows.to_dict("records")
    assert (row["arrival_number"], row["axis_doc_id"], row["state"]) == ("17", "a", "done")


def test_a_status_of_both_logs_within_two_minutes_is_one() -> None:
    def status(at: str) -> dict[str, Any]:
        key = {name: value for name, value in KEY.items() if name != "sender"}
        return {**key, "from_org": "H03.12", "to_org": "H03", "status_code": "03", "at": f"2021-02-04T{at}+07:00"}

    logs = [(DAY, 0, [status("08:00:00")]), (DAY, 1, [status("08:01:00"), status("09:00:00")])]
    _, rows = merge("statuses", logs)
    assert rows["at"].dt.strftime("%H:%M").tolist() == ["01:00", "02:00"]


def test_an_agency_with_one_log_is_left_as_it_is() -> None:
    one = Agency.model_validate({"code": "H03", "name": "x", "kind": "other", "source": OWN})
    done, rows = merge("sends", [(DAY, 0, [send("08:00:00"), send("09:00:00", axis_doc_id="b")])], one)
    assert (len(done.things), len(rows)) == (0, 2)
    assert type(done.table) is LogTable


def test_each_row_is_matched_once_and_the_closest_pair_first() -> None:
    minutes = np.array([0, 10, 9, 1, NAT // MINUTE])
    at = np.where(minutes == NAT // MINUTE, NAT, minutes * MINUTE)
    rank = np.array([0, 0, 1, 1, 1])
    group = same_things(Candidates(np.zeros(5, dtype=np.int64), rank, np.zeros(5, dtype=np.int64), at))
    assert group.tolist() == [0, 1, 1, 0, 4]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_order_of_rows_does_not_matter(order: tuple[int, int]) -> None:
    logs = [(DAY, 0, [send("08:00:00", attempt=1)]), (DAY, 1, [send("08:00:05", axis_doc_id="a-1")])]
    _, rows = merge("sends", [logs[place] for place in order])
    assert rows[["axis_doc_id", "attempt"]].to_numpy().tolist() == [["a-1", 1]]
