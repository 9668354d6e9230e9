"""The tables of the log: the one declaration of their columns, from which Parquet schemas and pandas types follow.

Six tables: ``documents, sends, receipts, statuses`` as on the wire (``log-api.md``), and ``files, signatures``
flattened out of documents. All values are normalised (``rules.md`` section 1): codes canonical, text NFC and trimmed,
blanks and placeholders missing. All versions of a row are kept, of all days; whoever judges picks the one that counts.

Every row says where it comes from:

* `agency` – whose log it is; `log_day` – the day of that log;
* `page` – SHA-256 of the raw page; `page_no` – the page's position in its pull; `line` – the row's position in the page
  (both from 1); a file or signature has those of its document's row. The pages of an agency's second source count from
  1 000 001, those of its third from 2 000 001 (`PAGES_OF_A_SOURCE`);
* `changed_at`, `deleted` – as the row says, `deleted` false where it does not.

`reference` with the sender's code is the key of a document (see `audit.normalise.references`). `document_row` ties
files and signatures to their document's row by one integer; it is unique in the whole log but where a system
has sought two that are equal (`audit.facts.register_rows`). `uid_key`, `axis_key` and
`file_key` are hashes of the texts named in `HASHED`, 0 where those are missing: who judges compares millions of them.

In pandas (`to_frame`): instants ``datetime64[us, UTC]``, days ``datetime64[s]``, words and codes ``category``
(categories in order of appearance, missing −1), other text ``str``, numbers and flags numpy types, or ``Int32``,
``Int64``, ``boolean`` where a value may be missing; `recipients` an Arrow list (``.list.flatten()``, ``.list.len()``).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

Kind: TypeAlias = Literal[
    "name",  # identifying text: one too long is unreadable
    "word",  # text of few different values
    "prose",  # free text: one too long is cut
    "code",  # an agency's canonical code
    "status",  # a status code of two digits
    "digest",  # a hash in hex, lower case
    "instant",
    "deadline",  # an instant, or a date that stands for its 24:00
    "day",
    "count",  # a whole number of 32 bits
    "size",  # … of 64 bits
    "flag",  # true, false or not told
    "sure",  # true or false
    "place",  # a position, never missing
    "hash",
    "codes",
]

WORD: Final = pa.dictionary(pa.int32(), pa.string())
INSTANT: Final = pa.timestamp("us", tz="UTC")

_TYPES: Final[dict[Kind, pa.DataType]] = {
    "name": pa.string(),
    "word": WORD,
    "prose": pa.string(),
    "code": WORD,
    "status": WORD,
    "digest": pa.string(),
    "instant": INSTANT,
    "deadline": INSTANT,
    "day": pa.date32(),
    "count": pa.int32(),
    "size": pa.int64(),
    "flag": pa.bool_(),
    "sure": pa.bool_(),
    "place": pa.int32(),
    "hash": pa.int64(),
    "codes": pa.list_(pa.string()),
}


class Column(NamedTuple):
    """One column of a table."""

    name: str
    kind: Kind
    required: bool = False
    """Whether every row has it: what comes without is a reject."""
    wire: str = ""
    """Name on the wire where it is another."""

    @property
    def field(self) -> pa.Field:
        """The Arrow field."""
        never_missing = self.required or self.kind in ("sure", "place", "hash")
        return pa.field(self.name, _TYPES[self.kind], nullable=not never_missing)


ORIGIN: Final = (
    Column("agency", "code", required=True),
    Column("log_day", "day", required=True),
    Column("page", "word", required=True),
    Column("page_no", "place"),
    Column("line", "place"),
    Column("changed_at", "instant"),
    Column("deleted", "sure"),
)

_DOCUMENTS: Final = (
    Column("document_uid", "name"),
    Column("sender", "code", required=True),
    Column("number", "name"),
    Column("notation", "word"),
    Column("issued_date", "day"),
    Column("doc_type", "word"),
    Column("subject", "prose"),
    Column("signer_name", "prose"),
    Column("signer_position", "prose"),
    Column("signer_competence", "prose"),
    Column("signed_at", "instant"),
    Column("urgency", "word"),
    Column("secrecy", "word"),
    Column("due_at", "deadline", wire="due_date"),
    Column("page_count", "count"),
    Column("declared_file_count", "count"),
    Column("recipients", "codes", required=True),
    Column("has_recipients", "sure"),
    Column("has_files", "sure"),
    Column("reference", "hash"),
    Column("uid_key", "hash"),
    Column("document_row", "hash"),
)

_FILES: Final = (
    Column("document_row", "hash"),
    Column("file_no", "place"),
    Column("name", "prose"),
    Column("role", "word"),
    Column("content_type", "word"),
    Column("size_bytes", "size"),
    Column("sha256", "digest"),
    Column("has_signatures", "sure"),
)

_SIGNATURES: Final = (
    Column("document_row", "hash"),
    Column("file_no", "place"),
    Column("signature_no", "place"),
    Column("party", "word"),
    Column("subject", "prose"),
    Column("serial", "name"),
    Column("issuer", "prose"),
    Column("valid_from", "instant"),
    Column("valid_to", "instant"),
    Column("signed_at", "instant"),
    Column("timestamp_at", "instant"),
    Column("intact", "flag"),
    Column("valid", "flag"),
    Column("covers_file", "flag"),
    Column("revoked_at", "instant"),
)

_SENDS: Final = (
    Column("document_uid", "name"),
    Column("sender", "code", required=True),
    Column("number", "name"),
    Column("notation", "word"),
    Column("issued_date", "day"),
    Column("recipient", "code", required=True),
    Column("axis_doc_id", "name"),
    Column("attempt", "count"),
    Column("business_type", "count", required=True),
    Column("reason", "prose"),
    Column("sent_at", "instant", required=True),
    Column("state", "word"),
    Column("state_at", "instant"),
    Column("error_code", "word"),
    Column("error_message", "prose"),
    Column("replaces", "name"),
    Column("reference", "hash"),
    Column("uid_key", "hash"),
    Column("axis_key", "hash"),
)

_RECEIPTS: Final = (
    Column("document_uid", "name"),
    Column("sender", "code", required=True),
    Column("number", "name"),
    Column("notation", "word"),
    Column("issued_date", "day"),
    Column("recipient", "code", required=True),
    Column("axis_doc_id", "name"),
    Column("business_type", "count", required=True),
    Column("arrived_at", "instant"),
    Column("state", "word"),
    Column("state_at", "instant"),
    Column("error_code", "word"),
    Column("error_message", "prose"),
    Column("subject", "prose"),
    Column("doc_type", "word"),
    Column("signer_name", "prose"),
    Column("urgency", "word"),
    Column("secrecy", "word"),
    Column("needs_reply", "flag"),
    Column("arrival_number", "name"),
    Column("registered_at", "instant"),
    Column("forwarded_at", "instant"),
    Column("due_at", "deadline"),
    Column("completed_at", "instant"),
    Column("returned_at", "instant"),
    Column("return_reason", "prose"),
    Column("received_file_sha256", "digest"),
    Column("reference", "hash"),
    Column("uid_key", "hash"),
    Column("axis_key", "hash"),
    Column("file_key", "hash"),
)

_STATUSES: Final = (
    Column("document_uid", "name"),
    Column("from_org", "code", required=True),
    Column("to_org", "code", required=True),
    Column("number", "name"),
    Column("notation", "word"),
    Column("issued_date", "day"),
    Column("axis_doc_id", "name"),
    Column("status_code", "status"),
    Column("at", "instant", required=True),
    Column("description", "prose"),
    Column("staff", "prose"),
    Column("reference", "hash"),
    Column("uid_key", "hash"),
    Column("axis_key", "hash"),
)

HASHED: Final[dict[str, str]] = {
    "uid_key": "document_uid",
    "axis_key": "axis_doc_id",
    "file_key": "received_file_sha256",
}
"""Columns of hashes, and the text of the same row that each is made of (`audit.normalise.text_keys`)."""

COLUMNS: Final[dict[str, tuple[Column, ...]]] = {
    "documents": (*ORIGIN, *_DOCUMENTS),
    "files": (*ORIGIN, *_FILES),
    "signatures": (*ORIGIN, *_SIGNATURES),
    "sends": (*ORIGIN, *_SENDS),
    "receipts": (*ORIGIN, *_RECEIPTS),
    "statuses": (*ORIGIN, *_STATUSES),
}
"""The columns of each table of the log, in order."""

REJECTS: Final = pa.schema(
    [
        pa.field("agency", WORD, nullable=False),
        pa.field("log_day", pa.date32(), nullable=False),
        pa.field("table", WORD, nullable=False),
        pa.field("page", WORD, nullable=False),
        pa.field("page_no", pa.int32(), nullable=False),
        pa.field("line", pa.int32(), nullable=False),
        pa.field("reason", WORD, nullable=False),
        pa.field("field", pa.string(), nullable=False),
        pa.field("excerpt", pa.string(), nullable=False),
    ]
)
"""A row of the wire that could not be read: where it stands, why (`audit.records.REASONS`), and how it begins."""

SCHEMAS: Final[dict[str, pa.Schema]] = {
    **{table: pa.schema([column.field for column in columns]) for table, columns in COLUMNS.items()},
    "rejects": REJECTS,
}
"""The Arrow schema of each table of the log, and of the rejects."""

PAGES_OF_A_SOURCE: Final = 1_000_000
"""More pages than a pull has: `page_no` says of which source of the agency a row is, too."""


def pages_before(names: Sequence[str], name: str) -> int:
    """The number after which the pages of an agency's source are counted; a source that is no more comes last."""
    place = names.index(name) if name in names else len(names)
    return place * PAGES_OF_A_SOURCE


WIRE_TABLES: Final = ("documents", "sends", "receipts", "statuses")
"""The tables that are asked of an agency's system."""
LOG_TABLES: Final = tuple(COLUMNS)
"""The tables of the log."""


# What pandas makes text of by itself are names of columns, codes and words, few each: kept by Arrow, every look-up in
# them would first copy them to Python, a fifth of what judging a day takes.
pd.set_option("mode.string_storage", "python")

# Any: the stubs do not know `__from_arrow__`, which pandas documents for extension types
_TEXT: Final[Any] = pd.StringDtype("pyarrow", na_value=np.nan)
_UTC: Final = pd.DatetimeTZDtype("us", "UTC")
_NULLABLE: Final[dict[pa.DataType, Any]] = {
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.bool_(): pd.BooleanDtype(),
}
_FEW: Final = 64
"""Categories of a column whose type is worth being remembered."""
REMEMBERED_MOST: Final = 1024
"""Types that are remembered: their texts come over the wire, and strangers could fill the memory with new ones."""


def to_frame(table: pa.Table) -> pd.DataFrame:
    """A table of the log in pandas, with the types of the module's docstring; also for none of its rows."""
    columns = {
        field.name: _array(table.column(field.name), field.type, is_nullable=field.nullable) for field in table.schema
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows), copy=False)


def empty(table: str) -> pd.DataFrame:
    """A frame of `table` without rows."""
    return to_frame(SCHEMAS[table].empty_table())


def to_series(column: pa.ChunkedArray, field: pa.Field) -> pd.Series:
    """A column of the log in pandas, index 0…; `Table.to_pandas` takes four times as long for columns of few rows."""
    return pd.Series(_array(column, field.type, is_nullable=field.nullable), copy=False)


def texts_in(column: Any) -> npt.NDArray[np.object_]:
    """The texts of a pandas array of texts; None where missing."""
    return np.asarray(column.to_numpy(dtype=object, na_value=None))


def _array(column: pa.ChunkedArray, kind: pa.DataType, *, is_nullable: bool) -> Any:
    if pa.types.is_list(kind):
        return pd.arrays.ArrowExtensionArray(column)
    if pa.types.is_dictionary(kind):
        return _categorical(column.unify_dictionaries().combine_chunks())
    if pa.types.is_string(kind):
        return _TEXT.__from_arrow__(column)
    if pa.types.is_date32(kind):
        return column.to_numpy().astype("datetime64[s]")
    if pa.types.is_timestamp(kind):
        return pd.array(column.to_numpy(), dtype=_UTC)
    if is_nullable and kind in _NULLABLE:
        return _NULLABLE[kind].__from_arrow__(column.combine_chunks())  # chunk by chunk pandas takes thrice as long
    return column.to_numpy()


def _categorical(column: pa.DictionaryArray | pa.ChunkedArray) -> pd.Categorical:
    if isinstance(column, pa.ChunkedArray):  # which it stays where there are no chunks
        column = pa.array([], pa.dictionary(pa.int32(), pa.string()))
    few = len(column.dictionary) <= _FEW
    categories = _remembered(tuple(column.dictionary.to_pylist())) if few else _category(column.dictionary)
    codes = column.indices.fill_null(-1).to_numpy()
    return pd.Categorical.from_codes(codes, dtype=categories, validate=False)


@lru_cache(maxsize=REMEMBERED_MOST)
def _remembered(texts: tuple[str, ...]) -> pd.CategoricalDtype:
    return _category(pa.array(texts, pa.string()))


def _category(texts: pa.Array) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(pd.Index(_TEXT.__from_arrow__(texts), copy=False))
