"""The compliance index (chỉ số tuân thủ, 0–100) and the ranking by it (rules.md section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from audit.rule import Rule, Severity
from audit.settings import Policy

_TIE_DECIMALS = 9
"""Indexes that differ by less than their last computed digits are ties."""


def weights(rules: Sequence[Rule], policy: Policy) -> dict[str, int]:
    """8, 4, 2 or 1 by rule id: by the severity before urgency and topic, the policy's where it sets one."""
    found = {}
    for rule in rules:
        override = policy.rule(rule.id).severity
        found[rule.id] = (rule.severity if override is None else Severity[override.upper()]).weight
    return found


def compliance_index(counts: pd.DataFrame, weight: Mapping[str, int]) -> pd.DataFrame:
    """``100 × (1 − Σ w·r / Σ w)`` over the rules with `tested` > 0, r = breaches / tested.

    Args:
        counts: rule, agency, tested, breaches; one row a rule and agency.
        weight: By rule id; other rules do not count.

    Returns:
        Columns agency, value, numerator (Σ w·r), denominator (Σ w); agencies with a tested rule only.
    """
    counts = counts[(counts["tested"] > 0) & counts["rule"].isin(list(weight))]  # another version had other rules
    (agency, agencies), (rule, rules) = (pd.factorize(counts[name]) for name in ("agency", "rule"))
    w = np.array([weight[str(rule)] for rule in rules], dtype=np.float64)[rule]
    ratio = counts["breaches"].to_numpy(dtype=np.float64) / counts["tested"].to_numpy(dtype=np.float64)
    numerator, denominator = (np.bincount(agency, part, minlength=len(agencies)) for part in (w * ratio, w))
    value = 100 * (1 - numerator / denominator)
    return pd.DataFrame({"agency": agencies, "value": value, "numerator": numerator, "denominator": denominator})


def ranks(index: pd.Series) -> pd.Series:
    """Places by index, the highest first; equal ones share a place, and the next follows after them (1, 1, 3).

    Args:
        index: The compliance index by agency; NaN for who is shown without a rank.

    Returns:
        Places as floats, NaN where there is none.
    """
    return index.round(_TIE_DECIMALS).rank(method="min", ascending=False)


def may_be_ranked(tested: pd.Series, coverage_share: pd.Series, policy: Policy) -> np.ndarray:
    """Who has enough behind its index: documents and pairs tested, and days of the log that are complete.

    Args:
        tested: Documents and pairs tested together, by agency.
        coverage_share: Days complete / days due; NaN, for agencies of which no log is due, is not enough.
        policy: The limits.
    """
    limits = policy.limits
    # 1 − share would turn an exact 80 % into a little more than 20 % incomplete
    enough_days = coverage_share >= 1 - limits.rank_maximum_incomplete - 1e-9
    return np.asarray((tested >= limits.rank_minimum_tested) & enough_days, dtype=bool)
