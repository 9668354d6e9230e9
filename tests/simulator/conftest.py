"""Provinces that several tests look at; nobody changes them."""

from __future__ import annotations

import pytest

from audit.simulator import Province, SimulationOptions, simulate
from tests.simulator.provinces import SMALL


@pytest.fixture(scope="session")
def demo() -> Province:
    """The demonstration's province."""
    return simulate()


@pytest.fixture(scope="session")
def small() -> Province:
    """A province of eight agencies and five weeks."""
    return simulate(SMALL)


@pytest.fixture(scope="session")
def running() -> Province:
    """Eight agencies on their running day at eleven o'clock."""
    return simulate(
        SimulationOptions(seed=7, agencies=8, documents_per_day=40, lead_in_days=7, history_weeks=0, running_hour=11)
    )
