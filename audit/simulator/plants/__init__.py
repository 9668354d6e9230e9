"""What is planted: one function a breach (or near miss), in files by group of rules.

A `Plant` says how many of its kind a dense week gets; `plant_everything` goes through the weeks. A plant takes a
document or pair from the workshop, changes what happened, and notes every finding that follows, of whatever rule.
"""

from __future__ import annotations

from audit.simulator.plants import answering, forms, numbers, recalling, receiving, sending, signing, systems
from audit.simulator.plants.plant import Plant
from audit.simulator.province import Province
from audit.simulator.workshop import Window, Workshop

BACKGROUND = 0.12
"""Share of a dense week's breaches that an ordinary week has."""

PLANTS: tuple[Plant, ...] = (
    *forms.PLANTS,
    *signing.PLANTS,
    *sending.PLANTS,
    *recalling.PLANTS,
    *answering.PLANTS,
    *receiving.PLANTS,
)


def plant_everything(province: Province, workshop: Workshop) -> None:
    """Plants into every week, and notes truth and near misses in the province."""
    systems.break_logs(province, workshop)
    workshop.open(province)
    systems.probe(province, workshop)
    if province.options.plant:
        for plants in (numbers.PLANTS, PLANTS):  # numbers first: whatever else is noted bears them
            for window in workshop.windows():
                for plant in plants:
                    for _ in range(_count(plant, window, workshop)):
                        plant.make(workshop, window)
        for running in workshop.running_day():
            for plant in sending.PLANTS:
                plant.make(workshop, running)
    province.truth += workshop.truth
    province.near_misses += workshop.near_misses


def _count(plant: Plant, window: Window, workshop: Workshop) -> int:
    """How many: in proportion to the traffic, at least one in a dense week."""
    wanted = plant.per_week * min(4.0, workshop.options.documents_per_day / 60)
    if window.dense:
        return max(1, round(wanted))
    wanted *= BACKGROUND
    return int(wanted) + (workshop.rng.random() < wanted % 1)
