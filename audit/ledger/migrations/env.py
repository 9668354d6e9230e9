"""Alembic's entry: runs the steps on the connection that `audit.ledger.database` passes.

There is no alembic.ini: the address of the database is the settings' business. To write a new step after a change of
`schema.py`: `python -m audit.ledger.new_migration "what changes"`.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from audit.ledger.schema import UtcInstant, metadata


def _render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """A step stands on its own: it names the database's types, not ours."""
    return "sa.DateTime()" if kind == "type" and isinstance(item, UtcInstant) else False


connection = context.config.attributes["connection"]
# SQLite changes a table only by copying it: batch mode does that, and is plain ALTER TABLE on PostgreSQL.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, render_item=_render_item)
with context.begin_transaction():
    context.run_migrations()
