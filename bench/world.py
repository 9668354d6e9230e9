"""The province of the bench: 120 agencies, three of which keep no log of sending; and what is told of their systems.

(150 where a day is pulled.)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from audit.registry import Registry
from audit.settings import Settings, load_settings
from audit.settings.agencies import AgenciesFile
from audit.tables import WIRE_TABLES
from audit.working_time import WorkingCalendar

AGENCIES: Final = 120
SILENT: Final = 3
"""The last of them: offices that keep an outgoing register only, and whose systems often fail (rule H2)."""
FIRST_DAY: Final = date(2024, 1, 2)
PROBE_HOURS: Final = 24

_LETTERS: Final = "BCDGHKLMNPQRSTVX"
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Scale:
    """How much there is.

    Attributes:
        name: What it is called, and the folder it is kept in.
        days: Working days on which documents are issued.
        documents: Documents a day; about twenty recipients each.
        agencies: How many there are, the silent ones included.
    """

    name: str
    days: int
    documents: int
    agencies: int = field(default=AGENCIES, repr=False)


DAY: Final = Scale("day", 1, 5_000)
WEEK: Final = Scale("week", 5, 5_000)
YEAR: Final = Scale("year", 250, 1_000)
SMALL: Final = Scale("small", 5, 400)
PULLED: Final = Scale("pulled", 1, 5_000, 150)
WHOLE: Final = Scale("whole", 4, 1_250, 150)
"""The week that the whole job is run for: four working days after the New Year."""
MONDAY: Final = FIRST_DAY - timedelta(days=FIRST_DAY.weekday())
SERVED_DAYS: Final = {PULLED.name: (FIRST_DAY,), WHOLE.name: tuple(MONDAY + timedelta(days=day) for day in range(7))}
"""The days that agencies' systems serve, by scale."""
SCALES: Final = {scale.name: scale for scale in (SMALL, DAY, WEEK, YEAR, PULLED, WHOLE)}


class World:
    """Settings, registry and calendar of the bench's province, and its days at one scale."""

    def __init__(self, scale: Scale) -> None:
        self.scale = scale
        shipped = load_settings()
        agencies = AgenciesFile.model_validate({"province": _PROVINCE, "agencies": _agencies(scale.agencies)})
        self.settings: Settings = shipped.model_copy(
            update={"province": agencies.province, "agencies": agencies.agencies}
        )
        self.registry = Registry(self.settings)
        self.calendar = WorkingCalendar(shipped.calendar)

    @property
    def senders(self) -> int:
        """How many agencies send and receive: the first ones of the registry."""
        return self.scale.agencies - SILENT

    @cached_property
    def working_days(self) -> np.ndarray:
        """The days on which documents are issued, as numbers."""
        days = np.arange(np.datetime64(FIRST_DAY, "D").astype(np.int64), np.datetime64("2025-06-30").astype(np.int64))
        return days[self.calendar.is_working_day(days)][: self.scale.days]

    @property
    def start(self) -> date:
        """The first day."""
        return FIRST_DAY

    @property
    def end(self) -> date:
        """The day after the last on which documents are issued: end of the period, and `as_of`."""
        return date(1970, 1, 1) + _DAY * (int(self.working_days[-1]) + 1)

    def coverage(self) -> pd.DataFrame:
        """Everything complete, but for some days of the silent offices, on which their systems failed."""
        days = pd.date_range(self.start, self.end - _DAY, unit="s")
        index = pd.MultiIndex.from_product([self.registry.codes, days, WIRE_TABLES], names=["agency", "day", "table"])
        frame = index.to_frame(index=False)
        agency = frame["agency"].map({code: place for place, code in enumerate(self.registry.codes)}).to_numpy()
        missing = self.failing(agency, frame["day"].to_numpy("datetime64[D]").astype(np.int64))
        missing &= (frame["table"] == "documents").to_numpy()
        silent = (agency >= self.senders) & (frame["table"] != "documents").to_numpy()
        state = np.where(silent, "not_due", np.where(missing, "missing", "complete"))
        return frame.assign(
            state=state,
            rows=0,
            rejects=0,
            pages=1,
            failed_at=pd.Series(np.where(missing, "agency", None), dtype="str"),
            reason=np.where(missing, "HTTP 503", ""),
        ).astype({"agency": "str", "table": "str", "state": "str", "reason": "str"})

    def failing(self, agency: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Which silent offices had no log on which day."""
        return (agency >= self.senders) & ((day * 31 + agency * 17) % 23 == 0)

    def probes(self) -> pd.DataFrame:
        """A probe an hour of every agency; one in two hundred fails."""
        rng = np.random.default_rng(20210204)
        at = pd.date_range(self.start, self.end, freq="h", unit="us", tz="Asia/Ho_Chi_Minh", inclusive="left")
        size = len(at) * self.scale.agencies
        ok = rng.random(size) > 0.005
        return pd.DataFrame(
            {
                "agency": pd.Series(np.repeat(np.array(self.registry.codes, dtype=object), len(at)), dtype="str"),
                "at": pd.concat([pd.Series(at.tz_convert("UTC"))] * self.scale.agencies, ignore_index=True),
                "ok": ok,
                "latency_ms": pd.Series(rng.integers(20, 400, size), dtype="Int64"),
                "http_status": pd.Series(np.where(ok, 200, 503), dtype="Int64"),
                "error": pd.Series(np.where(ok, "", "HTTP 503"), dtype="str"),
                "certificate_ends_at": pd.Series([pd.NaT] * size, dtype="datetime64[us, UTC]"),
            }
        )


def notation_part(place: int) -> str:
    """The organ part of an agency's notations."""
    return f"S{_LETTERS[place // len(_LETTERS)]}{_LETTERS[place % len(_LETTERS)]}"


_PROVINCE: Final = {"code": "H03", "name": "UBND tỉnh Bắc Kạn", "place": "Bắc Kạn"}


def _agencies(count: int) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = []
    for place in range(count):
        silent = place >= count - SILENT
        listed.append(
            {
                "code": f"H03.{place + 1:02d}",
                "name": f"Cơ quan số {place + 1}",
                "kind": "department" if place < 20 else "people_committee_commune",
                "notations": [notation_part(place)],
                "pulled": True,
                "register_whole": not silent and place % 3 == 0,
            }
            | ({"tables": ["documents"]} if silent else {})
        )
    return listed
