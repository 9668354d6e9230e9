"""Limits of urgent documents: elapsed time, day and night, by the level of urgency."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from audit.facts.arrays import Ints
from audit.facts.documents import NOT_URGENT
from audit.working_time import MINUTE, NAT


class ByLevel(Protocol):
    """A number for each of the three levels of NĐ 30/2020."""

    @property
    def khan(self) -> int: ...
    @property
    def thuong_khan(self) -> int: ...
    @property
    def hoa_toc(self) -> int: ...


def urgent_deadline(at: Ints, level: Ints, limits: ByLevel, unit: int = MINUTE) -> Ints:
    """`at` plus the limit of its level; NAT where it is not urgent or `at` is missing."""
    allowed = np.array([0, limits.khan, limits.thuong_khan, limits.hoa_toc], dtype=np.int64) * unit
    urgent = (level > NOT_URGENT) & (at > NAT)
    return np.where(urgent, np.where(urgent, at, 0) + allowed[np.maximum(level, 0)], NAT)
