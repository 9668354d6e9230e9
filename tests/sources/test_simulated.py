"""The simulated province over real sockets: what its logs hold is what the log holds, and what failed is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from audit.coverage import coverage
from audit.evidence import Evidence
from audit.log import Log
from audit.pull import PullReport, pull
from audit.rebuild import Conformer
from audit.registry import Registry
from audit.settings import load_settings
from audit.simulator import TABLES, Province, SimulationOptions, serve, simulate

START, END = date(2021, 2, 1), date(2021, 2, 8)
DAYS = [START + timedelta(days=number) for number in range(7)]


@dataclass(frozen=True)
class Pulled:
    province: Province
    registry: Registry
    report: PullReport
    log: Log
    coverage: pd.DataFrame


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Pulled:
    folder: Path = tmp_path_factory.mktemp("simulated")
    options = SimulationOptions(
        seed=11, start=START, end=END, agencies=8, documents_per_day=12, lead_in_days=0, history_weeks=0
    )
    province = simulate(options)
    with serve(province, folder / "config", page_rows=50) as served:
        settings = load_settings(served.config)
        fast = settings.audit.pull.model_copy(update={"wait_first_s": 0.01, "wait_most_s": 0.02})
        settings = settings.model_copy(update={"audit": settings.audit.model_copy(update={"pull": fast})})
        registry, evidence, log = Registry(settings), Evidence(folder / "evidence"), Log(folder / "log")
        report = pull(settings, registry, evidence, DAYS)
    Conformer(settings, registry, evidence, log).conform(DAYS)
    return Pulled(province, registry, report, log, coverage(registry, evidence, log, DAYS, END))


@pytest.mark.parametrize("table", TABLES)
def test_every_row_of_a_complete_day_is_in_the_log_or_a_reject(pulled: Pulled, table: str) -> None:
    states = pulled.coverage[(pulled.coverage["table"] == table) & (pulled.coverage["state"] == "complete")]
    assert len(states) > 20
    log, rejects = pulled.log.read(table), pulled.log.read("rejects")
    rejects = rejects[rejects["table"] == table]
    for row in states.itertuples():
        sent = len(pulled.province.rows(row.agency, row.day.date(), table))
        here, unreadable = (
            int(((frame["agency"] == row.agency) & (frame["log_day"] == row.day)).sum()) for frame in (log, rejects)
        )
        assert (here, unreadable, here + unreadable) == (row.rows, row.rejects, sent)


def test_what_the_province_spoilt_is_not_complete_and_the_agencys(pulled: Pulled) -> None:
    assert pulled.province.failures
    for failure in pulled.province.failures:
        day = pd.Timestamp(failure.day)
        hit = pulled.coverage[(pulled.coverage["agency"] == failure.agency) & (pulled.coverage["day"] == day)]
        assert (hit["state"] != "complete").any()
        assert set(hit.loc[hit["state"] != "complete", "failed_at"]) == {"agency"}
    not_complete = pulled.coverage[~pulled.coverage["state"].isin(["complete", "not_due"])]
    assert set(zip(not_complete["agency"], not_complete["day"].dt.date, strict=True)) <= {
        (failure.agency, failure.day) for failure in pulled.province.failures
    }


def test_all_codes_are_canonical_and_all_dashes_plain(pulled: Pulled) -> None:
    sends = pulled.log.read("sends")
    assert set(sends["sender"].cat.categories) <= set(pulled.registry.codes)
    assert not sends["notation"].astype("str").str.contains("[\u2010-\u2015\u2212\\s#]", regex=True).any()
