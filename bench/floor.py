"""The floor: read the columns that the twelve rules look at, and nothing more. `python -m bench.floor SCALE`."""

from __future__ import annotations

import sys
from typing import Final

import pyarrow.parquet as pq

from bench.measure import report, timed
from bench.twelve import Task, task_of
from bench.world import SCALES

_KEY: Final = ("sender", "reference", "recipient")
NEEDED: Final = {
    "documents": (
        *("sender", "reference", "document_uid", "document_row", "number", "notation", "issued_date", "doc_type"),
        *("subject", "signer_name", "signer_position", "urgency", "page_count", "recipients"),
    ),
    "files": ("document_row", "role", "sha256"),
    "signatures": ("document_row", "party"),
    "sends": (*_KEY, "axis_key", "business_type", "state", "sent_at", "state_at"),
    "receipts": (
        *(*_KEY, "axis_key", "business_type", "state", "changed_at", "arrived_at", "completed_at", "returned_at"),
        *("due_at", "needs_reply"),
    ),
    "statuses": ("to_org", "reference", "from_org", "status_code", "at", "description"),
}


def read(task: Task) -> int:
    """How many rows there are, all needed columns read."""
    return sum(
        pq.read_table(task.files[table].rsplit("/", 1)[0], columns=list(columns), partitioning=None).num_rows
        for table, columns in NEEDED.items()
    )


def main() -> None:
    """Read, and tell how long it took."""
    task = task_of(SCALES[sys.argv[1]])
    with timed() as taken:
        rows = read(task)
    report(taken, rows=rows)


if __name__ == "__main__":
    main()
