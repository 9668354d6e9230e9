"""Computed once for one `Facts`: what several rules look at, kept as long as the facts are."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from audit.facts import Facts

Value = TypeVar("Value")


def once(compute: Callable[[Facts], Value]) -> Callable[[Facts], Value]:
    """Remember what `compute` says of each `Facts`.

    The value must not hold the facts themselves, or neither is ever let go.
    """
    known: WeakKeyDictionary[Facts, Value] = WeakKeyDictionary()

    @wraps(compute)
    def remembered(facts: Facts) -> Value:
        if facts not in known:
            known[facts] = compute(facts)
        return known[facts]

    return remembered
