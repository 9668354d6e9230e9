"""The geometry of charts: gaps stay gaps, axes are round, labels keep clear of the line."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import charts, figure
from reports.indicators import INDICATORS
from reports.parts.trend import Point, Series


def series(values: list[float | None], indicator: str = "backlog_overdue", target: float | None = None) -> Series:
    kind = INDICATORS[indicator]
    points = tuple(
        Point(
            date(2021, 1, 4) + timedelta(weeks=week),
            f"{week + 1:02d}",
            figure.of_unit(float("nan") if value is None else value, kind.unit),
        )
        for week, value in enumerate(values)
    )
    return Series(kind, points, None if target is None else figure.target(target, kind.unit), "tuần")


def test_a_gap_breaks_the_line_and_is_marked():
    drawn = charts.line(series([3, 4, None, 5, 6, 7]))
    assert len(drawn.runs) == 2
    assert len(drawn.gaps) == 1
    assert len(drawn.marks) == 5
    assert [mark.last for mark in drawn.marks] == [False] * 4 + [True]


def test_a_lone_value_between_gaps_is_a_dot():
    drawn = charts.line(series([None, 4, None]))
    assert (drawn.runs, len(drawn.marks)) == ((), 1)


def test_no_value_at_all_draws_gaps_only():
    drawn = charts.line(series([None, None, None]))
    assert (drawn.runs, drawn.marks, len(drawn.gaps)) == ((), (), 3)


def test_counts_start_at_zero_and_shares_never_pass_a_hundred():
    assert charts.line(series([120, 130])).grid[0][1] == "0"
    share = charts.line(series([0.991, 0.999], "arrived_share", target=1.0))
    assert share.grid[-1][1] in {"100%", "100,0%"}


@given(
    st.lists(st.one_of(st.none(), st.floats(min_value=0, max_value=1)), min_size=1, max_size=12),
    st.none() | st.floats(min_value=0, max_value=1),
)
def test_everything_stands_inside_the_chart_and_grid_labels_differ(values, target):
    drawn = charts.line(series(values, "arrived_share", target))
    assert all(drawn.top - 0.1 <= mark.y <= drawn.bottom + 0.1 for mark in drawn.marks)
    assert all(drawn.left - 0.1 <= mark.x <= drawn.right + 0.1 for mark in drawn.marks)
    labels = [label for _, label in drawn.grid]
    assert len(labels) == len(set(labels))
    assert 2 <= len(labels) <= 6


@pytest.mark.parametrize(
    ("values", "indicator", "target"),
    [
        ([1.0] * 5, "arrived_share", 1.0),
        ([1.0], "arrived_share", None),
        ([1.0, 0.996], "arrived_share", None),
        ([100.0] * 3, "compliance_index", None),
        ([99.98] * 3, "compliance_index", 100.0),
    ],
)
def test_no_axis_goes_on_over_a_hundred_and_a_flat_line_has_room_below(values, indicator, target):
    labels = [label for _, label in charts.line(series(values, indicator, target)).grid]
    assert [labels[0].rstrip("%"), labels[-1].rstrip("%")] == ["99,0", "100,0"]


@pytest.mark.parametrize(
    ("values", "indicator", "target"),
    [([0, 5, 0], "backlog_overdue", 0), ([0.95, 0.97], "signed_both_share", 0.9), ([0.0, 0.0], "arrived_share", 0.0)],
)
def test_target_and_line_lie_apart_from_the_axis_and_no_rule_fills_the_targets_dashes(values, indicator, target):
    drawn = charts.line(series(values, indicator, target))
    assert drawn.target is not None
    assert drawn.bottom - max(drawn.target.y, *(mark.y for mark in drawn.marks)) > 6
    assert drawn.target.y not in drawn.rules
    assert len(drawn.rules) == len(drawn.grid) - 1


def test_the_targets_label_keeps_clear_of_the_line():
    falling = charts.line(series([0, 1, 3, 8, 12, 28], target=0))
    assert falling.target is not None
    near = [mark for mark in falling.marks if mark.x < falling.left + (falling.right - falling.left) / 3]
    assert falling.target.anchor != "start"
    assert all(abs(mark.y - falling.target.label_y) < 20 for mark in near), "the start is where it would have collided"


def test_the_targets_label_keeps_clear_of_the_line_between_its_points_too():
    steep = charts.line(series([20, 0, 30, 30, 30, 30], target=6))
    assert steep.target is not None
    assert steep.target.anchor != "start", "from 20 down to 0 and up again the line would run through it"


def test_the_targets_label_keeps_clear_of_what_a_gap_says():
    gapped = charts.line(series([None, 1, 2, 3, 4, 5, 7, 8, 9, 9], target=12))
    assert gapped.target is not None
    assert gapped.target.anchor != "start"


def test_in_a_low_chart_a_gap_is_told_in_fewer_words():
    assert [charts.line(series([1, None]), height).gap_text for height in (212, 168, 112)] == [
        "chưa có dữ liệu",
        "chưa có dữ liệu",
        "chưa có",
    ]


def test_over_a_target_at_the_top_there_are_no_values():
    steep = charts.line(series([1.0, 0.95, 1.0, 1.0, 0.98], "arrived_share", target=1.0))
    assert steep.target is not None
    assert steep.target.label_y < min(mark.y for mark in steep.marks)
    assert steep.target.anchor == "end", "at the left stands the title"


def test_the_drawing_is_well_formed_and_tells_itself_in_words():
    hostile = dataclasses.replace(INDICATORS["arrived_share"], title="<script>&")
    drawn = charts.line_chart(dataclasses.replace(series([0.9, None, 0.95], "arrived_share", 1.0), indicator=hostile))
    root = ET.fromstring(str(drawn))  # noqa: S314 - our own drawing
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == "<script>&: tuần 01 là 90,0%, tuần 02 chưa có dữ liệu, tuần 03 là 95,0%; mục tiêu 100%."


@pytest.mark.parametrize("element", [" style=", "onload", "<script", "href"])
def test_the_drawing_needs_no_style_script_or_link(element: str):
    assert element not in str(charts.line_chart(series([1, 2, 3], target=0)))
