"""The contract that every kind of source keeps, against simulated systems over real sockets and folders."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from audit import axis
from audit.errors import TransientSourceError
from audit.evidence import Evidence
from audit.log import Log
from audit.pull import PullEntry, pull
from audit.rebuild import Conformer
from audit.registry import Registry
from audit.settings import Agency, Settings, load_settings
from audit.simulator import Province, Served, SimulationOptions, serve, simulate
from audit.simulator.dialects import ORDER, Dialect
from audit.simulator.dialects.plain import narrowed_logs
from audit.source import RawPage, Request
from audit.sources import edxml, source_class
from audit.tables import COLUMNS

DAY = date(2021, 2, 4)
OPTIONS = SimulationOptions(
    start=DAY, end=date(2021, 2, 5), agencies=5, documents_per_day=9, mean_recipients=3, lead_in_days=0,
    history_weeks=0, plant=False, outage=False, partial=False, probe_minutes=0,
)  # fmt: skip
WEB = ("log_api", "vxp", "lgsp")


@dataclass(frozen=True)
class Systems:
    """A day of five agencies, each with its own kind of system."""

    province: Province
    served: Served
    settings: Settings
    codes: dict[str, str]

    def agency(self, kind: str) -> Agency:
        return next(agency for agency in self.settings.agencies if agency.code == self.codes[kind])


@pytest.fixture(scope="module")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Systems]:
    province = simulate(OPTIONS)
    # the third agency of a province drops its messages one by one, not in an archive
    kinds: tuple[Dialect, ...] = ("vxp", "log_api", "edxml", "lgsp", "register_file")
    dialects = dict(zip(province.offices, kinds, strict=True))
    with serve(province, tmp_path_factory.mktemp("config"), page_rows=3, dialects=dialects) as served:
        settings = load_settings(served.config)
        fast = settings.audit.pull.model_copy(update={"attempts": 2, "wait_first_s": 0.01, "wait_most_s": 0.02})
        settings = settings.model_copy(update={"audit": settings.audit.model_copy(update={"pull": fast})})
        yield Systems(province, served, settings, {kind: code for code, kind in dialects.items()})


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(axis, "SLICE", 3)
    monkeypatch.setattr(edxml, "FILES_MAX", 3)


@dataclass
class Pulled:
    entries: tuple[PullEntry, ...]
    evidence: Evidence
    log: Log

    @property
    def outcomes(self) -> set[tuple[str, str | None]]:
        return {(entry.outcome, entry.failed_at) for entry in self.entries}


def pulled(systems: Systems, kind: str, folder: Path, **source: Any) -> Pulled:
    agency = systems.agency(kind)
    assert agency.source is not None
    changed = agency.model_copy(update={"source": agency.source.model_copy(update=source)})
    others = tuple(changed if one.code == agency.code else one for one in systems.settings.agencies)
    settings = systems.settings.model_copy(update={"agencies": others})
    registry, evidence, log = Registry(settings), Evidence(folder / "evidence"), Log(folder / "log")
    report = pull(settings, registry, evidence, [DAY], [agency.code])
    Conformer(settings, registry, evidence, log).conform([DAY])
    return Pulled(report.entries, evidence, log)


@pytest.mark.parametrize("kind", ORDER)
def test_pages_end_and_no_row_is_lost(systems: Systems, kind: str, tmp_path: Path) -> None:
    found = pulled(systems, kind, tmp_path)
    assert found.outcomes == {("complete", None)}
    assert max(entry.pages for entry in found.entries) > 1
    rejects = found.log.read("rejects")
    for entry in found.entries:
        here = len(found.log.read(entry.table))
        assert here + int((rejects["table"] == entry.table).sum()) == entry.rows
    dialects = {systems.codes[kind]: kind}
    for _, _, table, rows in narrowed_logs(systems.province, dialects):  # type: ignore[arg-type]
        assert rejects.empty
        if table != "documents" or kind in ("log_api", "register_file"):
            assert len(found.log.read(table)) == len(rows)
        else:  # a page names each of its documents once
            keys = found.log.read(table).drop_duplicates("reference")
            assert len(keys) == len({(row["number"], row["notation"]) for row in rows})


@pytest.mark.parametrize("kind", ORDER)
def test_times_are_aware_and_of_those_days(systems: Systems, kind: str, tmp_path: Path) -> None:
    found = pulled(systems, kind, tmp_path)
    told = 0
    for entry in found.entries:
        frame = found.log.read(entry.table)
        for column in COLUMNS[entry.table]:
            if column.kind in ("instant", "deadline"):
                values = frame[column.name].dropna()
                assert isinstance(frame[column.name].dtype, pd.DatetimeTZDtype)
                assert values.between(pd.Timestamp("2021-02-01", tz="UTC"), pd.Timestamp("2021-04-01", tz="UTC")).all()
                told += len(values)
    assert told or kind == "register_file"


@pytest.mark.parametrize("kind", ORDER)
def test_a_pull_that_broke_off_goes_on_where_it_stopped(
    systems: Systems, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = source_class(kind)
    plain: Callable[[Any, Request], RawPage] = of.fetch
    asked: list[Request] = []

    def breaking(self: Any, request: Request) -> RawPage:
        asked.append(request)
        if len([one for one in asked if one.table == request.table]) == 2:
            raise TransientSourceError(request.agency, "broken off")
        return plain(self, request)

    whole = pulled(systems, kind, tmp_path / "whole")
    monkeypatch.setattr(of, "fetch", breaking)
    first = pulled(systems, kind, tmp_path / "again")
    assert any(entry.outcome == "partial" for entry in first.entries)
    second = pulled(systems, kind, tmp_path / "again")
    assert {entry.outcome for entry in second.entries} <= {"complete", "kept"}
    for entry in whole.entries:
        assert second.log.read(entry.table).equals(whole.log.read(entry.table)) or entry.table == "documents"
        assert len(second.log.read(entry.table)) == len(whole.log.read(entry.table))
        assert [one.cursor for one in asked if one.table == entry.table].count("") == 1


@pytest.mark.parametrize("kind", WEB)
def test_wrong_credentials_are_ours_as_long_as_nothing_has_worked(systems: Systems, kind: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("sai", encoding="ascii")
    wrong.chmod(0o600)
    reference = type(systems.agency("log_api").source.token)(f"file:{wrong}")  # type: ignore[union-attr]
    found = pulled(systems, kind, tmp_path, **{"token" if kind == "log_api" else "secret": reference})
    assert found.outcomes == {("partial", "ours")}
    assert {entry.reason for entry in found.entries} == {"credentials refused"}


@pytest.mark.parametrize("kind", WEB)
def test_nobody_there_is_the_agencys_and_worth_another_try(systems: Systems, kind: str, tmp_path: Path) -> None:
    found = pulled(systems, kind, tmp_path, base_url="http://127.0.0.1:9")
    assert found.outcomes == {("partial", "agency")}
    again = pulled(systems, kind, tmp_path)
    assert again.outcomes == {("complete", None)}


@pytest.mark.parametrize("kind", ["edxml", "register_file"])
def test_a_folder_that_is_not_there_yet_is_worth_another_try(systems: Systems, kind: str, tmp_path: Path) -> None:
    place = systems.agency(kind).source.path  # type: ignore[union-attr]
    mine = str(tmp_path / "dropped" / "{day}")
    found = pulled(systems, kind, tmp_path, path=mine)
    assert found.outcomes == {("partial", "agency")}
    shutil.copytree(place.replace("{day}", DAY.isoformat()), mine.replace("{day}", DAY.isoformat()))
    assert pulled(systems, kind, tmp_path, path=mine).outcomes == {("complete", None)}


@pytest.mark.parametrize("kind", WEB)
def test_an_answer_larger_than_allowed_is_not_taken(systems: Systems, kind: str, tmp_path: Path) -> None:
    found = pulled(systems, kind, tmp_path, page_bytes_max=200)
    assert found.outcomes == {("partial", "agency")}
    assert found.log.read("statuses").empty
