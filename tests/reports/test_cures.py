"""What can still be put right: a case for every rule, before and after what was late has happened."""

from __future__ import annotations

import pandas as pd
import pytest

from reports import cures
from reports.reading import read
from tests.reports.province import RULES

# code → still to be mended while it has not happened, and once it has.
CASES = {
    "G1": (True, True), "G2": (True, True), "G3": (False, False), "G4": (True, False), "G5": (True, False),
    "N1": (True, True), "N2": (True, True), "N3": (False, False), "N4": (True, False), "N5": (True, True),
    "N6": (True, True), "N7": (False, False), "N8": (True, True), "N9": (True, True), "N10": (False, False),
    "N11": (False, False), "N12": (True, True), "N13": (True, True),
    "T1": (True, True), "T2": (True, True), "T3": (True, True), "T4": (True, True), "T5": (True, True),
    "Q1": (True, True), "Q2": (True, True), "Q3": (True, True), "Q4": (True, True),
    "K1": (True, True), "K2": (True, True), "K3": (True, True), "K4": (True, True), "K5": (True, True),
    "K6": (True, True), "K7": (False, False), "D1": (True, True), "D2": (True, True),
    "L1": (False, False), "L2": (True, True), "L3": (True, True), "R1": (True, True), "M1": (True, True),
    "H1": (True, False), "H2": (True, True), "H3": (True, True),
}  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_each_rule(rule):
    observed = pd.to_datetime(pd.Series([None, "2021-02-04T15:41"]))
    told = cures.curable(pd.Series([rule.id, rule.id]), observed)
    assert tuple(told) == CASES[rule.code]


def test_the_table_is_the_catalogue():
    assert list(cures.CURES) == [rule.id for rule in RULES]


def test_a_rule_without_a_decision_is_refused():
    with pytest.raises(KeyError, match="no_such_rule"):
        cures.curable(pd.Series(["no_such_rule"]), pd.to_datetime(pd.Series([None])))


def test_no_findings():
    assert cures.curable(pd.Series([], dtype=object), pd.to_datetime(pd.Series([]))).dtype == bool


def test_readers_and_counts_are_told(inputs):
    made = read(inputs)
    expected = cures.curable(made.findings["rule"], made.findings["observed"])
    assert list(made.findings["is_curable"]) == list(expected)
    assert set(expected) == {True, False}
    assert list(made.open_items["is_curable"]) == list(expected[made.findings["is_open"]])
