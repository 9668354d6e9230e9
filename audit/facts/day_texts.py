"""Days and instants as they stand in a finding's detail."""

from __future__ import annotations

import numpy as np

from audit.working_time import NAT, NO_DAY, date_of


def day_text(day: int) -> str | None:
    """`2021-02-04`; None for a missing day."""
    return None if day == NO_DAY else date_of(int(day)).isoformat()


def instant_text(at: int) -> str | None:
    """UTC, `2021-02-04T08:20:11Z`; None for a missing instant."""
    return None if at == NAT else f"{np.datetime64(int(at), 'us').astype('datetime64[s]')}Z"
