"""The logs of a random province: rows come again on each day on which they changed; days are lost; lines are shuffled."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from . import normalise as n
from .calendar import Calendar
from .registry import TABLES, Registry
from .wire_noise import Noise, Row

# fields of a row that happen at an instant: on an earlier log day they are not there yet
HAPPENING = {
    "sends": ("state_at",),
    "receipts": ("state_at", "registered_at", "forwarded_at", "completed_at", "returned_at"),
    "documents": (),
    "statuses": (),
}


@dataclass
class Logs:
    """Takes the rows of a story and lays them into daily logs."""

    rng: random.Random
    registry: Registry
    calendar: Calendar
    noise: Noise
    first: date
    last: date  # included
    tidy: bool  # full coverage and few odd versions
    rows: dict[tuple[str, date, str], list[Row]] = field(default_factory=lambda: defaultdict(list))
    certain: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def days(self) -> list[date]:
        """All days of the logs."""
        return [self.first + timedelta(days=i) for i in range((self.last - self.first).days + 1)]

    def emit(self, agency: str, table: str, row: Row, born: datetime) -> None:
        """Writes a row into the agency's log of the day it was born, and of each day on which it changed."""
        instants = [row[name] for name in HAPPENING[table] if isinstance(row.get(name), datetime)]
        days = sorted({n.local_day(at) for at in (born, *instants) if at >= born})
        if not self.tidy and self.rng.random() < 0.04:
            days = [on + timedelta(days=1) for on in days]  # the system wrote it a day late
        dated = self.rng.random() < 0.5
        for on in days:
            version = self._as_it_stood(table, row, on)
            if dated:
                version["changed_at"] = max(at for at in (born, *instants) if n.local_day(at) <= on or at == born)
            self._write(agency, on, table, version)
        if not self.tidy:
            self._odd_version(agency, table, row, days[-1])

    def _as_it_stood(self, table: str, row: Row, on: date) -> Row:
        version = dict(row)
        for name in HAPPENING[table]:
            if isinstance(row.get(name), datetime) and n.local_day(row[name]) > on:
                version[name] = None
                if name == "state_at":
                    version["state"] = self.rng.choice(["processing", "initial", None])
        return version

    def _odd_version(self, agency: str, table: str, row: Row, after: date) -> None:
        """A stale version that comes late, a withdrawal, a withdrawal withdrawn."""
        later = after + timedelta(days=self.rng.choice([0, 1, 2]))
        chance = self.rng.random()
        if chance < 0.02:
            stale = {**row, "changed_at": n.start_of_day(after - timedelta(days=9)), "state": "fail"}
            self._write(agency, later, table, stale)
        elif chance < 0.035:
            self._write(agency, later, table, {**row, "deleted": True})
        elif chance < 0.045:
            self._write(agency, later, table, {**row, "deleted": True})
            self._write(agency, later, table, dict(row))

    def _write(self, agency: str, on: date, table: str, row: Row) -> None:
        owner = self.registry.log_of(self.registry.answering(agency, on) or agency)
        if self.first <= on <= self.last and self.registry.keeps(owner, table) and self.registry.keeps(agency, table):
            self.rows[owner, on, table].append(self.noise.spell(row))

    def coverage(self) -> list[dict[str, Any]]:
        """Coverage of every log day; rows of lost days are taken out of the logs."""
        entries = []
        for agency in self.registry.entries:
            if not self.registry.flag(agency, "pulled") or self.registry.log_of(agency) != agency:
                continue
            for on in self.days():
                whole_day_lost = not self.tidy and self.rng.random() < 0.03
                for table in self.registry.tables(agency):
                    state = "complete"
                    if whole_day_lost or (not self.tidy and self.rng.random() < 0.01):
                        state = self.rng.choice(["missing", "partial", "absent"])
                    entries += self._entry(agency, on, table, state)
        return entries

    def _entry(self, agency: str, on: date, table: str, state: str) -> list[dict[str, Any]]:
        kept = {"complete": 1.0, "partial": 0.5}.get(state, 0.0)
        rows = self.rows.get((agency, on, table), [])
        self.rows[agency, on, table] = [row for row in rows if self.rng.random() < kept]
        if state == "absent":
            return []
        failed_at = None if state == "complete" else self.rng.choice(["agency", "agency", "ours", None])
        return [{"agency": agency, "day": on.isoformat(), "table": table, "state": state, "failed_at": failed_at}]

    def pages(self) -> list[dict[str, Any]]:
        """The logs as a case has them, lines in any order."""
        found = []
        for (agency, on, table), rows in self.rows.items():
            if rows:
                self.rng.shuffle(rows)
                found.append({"agency": agency, "day": on.isoformat(), "table": table, "rows": rows})
        order = [TABLES.index(log["table"]) for log in found]
        return [log for _, log in sorted(zip(order, found, strict=True), key=lambda one: (one[1]["day"], one[0]))]
