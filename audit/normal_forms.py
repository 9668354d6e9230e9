"""What single values of the wire become, each distinct one worked out once for all pages that hold it.

A document's number stands in its sender's log and in those of twenty recipients, and in each of their statuses; so
what a value became is remembered from page to page. Only what can be read is remembered, and so much that the memory
stays bounded whatever is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from audit.instants import parse_date
from audit.normalise import Normaliser, references, text_keys
from audit.registry import Registry
from audit.tables import Kind

NAME_LENGTH_MAX: Final = 500
PROSE_LENGTH_MAX: Final = 4_000
REMEMBERED_MOST: Final = 20_000
"""Values of a kind that are remembered, but for those of one agency's table."""

_WHOLE: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_BITS: Final[Mapping[Kind, int]] = {"count": 31, "size": 63}


class Bad(str):
    """In place of a value: the reason why it cannot be read."""

    __slots__ = ()


class BadKey(NamedTuple):
    """Why a key cannot be read, and the field that is at fault."""

    reason: str
    field: str


RawKey: TypeAlias = tuple[str | int | None, str | int | None, str | None, str | None]
"""document_uid, number, notation and issued_date as they stand on the wire."""


_KEY_TYPES: Final[Mapping[str, pa.DataType]] = {
    "document_uid": pa.string(),
    "number": pa.string(),
    "notation": pa.string(),
    "issued_date": pa.int32(),
    "reference": pa.int64(),
    "uid_key": pa.int64(),
}
"""The columns that a document's key gives; the day as a number."""


class _Remembered:
    """Columns of normal forms, and in which row of them that of a raw value stands; row 0 is of what is missing."""

    def __init__(self, types: Sequence[pa.DataType], missing: Sequence[Any], most: int = REMEMBERED_MOST) -> None:
        self._missing: Final = [pa.array([value], kind) for value, kind in zip(missing, types, strict=True)]
        self._types: Final = types
        self._most: Final = most
        self._rows: dict[Any, int] = {None: 0}
        self._columns = self._missing

    def of(
        self, values: Sequence[Any], read: Callable[[list[Any]], tuple[list[Any], dict[Any, Any]]]
    ) -> tuple[list[pa.Array], dict[int, Any]]:
        """The columns of normal forms, by value; and what is wrong, by position, with what cannot be read.

        Args:
            values: As on the wire; None is missing.
            read: Of distinct values that are not remembered: the columns of those that can be read, in their order,
                and what is wrong with the others.
        """
        if _are_missing(values):
            return [column.take(pa.array(np.zeros(len(values), np.int64))) for column in self._missing], {}
        rows = self._find(values)
        bad: dict[int, Any] = {}
        unknown = np.flatnonzero(rows < 0).tolist()
        if unknown:
            distinct = list(dict.fromkeys(values[place] for place in unknown))
            columns, wrong = read(distinct)
            if wrong:
                bad = {place: wrong[values[place]] for place in unknown if values[place] in wrong}
                distinct = [value for value in distinct if value not in wrong]
            self._learn(distinct, columns)
            rows = np.maximum(self._find(values), 0)
        found = [column.take(pa.array(rows)) for column in self._columns]
        if len(self._rows) > self._most:
            self._forget()
        return found, bad

    def _find(self, values: Sequence[Any]) -> npt.NDArray[np.int64]:
        return np.fromiter(map(self._rows.get, values, repeat(-1)), np.int64, len(values))

    def _learn(self, values: list[Any], columns: list[Any]) -> None:
        first = len(self._rows)
        self._rows.update(zip(values, range(first, first + len(values)), strict=True))
        self._columns = [
            pa.concat_arrays([known, pa.array(new, kind)])
            for known, new, kind in zip(self._columns, columns, self._types, strict=True)
        ]

    def _forget(self) -> None:
        self._rows = {None: 0}
        self._columns = self._missing


class NormalForms:
    """The normal forms under one policy and registry. For one thread."""

    def __init__(self, registry: Registry, normaliser: Normaliser) -> None:
        self.normaliser: Final = normaliser
        self._registry = registry
        self._texts: Final[Mapping[Kind, Callable[[Any], str | None]]] = {
            "name": self._name,
            "word": self._name,
            "prose": self._prose,
            "code": self._code,
            "status": lambda raw: _short(normaliser.status_code(_writable(raw))),
            "digest": lambda raw: _lower(self._name(raw)),
        }
        self._known: Final = {kind: _Remembered([pa.string()], [None]) for kind in self._texts}
        self._numbers: Final = {kind: _Remembered([pa.int64()], [None]) for kind in _BITS}
        self._keys: Final = _Remembered(list(_KEY_TYPES.values()), [None, None, None, None, 0, 0])

    def texts(self, kind: Kind, values: Sequence[Any]) -> tuple[pa.Array, dict[int, str]]:
        """The normal forms of texts, null where missing; and the reasons, by position, why some cannot be read."""
        if kind in ("name", "digest") and (plain := self._plain(kind, values)) is not None:
            return plain, {}
        (texts,), bad = self._known[kind].of(values, lambda raw: _told_apart(raw, self._texts[kind]))
        return texts, bad

    def numbers(self, kind: Kind, values: Sequence[Any]) -> tuple[pa.Array, dict[int, str]]:
        """As `texts`, of whole numbers."""
        (numbers,), bad = self._numbers[kind].of(
            values, lambda raw: _told_apart(raw, lambda value: self._whole(value, kind))
        )
        return numbers, bad

    def codes(self, raw: set[str]) -> dict[str, str | None]:
        """The canonical code of each; a `Bad` where it cannot be read."""
        return {value: self._code(value) for value in raw}

    def keys(self, raw: Sequence[RawKey]) -> tuple[dict[str, pa.Array], dict[int, BadKey]]:
        """The columns of document keys (``rules.md`` section 1); and what is wrong, by position."""
        columns, bad = self._keys.of(raw, self._read_keys)
        return dict(zip(_KEY_TYPES, columns, strict=True)), bad

    def _plain(self, kind: Kind, values: Sequence[Any]) -> pa.Array | None:
        """The texts themselves where all are their own normal forms: printable ASCII without blanks, long enough to be
        no placeholder. Message ids and hashes are, and there are as many of them as rows.
        """
        try:
            texts = pa.array(values, pa.string())
        except (pa.ArrowException, UnicodeError):
            return None  # numbers among them
        lengths = pc.min_max(pc.binary_length(texts)).as_py()
        if lengths["min"] is None:
            return texts
        if lengths["min"] <= self.normaliser.longest_placeholder or lengths["max"] > NAME_LENGTH_MAX:
            return None
        characters = np.frombuffer(texts.buffers()[2], np.uint8)
        is_plain = bool((characters - np.uint8(0x21) <= 0x5D).all())
        if kind == "digest":
            is_plain &= not (characters - np.uint8(ord("A")) < 26).any()
        return texts if is_plain else None

    def _read_keys(self, raw: list[RawKey]) -> tuple[list[Any], dict[RawKey, BadKey]]:
        found = {key: self._key(key) for key in raw}
        bad = {key: parts for key, parts in found.items() if isinstance(parts, BadKey)}
        good = [parts for parts in found.values() if not isinstance(parts, BadKey)]
        uids, numbers, notations, days = (list(part) for part in zip(*good, strict=True)) if good else ([], [], [], [])
        uid_keys = text_keys(np.array(["" if uid is None else uid for uid in uids], dtype=object))
        uid_keys[[uid is None for uid in uids]] = 0
        return [uids, numbers, notations, days, references(days, numbers, notations, uids), uid_keys], bad

    def _key(self, raw: RawKey) -> tuple[Any, ...] | BadKey:
        """Uid, number, notation and day."""
        uid, number, notation, date = raw
        pair = self._pair(number, notation)
        if isinstance(pair, Bad):
            return BadKey(str(pair), "number")
        day = None if date is None else self._day(date)
        if isinstance(day, Bad):
            return BadKey(str(day), "issued_date")
        name = None if uid is None else self._name(uid)
        if isinstance(name, Bad):
            return BadKey(str(name), "document_uid")
        if name is None and None in (*pair, day):
            return BadKey("missing_key", ("number", "notation", "issued_date")[(*pair, day).index(None)])
        return name, *pair, day

    def _pair(self, number: str | int | None, notation: str | None) -> Any:
        found = self.normaliser.number_and_notation(None if number is None else _writable(number), notation)
        return Bad("too_long") if any(isinstance(_short(part), Bad) for part in found) else found

    def _day(self, raw: str) -> Any:
        text = self.normaliser.text(raw)
        if text is None:
            return None
        day = parse_date(text)
        return Bad("bad_date") if day is None else day

    def _name(self, raw: str | int) -> str | None:
        return _short(self.normaliser.text(raw) if isinstance(raw, str) else self.normaliser.label(_writable(raw)))

    def _prose(self, raw: str) -> str | None:
        text = self.normaliser.text(raw)
        return text if text is None or len(text) <= PROSE_LENGTH_MAX else text[: PROSE_LENGTH_MAX - 1] + "…"

    def _code(self, raw: str) -> str | None:
        text = self._name(raw)
        return text if text is None or isinstance(text, Bad) else self._registry.canonical_code(text)

    def _whole(self, raw: int | str, kind: Kind) -> Any:
        if isinstance(raw, str):
            text = self.normaliser.text(raw)
            if text is None:
                return None
            if not _WHOLE.fullmatch(text):
                return Bad("bad_number")
            raw = int(text)
        return raw if -(1 << _BITS[kind]) <= raw < 1 << _BITS[kind] else Bad("out_of_range")


def _are_missing(values: Sequence[Any]) -> bool:
    """Whether there is no value at all, as in the half of the fields that most systems do not tell."""
    return len(values) > 0 and values[0] is None and values.count(None) == len(values)


def _told_apart(raw: list[Any], normal: Callable[[Any], Any]) -> tuple[list[Any], dict[Any, str]]:
    """The normal forms of those that can be read, and why the others cannot."""
    found = {value: normal(value) for value in raw}
    bad = {value: str(result) for value, result in found.items() if isinstance(result, Bad)}
    return [[result for result in found.values() if not isinstance(result, Bad)]], bad


def _writable(raw: str | int) -> str | int:
    # Python refuses to write integers of thousands of digits; none of them is a name
    return "9" * (NAME_LENGTH_MAX + 1) if isinstance(raw, int) and raw.bit_length() > NAME_LENGTH_MAX else raw


def _short(text: str | None) -> str | None:
    return Bad("too_long") if text is not None and len(text) > NAME_LENGTH_MAX else text


def _lower(text: str | None) -> str | None:
    return text if text is None or isinstance(text, Bad) else text.lower()
