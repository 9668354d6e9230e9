"""Records of arrays: dataclasses whose fields have an element for each row."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record", bound="DataclassInstance")


def taken(record: Record, rows: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Record:
    """Some rows of a record of arrays, in their order; a scalar that is repeated stays one."""
    places = np.flatnonzero(rows) if rows.dtype == np.bool_ else np.asarray(rows, dtype=np.int64)
    return type(record)(*(_taken(getattr(record, field.name), places) for field in fields(record)))


def _taken(column: npt.NDArray[Any], places: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    is_repeated = column.strides == (0,) and len(column) > 0
    return np.broadcast_to(column[:1].reshape(()), len(places)) if is_repeated else column.take(places)
