"""Options of the provinces in the tests."""

from __future__ import annotations

from audit.simulator import SimulationOptions

SMALL = SimulationOptions(seed=3, agencies=8, documents_per_day=14, history_weeks=0, lead_in_days=28)
