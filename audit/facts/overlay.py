"""A table of the log in which some rows say something else than the files do: those that several sources make."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray
from pandas.api.types import union_categoricals

from audit.facts.arrays import Ints
from audit.log_table import LogTable

AS_IT_IS = -1


class OverlaidTable(LogTable):
    """Rows of `base`, some of which are rows of `frame` instead.

    Args:
        base: The rows as they stand in the log.
        over: For each of them its row in `frame`, `AS_IT_IS` for those that stay.
        frame: All columns of the table.
    """

    def __init__(self, base: LogTable, over: Ints, frame: pd.DataFrame) -> None:
        super().__init__(base.name, {}, len(base), None)
        self._base, self._over, self._frame = base, over, frame

    def __getitem__(self, column: str) -> pd.Series:
        return patched(self._base[column], self._over, self._frame[column])

    def arrays(self, columns: Sequence[str], rows: Ints) -> dict[str, ExtensionArray]:
        """As `LogTable.arrays`."""
        found, over = self._base.some(columns, rows), self._over[rows]
        return {name: patched(found[name], over, self._frame[name]).array for name in columns}

    def take(self, rows: Ints) -> LogTable:
        """As `LogTable.take`."""
        return OverlaidTable(self._base.take(rows), self._over[rows], self._frame)


def patched(column: pd.Series, over: Ints, frame: pd.Series) -> pd.Series:
    """The column, with rows of `frame` where `over` says so; of the same type."""
    if (over == AS_IT_IS).all():
        return column
    places = np.where(over == AS_IT_IS, np.arange(len(column)), len(column) + over)
    if isinstance(column.dtype, pd.CategoricalDtype):
        both = pd.Series(union_categoricals([column.array, frame.array]))
    else:
        both = pd.concat([column, frame], ignore_index=True).astype(column.dtype)
    return both.take(places).reset_index(drop=True)
