"""Trends across a merger: the successor together with whom it took over; everything else as it was kept."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from audit.pipeline.following import followed, taken_over
from audit.registry import Registry
from audit.settings import Settings

KEPT = pd.DataFrame(
    [
        ("", "documents_sent", 60.0, 60.0, np.nan),
        ("H03.31", "documents_sent", 10.0, 10.0, np.nan),
        ("H03.32", "documents_sent", 20.0, 20.0, np.nan),
        ("H03.33", "documents_sent", 30.0, 30.0, np.nan),
        ("H03.31", "arrived_share", 0.5, 5.0, 10.0),
        ("H03.32", "arrived_share", 1.0, 30.0, 30.0),
        ("H03.31", "ack_minutes_median", 40.0, np.nan, 9.0),
        ("H03.32", "ack_minutes_median", 60.0, np.nan, 9.0),
        ("H03.31", "forward_minutes_median", 40.0, np.nan, 9.0),
        ("H03.32", "forward_minutes_median", np.nan, np.nan, np.nan),
        ("H03.31", "rank", 3.0, np.nan, np.nan),
        ("H03.32", "rank", np.nan, np.nan, np.nan),
        ("H03.31", "compliance_index", 50.0, 2.0, 4.0),
        ("H03.32", "compliance_index", 100.0, 0.0, 4.0),
    ],
    columns=["agency", "indicator", "value", "numerator", "denominator"],
)
MEASURES = pd.DataFrame(
    [("failed_send", "H03.31", 10, 5), ("failed_send", "H03.32", 30, 0), ("late_send", "H03.33", 5, 5)],
    columns=["rule", "agency", "tested", "breaches"],
)
MERGED = {"H03.32": ["H03.31", "H03.32"]}


@pytest.mark.parametrize(
    ("agency", "indicator", "value"),
    [
        ("H03.32", "documents_sent", 30.0),
        ("H03.32", "arrived_share", 35 / 40),
        ("H03.32", "ack_minutes_median", None),
        ("H03.32", "forward_minutes_median", 40.0),
        ("H03.32", "rank", None),
        ("H03.32", "compliance_index", 87.5),
        ("H03.31", "documents_sent", 10.0),
        ("H03.33", "documents_sent", 30.0),
        ("", "documents_sent", 60.0),
    ],
)
def test_the_successor_stands_for_all(agency: str, indicator: str, value: float | None) -> None:
    found = followed(KEPT, MEASURES, MERGED, {"failed_send": 4, "late_send": 2})
    row = found[(found["agency"] == agency) & (found["indicator"] == indicator)]
    assert [None if np.isnan(one) else pytest.approx(one) for one in row["value"]] == [value]


def test_without_measures_there_is_no_index() -> None:
    found = followed(KEPT, None, MERGED, {})
    row = found[(found["agency"] == "H03.32") & (found["indicator"] == "compliance_index")]
    assert row["value"].isna().all()


def test_who_took_over_whom_depends_on_the_day(shipped: Settings) -> None:
    ended = {"H03.31": {"valid_to": date(2021, 3, 5), "successor": "H03.32"}}
    agencies = tuple(agency.model_copy(update=ended.get(agency.code, {})) for agency in shipped.agencies)
    registry = Registry(shipped.model_copy(update={"agencies": agencies}))
    assert taken_over(registry, date(2021, 3, 5)) == {}
    assert taken_over(registry, date(2021, 3, 6)) == MERGED
