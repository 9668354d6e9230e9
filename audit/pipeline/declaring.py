"""The hub's statistics: taken over from a file, and laid beside what the logs themselves count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from audit.declared import DeclaredCounts
from audit.period import Period
from audit.pipeline.workspace import Run, Workspace
from audit.sources.register_file.statistics import read_statistics
from reports.inputs import DeclaredInfo

_OWN = {"sent": "documents_sent", "received": "documents_received"}
"""What the log counts of the same, by counter."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What was taken over.

    Attributes:
        agencies: how many agencies the file tells of.
        strangers: organs that are no agency of the registry.
        rejects: line and why it could not be read.
    """

    agencies: int
    strangers: tuple[str, ...]
    rejects: tuple[tuple[int, str], ...]


def import_statistics(workspace: Workspace, run: Run, path: Path, first: date, last: date) -> Declared:
    """Keep what a statistics export says of the local days `first` to `last`, both included.

    Raises:
        OSError: the file cannot be read.
        UnreadableFileError: it is no such export.
    """
    body = path.read_bytes()
    told = read_statistics(body)
    counts: dict[str, dict[str, int]] = {}
    strangers = []
    for organ in told.organs:
        code = workspace.registry.canonical_code(organ.organ)
        if code not in workspace.registry.codes:
            strangers.append(organ.organ)
            continue
        mine = counts.setdefault(code, {})
        for name, count in organ.counts.items():
            mine[name] = mine.get(name, 0) + count
    DeclaredCounts(workspace.declared_folder).keep(body, counts, first, last)
    run.counts["declared_agencies"] = len(counts)
    return Declared(len(counts), tuple(strangers), told.rejects)


def declared_infos(workspace: Workspace, indicators: pd.DataFrame, period: Period) -> tuple[DeclaredInfo, ...]:
    """What the hub declares of the period beside what the logs count; of agencies of which it declares anything."""
    told = DeclaredCounts(workspace.declared_folder).of_period(period.start, period.end)
    mine = indicators[indicators["indicator"].isin(_OWN.values()) & indicators["value"].notna()]
    keys = zip(mine["agency"].astype(str), mine["indicator"].astype(str), strict=True)
    own = dict(zip(keys, mine["value"].astype("int64").tolist(), strict=True))
    return tuple(_info(code, told[code], own) for code in workspace.registry.codes if code in told)


def _info(code: str, counts: Mapping[str, int], own: Mapping[tuple[str, str], int]) -> DeclaredInfo:
    return DeclaredInfo(
        agency=code,
        sent=counts.get("sent"),
        received=counts.get("received"),
        signed=counts.get("signed"),
        not_signed=counts.get("not_signed"),
        own_sent=own.get((code, _OWN["sent"])),
        own_received=own.get((code, _OWN["received"])),
    )
