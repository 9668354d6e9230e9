"""What a plant is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from audit.simulator.workshop import Window, Workshop


@dataclass(frozen=True, slots=True)
class Plant:
    """A kind of breach or near miss: `make` plants one into a week, or nothing where the week offers no victim."""

    make: Callable[[Workshop, Window], None]
    per_week: float
    """How many in a dense week of 60 documents a day."""
