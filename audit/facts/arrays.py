"""From columns of the log to the integers that the facts are made of.

Instants are int64 microseconds (missing = NAT), days int64 local days (missing = NO_DAY), texts 64-bit hashes
(missing = 0). Two texts share a hash with a chance of about n²/2⁶⁵: one in a million for the six million messages of
a province's year.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.normalise import text_keys as keys_of_texts
from audit.working_time import NAT, NEVER, NO_DAY, SECOND

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_BLOCK = 1 << 15
_DAY_SECONDS = 24 * 3600
_BITS = 63
_SPARE_BITS = 4
"""One of so many bits' flags is set at most: a sixteenth, where the keys are not too many."""
_FLAG_BITS_MOST = 22
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def instants(column: pd.Series) -> Ints:
    """Microseconds since 1970 UTC; NAT where missing."""
    return np.asarray(column.to_numpy(dtype="datetime64[us]")).view(np.int64)


def days(column: pd.Series) -> Ints:
    """Local days since 1970; NO_DAY where missing."""
    seconds = np.asarray(column.to_numpy(dtype="datetime64[s]")).view(np.int64)
    found = np.empty(len(seconds), dtype=np.int64)
    for block in blocks(len(seconds)):
        # numpy's own way from seconds to days takes each by itself
        np.floor_divide(seconds[block], _DAY_SECONDS, out=found[block])
        found[block][seconds[block] == NAT] = NO_DAY
    return found


def whole_numbers(column: pd.Series, missing: int) -> Ints:
    """A nullable integer column as int64, `missing` where null."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iu":
        return np.asarray(column.to_numpy(), dtype=np.int64)
    return np.asarray(column.astype("Int64").fillna(missing).to_numpy(), dtype=np.int64)


def hashes(column: pd.Series) -> Ints:
    """A column of hashes; none is missing."""
    return np.asarray(column.to_numpy(), dtype=np.int64)


def is_true(column: pd.Series) -> Mask:
    """True where the column says so; null is not true."""
    if column.dtype == np.bool_:
        return np.asarray(column.to_numpy())
    return np.asarray(column.astype("boolean").fillna(False).to_numpy(), dtype=bool)


def is_false(column: pd.Series) -> Mask:
    """True where the column says "no"; null is not false."""
    return np.asarray(~column.astype("boolean").fillna(True).to_numpy(), dtype=bool)


def equals(column: pd.Series, text: str) -> Mask:
    """True where the column holds exactly this text."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        texts = column.cat.categories.tolist()
        place = texts.index(text) if text in texts else len(texts)
        return np.asarray(column.cat.codes.to_numpy() == place, dtype=bool)
    return np.asarray((column == text).fillna(False).to_numpy(), dtype=bool)


def text_keys(column: pd.Series) -> Ints:
    """A 64-bit hash of every text, 0 where missing; the same text has the same hash in every run."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        hashes = keys_of_texts(np.asarray(column.cat.categories, dtype=object))
        return looked_up(np.append(hashes, 0), column.cat.codes.to_numpy())
    missing = column.isna().to_numpy()
    hashes = keys_of_texts(column.fillna("").to_numpy(dtype=object))
    return np.where(missing, 0, hashes)


def blocks(size: int) -> Iterator[slice]:
    """Slices of a column, short enough that what is computed of one stays in the processor's cache."""
    return (slice(start, start + _BLOCK) for start in range(0, size, _BLOCK))


def looked_up(table: npt.NDArray[np.int64], places: npt.NDArray[np.integer]) -> Ints:
    """The table's value at every place; -1 is the last one."""
    found = np.empty(len(places), dtype=np.int64)
    for block in blocks(len(places)):
        np.take(table, places[block], out=found[block], mode="wrap")
    return found


def combine(*keys: Ints) -> Ints:
    """One 64-bit key of several, order mattering (the finaliser of splitmix64, applied key by key)."""
    mixed = np.zeros(len(keys[0]), dtype=np.uint64)
    shifted = np.empty(min(len(mixed), _BLOCK), dtype=np.uint64)
    for block in blocks(len(mixed)):
        found = mixed[block]
        half = shifted[: len(found)]
        for key in keys:
            found ^= key[block].astype(np.int64, copy=False).view(np.uint64)
            found += _GOLDEN
            for shift, factor in ((30, _MIX_1), (27, _MIX_2), (31, None)):
                np.right_shift(found, np.uint64(shift), out=half)
                found ^= half
                if factor is not None:
                    found *= factor
    return mixed.view(np.int64)


def in_order(values: Ints) -> Ints:
    """The positions of the values in ascending order, equal ones in theirs: a stable `argsort`, four times as fast.

    Value and position are packed into one integer where they fit, and those are sorted: all that one can do with
    integers is faster done to them than to their positions. Instants of whole seconds fit for decades.
    """
    if not len(values):
        return np.empty(0, dtype=np.int64)
    packed, bits = values - values.min(), (len(values) - 1).bit_length()
    if int(packed.max()).bit_length() + bits > _BITS and not (packed % SECOND).any():
        packed //= SECOND
    # a span that overflows shows as a negative value
    if packed.min() < 0 or int(packed.max()).bit_length() + bits > _BITS:
        return np.argsort(values, kind="stable")
    packed <<= bits
    packed |= np.arange(len(values))
    packed.sort()
    packed &= (1 << bits) - 1
    return np.asarray(packed)


def is_one_of(values: Ints, wanted: Sequence[int]) -> Mask:
    """True where the value is one of a few: comparing with each takes a tenth of `np.isin`."""
    found = np.zeros(len(values), dtype=bool)
    for one in wanted:
        found |= values == one
    return found


class KeySet:
    """Well mixed keys, to ask of many others whether they are among them."""

    def __init__(self, keys: Ints) -> None:
        self.keys = distinct(keys)
        # flags by the low bits: few of those who are not among them have to be looked for
        bits = min(len(self.keys).bit_length() + _SPARE_BITS, _FLAG_BITS_MOST)
        self._low = (1 << bits) - 1
        self._maybe = np.zeros(1 << bits, dtype=bool)
        self._maybe[self.keys & self._low] = True

    def __len__(self) -> int:
        return len(self.keys)

    def holds(self, keys: Ints) -> Mask:
        """Which of the keys are among them."""
        found = np.zeros(len(keys), dtype=bool)
        if len(self):
            candidates = np.flatnonzero(self._maybe[keys & self._low])
            places = np.searchsorted(self.keys, keys[candidates])
            found[candidates] = self.keys[np.minimum(places, len(self) - 1)] == keys[candidates]
        return found


def occur_in(keys: Ints, table: Ints) -> Mask:
    """Which keys, well mixed ones, stand in a table."""
    return KeySet(table).holds(keys)


def earliest(size: int, group: Ints, at: Ints) -> Ints:
    """The earliest instant of every group 0…size-1; NEVER where it has none. Missing instants (NAT) are passed over."""
    first = np.full(size, NEVER, dtype=np.int64)
    told = at != NAT
    if not told.all():
        group, at = group[told], at[told]
    np.minimum.at(first, group, at)
    return first


def are_first(size: int, group: Ints, at: Ints) -> Mask:
    """Which rows have the earliest instant of their group: several where they share it."""
    return np.asarray(at == earliest(size, group, at)[group])


def latest(size: int, group: Ints, at: Ints) -> Ints:
    """The latest instant of every group 0…size-1; NAT where it has none."""
    last = np.full(size, NAT, dtype=np.int64)
    np.maximum.at(last, group, at)
    return last


def any_of(size: int, group: Ints) -> Mask:
    """True for every group that occurs."""
    seen = np.zeros(size, dtype=bool)
    seen[group] = True
    return seen


def known(at: Ints) -> Mask:
    """True where an instant is told and happened (neither NAT nor NEVER)."""
    return np.asarray((at != NAT) & (at != NEVER))


def first_rows(size: int, group: Ints) -> Ints:
    """The position of the first row of every group 0…size-1, -1 where there is none."""
    first = np.full(size, -1, dtype=np.int64)
    backwards = np.arange(len(group) - 1, -1, -1)
    first[group[::-1]] = backwards
    return first


def distinct(values: Ints) -> Ints:
    """The distinct values in ascending order: `np.unique` by sorting, which is fastest for integers."""
    ordered = np.sort(values)
    return np.asarray(ordered[run_starts(ordered)])


def run_starts(values: npt.NDArray[Any]) -> Mask:
    """True where a run of equal values begins."""
    return np.asarray(np.append(True, values[1:] != values[:-1])[: len(values)])


def repeated(count: Ints) -> tuple[Ints, Ints]:
    """Each row as often as its count says, and which of its repetitions each is, from 0."""
    row = np.repeat(np.arange(len(count)), count)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)


def positions_in(keys: Ints, table: Ints) -> Ints:
    """The position of every key in a table of distinct keys, -1 where it is not there."""
    return np.asarray(pd.Index(table).get_indexer(pd.Index(keys)), dtype=np.int64)
