"""Waivers: findings that somebody has approved of for a time. They stay visible, as waived; an expired waiver brings
them back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.normalise import Normaliser
from audit.period import DAY
from audit.settings import Waiver

Mask = npt.NDArray[np.bool_]

_NORMAL: Final = Normaliser(())
"""People write numbers and notations in a waiver as they like; they are compared in the normal form of keys."""


def waiver_id(waiver: Waiver) -> str:
    """A name for the waiver as it is written: the same text, the same name."""
    return hashlib.sha256(waiver.model_dump_json().encode()).hexdigest()[:16]


def in_force(waiver: Waiver, as_of: date) -> bool:
    """Whether it is in force on the last day that `as_of` sees."""
    return waiver.in_force_on(as_of - DAY)


def matches(waiver: Waiver, found: pd.DataFrame) -> Mask:
    """Which findings lie in its scope; all that it names must agree."""
    mask = np.ones(len(found), dtype=bool)
    number, notation = _NORMAL.number_and_notation(waiver.number, waiver.notation)
    named = {
        "rule": waiver.rule,
        "agency": waiver.agency,
        "number": number,
        "notation": notation and notation.casefold(),
        "issued_date": waiver.issued_date and waiver.issued_date.isoformat(),
    }
    for column, value in named.items():
        if value is not None:
            mask &= (_texts(found[column]) == value).to_numpy(dtype=bool)
    return mask


def apply_waivers(found: pd.DataFrame, waivers: Sequence[Waiver], as_of: date) -> pd.DataFrame:
    """The findings with the state `waived` where a waiver is in force, and `detail["waiver"]` where one is or was.

    A finding whose waiver ran out after it was first seen is `reopened`: it had been put aside, and is back.

    Args:
        found: findings with `state` and `first_seen_at`.
        waivers: all that are configured; of several in force the one that ends last is told.
        as_of: the first day not seen.
    """
    state = found["state"].to_numpy(dtype=object).copy()
    detail = found["detail"].to_numpy(dtype=object).copy()
    first_day = found["first_seen_at"].dt.tz_convert("Asia/Ho_Chi_Minh").dt.date
    for waiver in sorted(waivers, key=lambda each: each.valid_to):
        scope = matches(waiver, found)
        if in_force(waiver, as_of):
            state[scope] = "waived"
            _tell(detail, scope, waiver, "in_force")
        elif waiver.valid_to < as_of:
            # first_seen_at is the end of a day, thus the next day's first instant
            back = scope & (first_day - DAY <= waiver.valid_to).to_numpy(dtype=bool)
            state[back] = "reopened"
            _tell(detail, back, waiver, "expired")
    return found.assign(
        state=pd.Series(state, index=found.index, dtype=object),
        detail=pd.Series(detail, index=found.index, dtype=object),
    )


def _tell(detail: npt.NDArray[np.object_], scope: Mask, waiver: Waiver, state: str) -> None:
    told = {"state": state, "reason": waiver.reason, "approver": waiver.approver}
    told |= {"valid_from": waiver.valid_from.isoformat(), "valid_to": waiver.valid_to.isoformat()}
    for position in np.flatnonzero(scope):
        detail[position] = {**(detail[position] or {}), "waiver": told}


def _texts(column: pd.Series[Any]) -> pd.Series[Any]:
    """The column as people would write it in a waiver: days as ISO dates, notations case-folded."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "M":
        return pd.Series(column.dt.strftime("%Y-%m-%d"), dtype=object)
    texts: pd.Series[Any] = column.astype(object).where(column.notna(), "").astype(str)
    return texts.str.casefold() if column.name == "notation" else texts
