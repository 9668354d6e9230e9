"""The twelve rules that the references know, and what they are handed: files, days, calendar, coverage.

The references are what a specialist would write who knows this log: they use its integer keys, and leave out what the
bench's data do not hold (updates and requests 13, unknown agencies, gaps in the logs that matter, versions of other
tables than receipts). The judge does all of that, and names each finding with its evidence, where they only count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from audit.catalogue import RULE_ID_OF
from audit.settings import Settings
from audit.settings.policy import RuleSettings
from audit.tables import LOG_TABLES
from bench.data import log_of
from bench.world import Scale, World

TWELVE: Final = ("G1", "G2", "N2", "N3", "N5", "K1", "K2", "T1", "T2", "L1", "L2", "H2")
IDS: Final = (
    *("failed_send", "undelivered", "unanswered_receipt", "late_acknowledgement", "backlog", "unsigned"),
    *("missing_signing_party", "missing_information", "malformed_notation", "duplicate_send", "number_reused"),
    "missing_log",
)


@dataclass(frozen=True, slots=True)
class Task:
    """What a reference is handed.

    Attributes:
        files: glob of each table's Parquet files.
        start, end: the period in microseconds since 1970; it is seen from its end.
        end_day: the first local day that is not seen.
        calendar: day, effective (itself, else the next working day), next (the working day after), tenth (the tenth
            working day after), closes (end of the afternoon, microseconds), all as numbers.
        coverage: agency, day, table, state, failed_at.
        kinds: doc_type and its abbreviation, `""` where it has none.
    """

    files: dict[str, str]
    start: int
    end: int
    end_day: int
    calendar: pd.DataFrame
    coverage: pd.DataFrame
    kinds: pd.DataFrame


def task_of(scale: Scale) -> Task:
    """The task of one scale."""
    world, log = World(scale), log_of(scale)
    days = np.arange(world.working_days[0] - 1, world.working_days[-1] + 15)
    calendar = world.calendar
    working, after = calendar.is_working_day(days), calendar.next_working_day(days)
    effective = np.where(working, days, after)
    types = world.settings.document_types
    kinds = {name: abbreviation for abbreviation, name in types.kinds.items()}
    kinds |= dict.fromkeys(types.without_abbreviation.kinds, "")
    first, last = np.array([world.working_days[0]]), np.array([world.working_days[-1] + 1])
    return Task(
        files={table: str(log.root / table / "*.parquet") for table in LOG_TABLES},
        start=int(calendar.start_of_day(first)[0]),
        end=int(calendar.start_of_day(last)[0]),
        end_day=int(last[0]),
        calendar=pd.DataFrame(
            {
                "day": days,
                "effective": effective,
                "next": after,
                "tenth": calendar.working_day_after(effective, world.settings.policy.limits.backlog_working_days),
                "closes": calendar.end_of_afternoon(days),
            }
        ),
        coverage=world.coverage()[["agency", "day", "table", "state", "failed_at"]],
        kinds=pd.DataFrame({"doc_type": list(kinds), "abbreviation": list(kinds.values())}),
    )


def only_twelve(settings: Settings) -> Settings:
    """The settings with every other rule switched off."""
    off = {rule: RuleSettings(enabled=False) for rule in RULE_ID_OF.values() if rule not in IDS}
    policy = settings.policy.model_copy(update={"rules": {**settings.policy.rules, **off}})
    return settings.model_copy(update={"policy": policy})
