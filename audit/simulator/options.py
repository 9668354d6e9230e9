"""What province to simulate: `SimulationOptions`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationOptions:
    """Everything that decides what happens; equal options give equal provinces, to the byte.

    The logs hold the local days `first_day` … `end` − 1: thin history, then full traffic for `lead_in_days` before
    `start`, then the period itself.
    """

    seed: int = 814
    start: date = date(2021, 2, 1)
    """First day of the period; breaches are planted densely from here."""
    end: date = date(2021, 2, 8)
    """The day after the last closed day."""
    agencies: int = 34
    """How many of the registry, in its order, up to 34; from 35 to 150 invented communes join."""
    documents_per_day: int = 60
    """Documents of a working day, electronic ones, of all agencies together."""
    mean_recipients: float = 11.4
    """Mean number of recipients of a document."""
    lead_in_days: int = 14
    """Days of full traffic before `start`."""
    history_weeks: int = 9
    """Weeks of thinner traffic before the lead-in, for trends."""
    history_share: float = 0.3
    """Traffic of the history, as a share of `documents_per_day`."""
    plant: bool = True
    """Whether breaches and near misses are planted; without, the province is compliant."""
    traps: bool = True
    """Whether logs are written in the many ways real systems write them: old codes, odd dashes, decomposed text."""
    outage: bool = True
    """Whether one agency's log service fails for one whole day (503)."""
    partial: bool = True
    """Whether one agency's pages go in circles for one table and day."""
    unpulled: bool = True
    """Whether one agency has no log service at all (``pulled = false``)."""
    flags: bool = True
    """Whether some systems cannot tell of forwarding, completion or signatures."""
    file_agencies: int = 0
    """How many agencies let the audit fetch the files of the period's documents, which are real signed PDFs then."""
    probe_minutes: int = 10
    """Distance of the availability probes during office hours; 0: none."""
    running_hour: int | None = None
    """The hour that it is on the running day, which is `end`: that day's logs are served too, ``"closed": false``."""

    @property
    def full_from(self) -> date:
        """First day of full traffic."""
        return self.start - timedelta(days=self.lead_in_days)

    @property
    def first_day(self) -> date:
        """First day of the logs."""
        return self.full_from - timedelta(weeks=self.history_weeks)

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError(f"a period from {self.start} to {self.end} holds no day")
        if self.running_hour is not None and not 0 <= self.running_hour <= 24:
            raise ValueError(f"{self.running_hour} is no hour of a day")
        if not 3 <= self.agencies <= 150:
            raise ValueError(f"{self.agencies} agencies: from 3 to 150 can be simulated")


def bench_options(day: date = date(2021, 2, 4), seed: int = 814) -> SimulationOptions:
    """A big province's working day: 150 agencies, 5 000 documents, about 100 000 pairs; nothing planted."""
    return SimulationOptions(
        seed=seed,
        start=day,
        end=day + timedelta(days=1),
        agencies=150,
        documents_per_day=5000,
        mean_recipients=20.0,
        lead_in_days=0,
        history_weeks=0,
        plant=False,
        outage=False,
        partial=False,
        probe_minutes=0,
    )
