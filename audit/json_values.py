"""How many values a stranger's JSON may hold, counted before anything is decoded.

A value takes two bytes on the wire and a hundred times as much in memory: a page that is not too large by its bytes may
still be, by its rows, the files of one row, or lists within lists.
"""

from __future__ import annotations

from typing import Final

VALUES_MAX: Final = 1_000_000
"""Most values of an answer: a thousand rows, the contract's page, of a thousand values each."""


class TooManyValuesError(ValueError):
    """JSON of more values than any answer has."""

    def __init__(self) -> None:
        super().__init__(f"an answer of more than {VALUES_MAX} values")


def values_most(body: bytes) -> int:
    """The values that JSON holds at most: each stands behind a comma, or begins a list or an object.

    Those signs count in texts, too, where they are few.
    """
    return 1 + body.count(b",") + body.count(b"[") + body.count(b"{")


def check_values(body: bytes) -> None:
    """Refuses what may hold too many values. Raises TooManyValuesError."""
    if values_most(body) > VALUES_MAX:
        raise TooManyValuesError
