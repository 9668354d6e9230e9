"""The shipped OpenAPI file is what the audit reads, and the contract's own examples are rows."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audit.conform import Origin, PageItems, conform
from audit.contract import openapi, text
from audit.normalise import Normaliser
from audit.records import ROWS, FileRow, SignatureRow
from audit.registry import Registry
from audit.settings import load_settings
from audit.simulator import SimulationOptions, simulate
from audit.sources.log_api import Envelope

SHIPPED = Path(__file__).parents[1] / "contract" / "openapi.json"
SCHEMAS = openapi()["components"]["schemas"]
STRUCTS = {
    "Document": ROWS["documents"],
    "Send": ROWS["sends"],
    "Receipt": ROWS["receipts"],
    "Status": ROWS["statuses"],
    "File": FileRow,
    "Signature": SignatureRow,
    "Page": Envelope,
}


def test_the_shipped_file_is_up_to_date() -> None:
    assert SHIPPED.read_text(encoding="utf-8") == text(), "run: python -m audit.contract > contract/openapi.json"


@pytest.mark.parametrize("name", STRUCTS)
def test_every_field_that_is_read_is_described_and_no_other(name: str) -> None:
    assert list(SCHEMAS[name]["properties"]) == list(STRUCTS[name].__struct_fields__)


def test_every_reference_leads_somewhere() -> None:
    parts = json.dumps(openapi()).split('"$ref": "#/components/schemas/')[1:]
    assert {part.partition('"')[0] for part in parts} <= set(SCHEMAS)


def example(schema: dict[str, Any]) -> Any:
    """A value that a system may send by the schema."""
    if "$ref" in schema:
        return example(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return example(schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    if kind == "object":
        return {name: example(value) for name, value in schema["properties"].items()}
    if kind == "array":
        return [example(schema["items"])]
    if kind == "string":
        return {"date": "2021-02-04", "date-time": "2021-02-04T15:41:02+07:00"}.get(schema.get("format", ""), "H03")
    return {"integer": 1, "boolean": True}[kind]


@pytest.mark.parametrize(
    ("table", "name"), [("documents", "Document"), ("sends", "Send"), ("receipts", "Receipt"), ("statuses", "Status")]
)
def test_what_the_description_allows_is_read(table: str, name: str) -> None:
    settings = load_settings()
    row = example(SCHEMAS[name])
    fewest = {field: value for field, value in row.items() if field in SCHEMAS[name].get("required", ())} | {
        "document_uid": "u"
    }
    items = json.dumps([row, fewest, dict.fromkeys(row) | fewest]).encode()
    normaliser = Normaliser(settings.policy.placeholders.values)
    result = conform(
        table, [PageItems("a" * 64, 1, items)], Origin("H03", date(2021, 2, 4)), Registry(settings), normaliser
    )
    assert result.frame("rejects").empty
    assert len(result.frame(table)) == 3


def test_the_simulated_province_sends_no_field_that_is_not_described() -> None:
    province = simulate(
        SimulationOptions(seed=3, agencies=4, documents_per_day=10, lead_in_days=0, history_weeks=0, traps=False)
    )
    for table, name in (("documents", "Document"), ("sends", "Send"), ("receipts", "Receipt"), ("statuses", "Status")):
        rows = [
            row for agency in province.offices for day in province.days() for row in province.rows(agency, day, table)
        ]
        assert rows
        # the contract's example has topics, which the audit finds by itself
        assert {field for row in rows for field in row} - {"topics"} <= set(SCHEMAS[name]["properties"])
