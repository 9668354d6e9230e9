"""The plain log interface as OpenAPI 3.1, for those who offer it: ``contract/openapi.json``.

It is made of the structs that read the wire (`audit.records`) and the columns that their values go to (`audit.tables`),
so it cannot differ from what the audit understands; a test compares the file. It tells what a system should send; the
audit also reads what systems send instead (numbers as text and the other way round).

``python -m audit.contract > contract/openapi.json`` writes the file anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from audit.records import ROWS, FileRow, SignatureRow
from audit.sources.log_api import CURSOR_LENGTH_MAX, PAGE_ROWS_MAX, Envelope
from audit.tables import COLUMNS, Column, Kind

Schema = dict[str, Any]

_INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
_DAY: Final[Schema] = {"type": "string", "format": "date"}
_TEXT: Final[Schema] = {"type": "string"}
_WHOLE: Final[Schema] = {"type": "integer"}
_FLAG: Final[Schema] = {"type": "boolean"}
_KINDS: Final[Mapping[Kind, Schema]] = {
    "instant": _INSTANT,
    "deadline": {"anyOf": [_INSTANT, _DAY], "description": "A date stands for its end, 24:00."},
    "day": _DAY,
    "count": _WHOLE,
    "size": _WHOLE,
    "flag": _FLAG,
    "sure": _FLAG,
    "codes": {"type": "array", "items": _TEXT},
    "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "status": {"type": "string", "description": "QĐ 28/2018/QĐ-TTg: 01 to 06, 13, 15, 16."},
    "code": {"type": "string", "description": "Code of an agency, QĐ 20/2020/QĐ-TTg or the older form."},
}
_VALUES: Final[Mapping[str, Schema]] = {
    "urgency": {"type": "string", "enum": ["thuong", "khan", "thuong_khan", "hoa_toc"]},
    "secrecy": {"type": "string", "enum": ["thuong", "mat", "toi_mat", "tuyet_mat"]},
    "role": {"type": "string", "enum": ["main", "attachment"]},
    "party": {"type": "string", "enum": ["person", "agency"]},
    "state": {"type": "string", "enum": ["initial", "processing", "done", "fail"]},
    "business_type": {"type": "integer", "enum": [0, 1, 2, 3], "description": "New, recall, update, replacement."},
}
_NESTED: Final[Mapping[str, Schema]] = {
    "files": {
        "type": "array",
        "items": {"$ref": "#/components/schemas/File"},
        "description": "Absent: the system does not tell; []: there is none.",
    },
    "signatures": {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Signature"},
        "description": "Absent: the system does not tell; []: unsigned.",
    },
}
_NAMES: Final = {"documents": "Document", "sends": "Send", "receipts": "Receipt", "statuses": "Status"}
_REFUSALS: Final = {
    "401": "Credentials missing or wrong.",
    "403": "Credentials without the right to the log.",
    "404": "The day or the table is not kept.",
    "409": "The day is not closed yet, and its state so far is not served.",
    "429": "Asked too often; Retry-After tells when to come again.",
    "503": "Out of service; Retry-After may tell when to come again.",
}


def openapi() -> Schema:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Agency log API",
            "version": "1",
            "description": "The daily log of an agency's document system, so that it can be audited. Days are local "
            "days (Asia/Ho_Chi_Minh). The log of a closed day is fixed; a row that changes later comes again on the "
            "later day.",
        },
        "security": [{"token": []}],
        "paths": {
            "/v1/log/{table}": {"get": _log()},
            "/v1/health": {"get": _health()},
            "/v1/files/{sha256}": {"get": _file()},
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Page": _page(),
                **{_NAMES[table]: _row(row, table) for table, row in ROWS.items()},
                "File": _row(FileRow, "files"),
                "Signature": _row(SignatureRow, "signatures"),
            },
        },
    }


def _log() -> Schema:
    return {
        "summary": "One page of a table's rows of one day.",
        "parameters": [
            {"name": "table", "in": "path", "required": True, "schema": {"type": "string", "enum": list(ROWS)}},
            {"name": "day", "in": "query", "required": True, "schema": _DAY},
            {
                "name": "cursor",
                "in": "query",
                "description": "`next` of the page before; none: the first page.",
                "schema": {"type": "string", "maxLength": CURSOR_LENGTH_MAX},
            },
        ],
        "responses": {
            "200": _json("The page.", {"$ref": "#/components/schemas/Page"}),
            **{status: {"description": reason} for status, reason in _REFUSALS.items()},
        },
    }


def _health() -> Schema:
    told = {"type": "object", "properties": {"status": {"const": "ok"}, "time": _INSTANT}, "required": ["status"]}
    return {"summary": "Whether the system is there.", "responses": {"200": _json("It is.", told)}}


def _file() -> Schema:
    whole = {"description": "Its bytes.", "content": {"application/octet-stream": {}}}
    digest = {"name": "sha256", "in": "path", "required": True, "schema": _KINDS["digest"]}
    return {
        "summary": "A file of a document; optional.",
        "parameters": [digest],
        "responses": {"200": whole, "404": {"description": "The file is not kept."}},
    }


def _page() -> Schema:
    rows = [
        {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}, "maxItems": PAGE_ROWS_MAX}
        for name in _NAMES.values()
    ]
    properties = {
        "table": {"type": "string", "enum": list(ROWS)},
        "day": _DAY,
        "agency": _KINDS["code"],
        "generated_at": {
            **_INSTANT,
            "description": "When the page was made; of a closed day, not before the day's end.",
        },
        "total": {"type": "integer", "minimum": 0, "description": "Rows of the table and day, the same on every page."},
        "items": {"anyOf": rows},
        "next": _or_null({"type": "string", "maxLength": CURSOR_LENGTH_MAX}),
        "closed": {"type": "boolean", "default": True, "description": "False: the running day, its state so far."},
    }
    required = [field.name for field in msgspec.structs.fields(Envelope) if field.required]
    return {"type": "object", "properties": properties, "required": required}


def _row(struct: type[msgspec.Struct], table: str) -> Schema:
    columns = {column.wire or column.name: column for column in COLUMNS[table]}
    required = []
    properties = {}
    for field in struct.__struct_fields__:
        column = columns.get(field)
        is_required = column is not None and column.required and column.kind not in ("count", "codes")
        schema = _value(field, column)
        properties[field] = schema if is_required else _or_null(schema)
        if is_required:
            required.append(field)
    described = {"type": "object", "description": (struct.__doc__ or "").strip(), "properties": properties}
    return described | ({"required": required} if required else {})


def _value(field: str, column: Column | None) -> Schema:
    if field in _NESTED:
        return _NESTED[field]
    if field in _VALUES:
        return _VALUES[field]
    return _TEXT if column is None else _KINDS.get(column.kind, _TEXT)


def _or_null(schema: Schema) -> Schema:
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    return {
        **schema,
        "type": [schema["type"], "null"],
        **({"enum": [*schema["enum"], None]} if "enum" in schema else {}),
    }


def _json(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def text() -> str:
    """The description as it stands in the file."""
    return json.dumps(openapi(), ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
