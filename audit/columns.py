"""One list of rows of the wire → Arrow columns: each distinct value is read once, and what cannot be read is a fault.

What a value becomes is said in `audit.normalise` and `audit.instants`; which column it goes to, in `audit.tables`.

Decisions where ``rules.md`` is silent: a missing `attempt` stays missing; equal recipients of a document count once,
blank ones not; hex digests are compared in lower case; prose beyond `PROSE_LENGTH_MAX` characters is cut (the evidence
has it whole), while a name or code beyond `NAME_LENGTH_MAX` is a fault, since a cut key would be another key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from audit.instants import parse_date, parse_deadlines, parse_instants
from audit.normalise import Normaliser, references, text_keys
from audit.records import Fault
from audit.registry import Registry
from audit.tables import HASHED, INSTANT, Column, Kind
from audit.working_time import NAT

NAME_LENGTH_MAX: Final = 500
PROSE_LENGTH_MAX: Final = 4_000

_WHOLE: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_BITS: Final[Mapping[Kind, int]] = {"count": 31, "size": 63}
_TOLD: Final = {"has_recipients": "recipients", "has_files": "files", "has_signatures": "signatures"}
"""Column that tells whether the system told at all = field of the wire."""

_Parser: TypeAlias = Callable[[Sequence[str | None]], npt.NDArray[np.int64]]


class _Bad(str):
    """In place of a value: the reason why it cannot be read."""

    __slots__ = ()


class Nesting(NamedTuple):
    """Where nested rows belong."""

    owners: Sequence[int]
    """Index of the wire's row that each nested row is part of."""
    paths: Sequence[str]
    """Path of each nested row in its owner, with a dot at the end: ``files[0].``."""


class ColumnReader:
    """Reads the columns of rows of one struct. The first fault of a row is noted in `faults`, by the wire's row."""

    def __init__(
        self,
        rows: Sequence[Any],
        fields: Sequence[str],
        faults: dict[int, Fault],
        registry: Registry,
        normaliser: Normaliser,
        nesting: Nesting | None = None,
    ) -> None:
        self.rows = rows
        self.fields = fields
        self.faults = faults
        self.registry = registry
        self.normaliser = normaliser
        self.nesting = nesting
        self._texts: Final[Mapping[Kind, Callable[[Any], str | None]]] = {
            "name": self._name,
            "word": self._name,
            "prose": self._prose,
            "code": self._code,
            "status": lambda raw: _short(normaliser.status_code(_writable(raw))),
            "digest": lambda raw: _lower(self._name(raw)),
        }

    def columns(self, declared: Sequence[Column]) -> dict[str, pa.Array]:
        """Those of the declared columns that stand on the wire or follow from a row alone."""
        names = {column.name for column in declared}
        # a fault of the key is told before others: it is what an agency must mend first
        columns = self._key() if "reference" in names else {}
        for column in declared:
            field = column.wire or column.name
            if column.name not in columns and field in self.fields:
                columns[column.name] = self._read(column, field)
            elif column.name in HASHED:
                columns[column.name] = _keys_of(columns[HASHED[column.name]])
            elif column.name in _TOLD:
                told = [value is not None for value in self._values(_TOLD[column.name])]
                columns[column.name] = pa.array(told, pa.bool_())
        return columns

    def _fault(self, index: int, reason: str, field: str) -> None:
        owner, path = (index, "") if self.nesting is None else (self.nesting.owners[index], self.nesting.paths[index])
        self.faults.setdefault(owner, Fault(reason, path + field))

    def _values(self, field: str) -> list[Any]:
        return list(map(attrgetter(field), self.rows))

    def _read(self, column: Column, field: str) -> pa.Array:
        values = self._values(field)
        kind = column.kind
        if kind in self._texts:
            return self._text(values, column, field)
        if kind in ("instant", "deadline"):
            instants = self._instants(values, parse_instants if kind == "instant" else parse_deadlines, field)
            if column.required:
                self._require(instants == NAT, field)
                instants = np.where(instants == NAT, 0, instants)
            return pa.array(instants.view("datetime64[us]"), INSTANT)
        if kind in ("count", "size"):
            whole = self._mapped(values, lambda raw: self._whole(raw, kind), field)
            # the only required numbers are business types, and no business type means a new document
            return pa.array(
                [0 if value is None else value for value in whole] if column.required else whole, column.field.type
            )
        if kind == "codes":
            return self._code_lists(values, field)
        if kind == "sure":
            return pa.array([bool(value) for value in values], pa.bool_())
        if kind == "flag":
            return pa.array(values, pa.bool_())
        raise AssertionError(f"{column.name} is made elsewhere")

    def _text(self, values: list[Any], column: Column, field: str) -> pa.Array:
        texts = self._mapped(values, self._texts[column.kind], field)
        if column.required:
            self._require(np.array([text is None for text in texts], dtype=np.bool_), field)
            texts = ["" if text is None else text for text in texts]
        array = pa.array(texts, pa.string())
        return array.dictionary_encode() if pa.types.is_dictionary(column.field.type) else array

    def _key(self) -> dict[str, pa.Array]:
        """Number, notation, date, uid and the reference made of them (``rules.md`` section 1, *Document key*)."""
        pairs = self._mapped(
            list(zip(self._values("number"), self._values("notation"), strict=True)), self._pair, "number"
        )
        numbers = [None if pair is None else pair[0] for pair in pairs]
        notations = [None if pair is None else pair[1] for pair in pairs]
        days = self._mapped(self._values("issued_date"), self._day, "issued_date")
        uids = self._mapped(self._values("document_uid"), self._name, "document_uid")
        if None in uids:
            for index, (uid, *parts) in enumerate(zip(uids, numbers, notations, days, strict=True)):
                if uid is None and None in parts:
                    self._fault(index, "missing_key", ("number", "notation", "issued_date")[parts.index(None)])
        return {
            "document_uid": pa.array(uids, pa.string()),
            "number": pa.array(numbers, pa.string()),
            "notation": pa.array(notations, pa.string()).dictionary_encode(),
            "issued_date": pa.array(days, pa.int32()).cast(pa.date32()),
            "reference": pa.array(references(days, numbers, notations, uids)),
        }

    def _mapped(self, values: list[Any], normal: Callable[[Any], Any], field: str) -> list[Any]:
        """`normal` of each value, computed once for equal ones; a `_Bad` result becomes a fault and None."""
        found = {value: None if value is None else normal(value) for value in set(values)}
        if len(found) == 1 and None in found:
            return values
        results = [found[value] for value in values]
        if any(isinstance(result, _Bad) for result in found.values()):
            for index, result in enumerate(results):
                if isinstance(result, _Bad):
                    self._fault(index, str(result), field)
                    results[index] = None
        return results

    def _instants(self, values: list[Any], parse: _Parser, field: str) -> npt.NDArray[np.int64]:
        instants = parse(values)
        for index in np.flatnonzero(instants == NAT).tolist():
            if values[index] is None or (text := self.normaliser.text(values[index])) is None:
                continue
            instants[index] = parse([text])[0]  # without what surrounded it
            if instants[index] == NAT:
                self._fault(index, "bad_time", field)
        return instants

    def _require(self, missing: npt.NDArray[np.bool_], field: str) -> None:
        for index in np.flatnonzero(missing).tolist():
            self._fault(index, "missing_field", field)

    def _code_lists(self, values: list[list[str] | None], field: str) -> pa.Array:
        found = {raw: self._code(raw) for raw in {raw for codes in values for raw in codes or ()}}
        lists: list[list[str]] = []
        for index, codes in enumerate(values):
            normal = dict.fromkeys(found[raw] for raw in codes or ())
            for code in normal:
                if isinstance(code, _Bad):
                    self._fault(index, str(code), field)
            lists.append([code for code in normal if code is not None])
        return pa.array(lists, pa.list_(pa.string()))

    def _name(self, raw: str | int) -> str | None:
        return _short(self.normaliser.text(raw) if isinstance(raw, str) else self.normaliser.label(_writable(raw)))

    def _day(self, raw: str) -> Any:
        text = self.normaliser.text(raw)
        if text is None:
            return None
        day = parse_date(text)
        return _Bad("bad_date") if day is None else day

    def _pair(self, pair: tuple[str | int | None, str | None]) -> Any:
        number, notation = pair
        number, notation = self.normaliser.number_and_notation(None if number is None else _writable(number), notation)
        too_long = isinstance(_short(number), _Bad) or isinstance(_short(notation), _Bad)
        return _Bad("too_long") if too_long else (number, notation)

    def _prose(self, raw: str) -> str | None:
        text = self.normaliser.text(raw)
        return text if text is None or len(text) <= PROSE_LENGTH_MAX else text[: PROSE_LENGTH_MAX - 1] + "…"

    def _code(self, raw: str) -> str | None:
        text = self._name(raw)
        return text if text is None or isinstance(text, _Bad) else self.registry.canonical_code(text)

    def _whole(self, raw: int | str, kind: Kind) -> Any:
        if isinstance(raw, str):
            text = self.normaliser.text(raw)
            if text is None:
                return None
            if not _WHOLE.fullmatch(text):
                return _Bad("bad_number")
            raw = int(text)
        return raw if -(1 << _BITS[kind]) <= raw < 1 << _BITS[kind] else _Bad("out_of_range")


def _keys_of(texts: pa.Array) -> pa.Array:
    encoded = texts.dictionary_encode()
    keys = text_keys(encoded.dictionary.to_numpy(zero_copy_only=False))
    places = encoded.indices.fill_null(len(keys)).to_numpy()
    return pa.array(np.append(keys, 0)[places])


def _writable(raw: str | int) -> str | int:
    # Python refuses to write integers of thousands of digits; none of them is a name
    return "9" * (NAME_LENGTH_MAX + 1) if isinstance(raw, int) and raw.bit_length() > NAME_LENGTH_MAX else raw


def _short(text: str | None) -> str | None:
    return _Bad("too_long") if text is not None and len(text) > NAME_LENGTH_MAX else text


def _lower(text: str | None) -> str | None:
    return text if text is None or isinstance(text, _Bad) else text.lower()
