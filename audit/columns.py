"""One list of rows of the wire → Arrow columns: each distinct value is read once, and what cannot be read is a fault.

What a value becomes is said in `audit.normalise` and `audit.instants`; which column it goes to, in `audit.tables`.

Decisions where ``rules.md`` is silent: a missing `attempt` stays missing; equal recipients of a document count once,
blank ones not; hex digests are compared in lower case; prose beyond `PROSE_LENGTH_MAX` characters is cut (the evidence
has it whole), while a name or code beyond `NAME_LENGTH_MAX` is a fault, since a cut key would be another key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from audit.instants import parse_deadlines, parse_instants
from audit.normal_forms import Bad, NormalForms
from audit.normalise import text_keys
from audit.records import Fault
from audit.tables import HASHED, INSTANT, Column, Kind
from audit.working_time import NAT

BLOCK_ROWS: Final = 256

_TEXTS: Final[frozenset[Kind]] = frozenset({"name", "word", "prose", "code", "status", "digest"})
_TOLD: Final = {"has_recipients": "recipients", "has_files": "files", "has_signatures": "signatures"}
"""Column that tells whether the system told at all = field of the wire."""

_Parser: TypeAlias = Callable[[Sequence[str | None]], npt.NDArray[np.int64]]


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
        forms: NormalForms,
        nesting: Nesting | None = None,
    ) -> None:
        self._values: Final = _transposed(rows, fields)
        """The values of each field, by row."""
        self.faults = faults
        self.forms = forms
        self.nesting = nesting

    def columns(self, declared: Sequence[Column]) -> dict[str, pa.Array]:
        """Those of the declared columns that stand on the wire or follow from a row alone."""
        names = {column.name for column in declared}
        # a fault of the key is told before others: it is what an agency must mend first
        columns = self._key() if "reference" in names else {}
        for column in declared:
            field = column.wire or column.name
            if column.name not in columns and field in self._values:
                columns[column.name] = self._read(column, field)
            elif column.name in HASHED:
                columns[column.name] = _keys_of(columns[HASHED[column.name]])
            elif column.name in _TOLD:
                told = [value is not None for value in self._values[_TOLD[column.name]]]
                columns[column.name] = pa.array(told, pa.bool_())
        return columns

    def _fault(self, index: int, reason: str, field: str) -> None:
        owner, path = (index, "") if self.nesting is None else (self.nesting.owners[index], self.nesting.paths[index])
        self.faults.setdefault(owner, Fault(reason, path + field))

    def _read(self, column: Column, field: str) -> pa.Array:
        values = self._values[field]
        kind = column.kind
        if kind in _TEXTS:
            return self._text(values, column, field)
        if kind in ("instant", "deadline"):
            instants = self._instants(values, parse_instants if kind == "instant" else parse_deadlines, field)
            if column.required:
                self._require(instants == NAT, field)
                instants = np.where(instants == NAT, 0, instants)
            return pa.array(instants.view("datetime64[us]"), INSTANT)
        if kind in ("count", "size"):
            numbers, bad = self.forms.numbers(kind, values)
            self._note(bad, field)
            # the only required numbers are business types, and no business type means a new document
            return (pc.fill_null(numbers, 0) if column.required else numbers).cast(column.field.type)
        if kind == "codes":
            return self._code_lists(values, field)
        if kind == "sure":
            return pa.array([bool(value) for value in values], pa.bool_())
        if kind == "flag":
            return pa.array(values, pa.bool_())
        raise AssertionError(f"{column.name} is made elsewhere")

    def _text(self, values: Sequence[Any], column: Column, field: str) -> pa.Array:
        texts, bad = self.forms.texts(column.kind, values)
        self._note(bad, field)
        if column.required:
            self._require(texts.is_null().to_numpy(zero_copy_only=False), field)
            texts = pc.fill_null(texts, "")
        return texts.dictionary_encode() if pa.types.is_dictionary(column.field.type) else texts

    def _key(self) -> dict[str, pa.Array]:
        """Number, notation, date, uid and the hashes made of them."""
        wire = (self._values[field] for field in ("document_uid", "number", "notation", "issued_date"))
        columns, bad = self.forms.keys(list(zip(*wire, strict=True)))
        for index, fault in bad.items():
            self._fault(index, fault.reason, fault.field)
        return columns | {
            "notation": columns["notation"].dictionary_encode(),
            "issued_date": columns["issued_date"].cast(pa.date32()),
        }

    def _note(self, bad: Mapping[int, str], field: str) -> None:
        for index, reason in bad.items():
            self._fault(index, reason, field)

    def _instants(self, values: Sequence[Any], parse: _Parser, field: str) -> npt.NDArray[np.int64]:
        instants = parse(values)
        for index in np.flatnonzero(instants == NAT).tolist():
            if values[index] is None or (text := self.forms.normaliser.text(values[index])) is None:
                continue
            instants[index] = parse([text])[0]  # without what surrounded it
            if instants[index] == NAT:
                self._fault(index, "bad_time", field)
        return instants

    def _require(self, missing: npt.NDArray[np.bool_], field: str) -> None:
        for index in np.flatnonzero(missing).tolist():
            self._fault(index, "missing_field", field)

    def _code_lists(self, values: Sequence[list[str] | None], field: str) -> pa.Array:
        found = self.forms.codes({raw for codes in values for raw in codes or ()})
        lists: list[list[str]] = []
        for index, codes in enumerate(values):
            normal = dict.fromkeys(found[raw] for raw in codes or ())
            for code in normal:
                if isinstance(code, Bad):
                    self._fault(index, str(code), field)
            lists.append([code for code in normal if code is not None])
        return pa.array(lists, pa.list_(pa.string()))


def _transposed(rows: Sequence[Any], fields: Sequence[str]) -> dict[str, list[Any]]:
    """The values of rows by field; block after block, each small enough to stay near the processor."""
    values: dict[str, list[Any]] = {field: [] for field in fields}
    for start in range(0, len(rows), BLOCK_ROWS):
        block = zip(*map(msgspec.structs.astuple, rows[start : start + BLOCK_ROWS]), strict=True)
        for column, part in zip(values.values(), block, strict=True):
            column.extend(part)
    return values


def _keys_of(texts: pa.Array) -> pa.Array:
    encoded = texts.dictionary_encode()
    keys = text_keys(encoded.dictionary.to_numpy(zero_copy_only=False))
    places = encoded.indices.fill_null(len(keys)).to_numpy()
    return pa.array(np.append(keys, 0)[places])
