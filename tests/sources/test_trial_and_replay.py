"""`try-source` tells what was understood and what cannot be judged; what it records is pulled again without the agency."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from audit.evidence import Evidence
from audit.log import Log
from audit.period import LOCAL_ZONE
from audit.pull import PullEntry, PullOptions, pull
from audit.rebuild import Conformer
from audit.registry import Registry
from audit.replay import record
from audit.settings import Agency, Settings
from audit.source import RawPage
from audit.trial import try_source, untold_rules
from tests.sources.gateway import SECRET, running
from tests.sources.messages import document
from tests.sources.server import agency_of, sends, serving, settings_of
from tests.sources.test_axis_sources import gateway

DAY = date(2021, 2, 4)


def replayed(settings: Settings, recording: Path, folder: Path) -> tuple[list[PullEntry], Log]:
    registry, evidence, log = Registry(settings), Evidence(folder / "evidence"), Log(folder / "log")
    report = pull(settings, registry, evidence, [DAY], options=PullOptions(replay=recording))
    Conformer(settings, registry, evidence, log).conform([DAY])
    return list(report.entries), log


def vxp(url: str) -> Agency:
    source = {"kind": "vxp", "base_url": url, "system_id": "H03-system", "secret": "env:AUDIT_TEST_SECRET"}
    return Agency.model_validate({"code": "H03", "name": "UBND", "kind": "other", "source": source})


def test_a_recording_of_the_axis_is_pulled_without_network_and_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.axis.SLICE", 2)
    monkeypatch.setenv("AUDIT_TEST_SECRET", SECRET)
    with running(gateway(5)) as url:
        settings = settings_of(vxp(url))
        trials = try_source(settings, Registry(settings), settings.agencies[0], DAY, all_pages=True)
    assert [(trial.table, trial.problem, len(trial.pages)) for trial in trials] == [
        ("documents", "", 2),
        ("sends", "", 2),
        ("receipts", "", 3),
        ("statuses", "", 2),
    ]
    for trial in trials:
        record(tmp_path / "recording", trial.pages)
    monkeypatch.delenv("AUDIT_TEST_SECRET")
    entries, log = replayed(settings, tmp_path / "recording", tmp_path)
    assert {(entry.table, entry.outcome, entry.rows) for entry in entries} == {
        ("documents", "complete", 2),
        ("sends", "complete", 3),
        ("receipts", "complete", 5),
        ("statuses", "complete", 1),
    }
    assert sorted(log.read("receipts")["number"]) == list("12345")


def test_a_recording_of_the_log_interface_ends_where_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving({("sends", "2021-02-04"): sends(35)}) as server:
        settings = settings_of(agency_of(server.url, tables=("sends",)))
        (trial,) = try_source(settings, Registry(settings), settings.agencies[0], DAY, all_pages=True)
    assert (trial.rows, trial.understood, trial.more, len(trial.pages)) == (10, 10, True, 4)
    assert dict(trial.told)["sent_at"] == 10
    assert "axis_doc_id" in trial.untold
    assert not {"agency", "page", "line"} & (set(dict(trial.told)) | set(trial.untold))
    record(tmp_path / "whole", trial.pages)
    record(tmp_path / "half", trial.pages[:2])
    monkeypatch.delenv("AUDIT_TEST_TOKEN")
    (entry,), _ = replayed(settings, tmp_path / "whole", tmp_path / "a")
    assert (entry.outcome, entry.rows) == ("complete", 35)
    (entry,), _ = replayed(settings, tmp_path / "half", tmp_path / "b")
    assert (entry.outcome, entry.rows, entry.failed_at, entry.reason) == (
        "partial",
        20,
        "ours",
        "the page is not in the recording",
    )
    (entry,), _ = replayed(settings, tmp_path / "nothing", tmp_path / "c")
    assert (entry.outcome, entry.failed_at) == ("partial", "ours")


def test_a_recording_leads_to_no_file_outside_of_it(tmp_path: Path) -> None:
    place = tmp_path / "recording" / "H03" / "2021-02-04" / "sends"
    place.mkdir(parents=True)
    (place / "pages.json").write_text(
        '{"pages":[{"file":"../../../secret","cursor":"","url":"","status":200,'
        '"fetched_at":"2021-02-05T00:00:00+07:00"}]}'
    )
    (tmp_path / "recording" / "secret").write_text("x")
    settings = settings_of(agency_of("http://127.0.0.1:9", tables=("sends",)))
    (entry,), _ = replayed(settings, tmp_path / "recording", tmp_path)
    assert entry.reason == "the recording is damaged"


def test_what_was_not_understood_is_told(tmp_path: Path) -> None:
    rows = [*sends(2), {"number": 3}, {**sends(1)[0], "sent_at": "soon"}, "x"]
    with serving({("sends", "2021-02-04"): rows}) as server:  # type: ignore[dict-item]
        settings = settings_of(agency_of(server.url, tables=("sends",)))
        (trial,) = try_source(settings, Registry(settings), settings.agencies[0], DAY)
    assert (trial.rows, trial.understood) == (5, 2)
    assert sorted(trial.rejects) == [("bad_time sent_at", 1), ("missing_key notation", 1), ("not_an_object", 1)]


def test_a_system_that_is_not_there_is_told() -> None:
    settings = settings_of(agency_of("http://127.0.0.1:9", tables=("sends",)))
    (trial,) = try_source(settings, Registry(settings), settings.agencies[0], DAY)
    assert (trial.pages, trial.rows) == ((), 0)
    assert "connection failed" in trial.problem


def test_rules_that_cannot_be_judged_follow_from_flags_and_kind() -> None:
    plain = Agency.model_validate({"code": "H03", "name": "UBND", "kind": "other"})
    assert untold_rules(plain, ["unsigned", "number_gap", "failed_send"]) == ["number_gap"]
    assert untold_rules(vxp("http://127.0.0.1:9"), ["unsigned", "backlog", "failed_send"]) == ["unsigned", "backlog"]


def test_pages_are_recorded_as_they_were(tmp_path: Path) -> None:
    with serving({("sends", "2021-02-04"): sends(3)}) as server:
        settings = settings_of(agency_of(server.url, tables=("sends",)))
        (trial,) = try_source(settings, Registry(settings), settings.agencies[0], DAY)
    page: RawPage = replace(trial.pages[0], url="https://host/v1")
    record(tmp_path, [page])
    assert (tmp_path / "H03" / "2021-02-04" / "sends" / "0001.body").read_bytes() == page.body


def test_both_logs_of_an_agency_are_tried_recorded_and_pulled_again(tmp_path: Path) -> None:
    register, messages = tmp_path / "register" / DAY.isoformat(), tmp_path / "messages" / DAY.isoformat()
    register.mkdir(parents=True)
    messages.mkdir(parents=True)
    line = "814/UBND-VXNV,04/02/2021,V/v thử,Hoàng Văn Thử,Mật"
    (register / "so-di.csv").write_text(
        f"Số ký hiệu,Ngày ban hành,Trích yếu,Người ký,Độ mật\n{line}\n", encoding="utf-8"
    )
    (messages / "1.edxml").write_bytes(document())
    own = {"kind": "register_file", "path": f"{tmp_path}/register/{{day}}", "direction": "outgoing"}
    other = {"name": "truc", "kind": "edxml", "path": f"{tmp_path}/messages/{{day}}"}
    told = {"code": "H03", "name": "UBND", "kind": "other", "source": own, "more_sources": [other]}
    settings = settings_of(Agency.model_validate(told))
    trials = try_source(settings, Registry(settings), settings.agencies[0], DAY, all_pages=True)
    understood = {(trial.source, trial.table): trial.understood for trial in trials}
    assert understood == {
        ("", "documents"): 1,
        ("truc", "documents"): 1,
        ("truc", "sends"): 1,
        ("truc", "receipts"): 0,
        ("truc", "statuses"): 0,
    }
    for trial in trials:
        record(tmp_path / "recording", trial.pages)
    entries, log = replayed(settings, tmp_path / "recording", tmp_path)
    assert {(entry.source, entry.table, entry.outcome) for entry in entries} == {
        (source, table, "complete") for source, table in understood
    }
    documents = log.read("documents")
    assert documents["reference"].nunique() == 1
    assert documents["secrecy"].dropna().tolist() == ["mat"]
    assert sorted(documents["page_no"]) == [1, 1_000_001]


def test_a_day_that_the_place_does_not_prove_whole_is_told_and_replayed_as_such(tmp_path: Path) -> None:
    """A folder of all days: only a file written after the day's end shows that the day was dropped whole."""
    dropped = tmp_path / "dropped"
    dropped.mkdir()
    (dropped / "1.edxml").write_bytes(document())
    noon = datetime(2021, 2, 4, 12, tzinfo=LOCAL_ZONE).timestamp()
    os.utime(dropped / "1.edxml", (noon, noon))
    source = {"kind": "edxml", "path": str(dropped)}
    told = {"code": "H03", "name": "UBND", "kind": "other", "source": source}
    settings = settings_of(Agency.model_validate(told))
    doubt = "no file was written after the day's end"
    for after, lacking, outcome in ((False, doubt, "partial"), (True, "", "complete")):
        if after:
            (dropped / "2.edxml").write_bytes(document())
        trials = try_source(settings, Registry(settings), settings.agencies[0], DAY, all_pages=True)
        assert {trial.lacking for trial in trials} == {lacking}
        for trial in trials:
            record(tmp_path / outcome, trial.pages, trial.lacking)
        entries, _ = replayed(settings, tmp_path / outcome, tmp_path / f"data-{outcome}")
        assert {(entry.outcome, entry.reason) for entry in entries} == {(outcome, lacking)}
