"""What stays in memory of texts that came over the wire."""

from __future__ import annotations

import pyarrow as pa

from audit import tables
from audit.tables import REMEMBERED_MOST, WORD, to_series


def test_texts_of_strangers_do_not_fill_the_memory() -> None:
    """Found by fuzzing: the types of all categories that ever came were kept for good."""
    field = pa.field("state", WORD)
    for number in range(REMEMBERED_MOST + 50):
        column = pa.chunked_array([pa.array([f"done {number}"]).dictionary_encode()])
        assert to_series(column, field).tolist() == [f"done {number}"]
    assert tables._remembered.cache_info().currsize == REMEMBERED_MOST
