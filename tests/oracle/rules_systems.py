"""H — systems (rules.md section 2). A successor answers for no system of the ended agency (READING 53)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from . import normalise as n
from .build import World
from .member import About, Charge, Member

Probe = dict[str, Any]


def h1(world: World) -> Iterator[Member]:
    """system_outage. Member: "agency with probes in working time"; anchor: the run's start; extra = start."""
    for agency, probes in world.probes.items():
        in_period = [p for p in probes if world.happened_in_period(p["at"]) and world.calendar.in_working_time(p["at"])]
        if not any(world.registry.valid_on(agency, n.local_day(p["at"])) for p in in_period):
            continue
        charges = []
        for begins, ends in _runs(probes, world.as_of):
            in_scope = world.happened_in_period(begins) and world.registry.valid_on(agency, n.local_day(begins))
            # "lasting > [15 min] of working time"
            if in_scope and world.calendar.working_time(begins, ends) > timedelta(
                minutes=world.limit("outage_minutes")
            ):
                charges.append(Charge(About(), begins, n.stamp(begins)))
        yield Member(agency, charges)


def _runs(probes: list[Probe], as_of: datetime) -> Iterator[tuple[datetime, datetime]]:
    """ "a run of failed probes, from the first failed to the first good one (`as_of` if none) …, a gap of more than twice the
    interval (median distance of the agency's probes) ends the run at its last failed probe"."""
    distances = [later["at"] - earlier["at"] for earlier, later in pairwise(probes)]
    longest = 2 * median(distances) if distances else None
    begins = last = None
    for probe in probes:
        if begins is not None and last is not None and longest is not None and probe["at"] - last > longest:
            yield begins, last
            begins = last = None
        if probe["ok"]:
            if begins is not None:
                yield begins, probe["at"]
            begins = last = None
        else:
            begins, last = begins or probe["at"], probe["at"]
    if begins is not None and last is not None:
        # READING 54: from the last probe to `as_of` is a gap too
        yield begins, (last if longest is not None and as_of - last > longest else as_of)


def h2(world: World) -> Iterator[Member]:
    """missing_log. Member: "day of the period, ended at or before `as_of`, agency `pulled`"; extra = day."""
    for agency in world.registry.entries:
        # READING 55: an agency whose rows stand in another's log has no log of its own
        if not world.registry.flag(agency, "pulled") or world.registry.log_of(agency) != agency:
            continue
        on = world.start
        while on < world.end and n.end_of_day(on) <= world.as_of:
            if world.registry.valid_on(agency, on):
                yield _log_day(world, agency, on)
            on = n.next_day(on)


def _log_day(world: World, agency: str, on: date) -> Member:
    """ "a table of that day not complete, and at least one attempt failed at the agency (… ours → not decided)"."""
    entries = [world.coverage.entry(agency, on, table) for table in world.registry.tables(agency)]
    open_entries = [entry for entry in entries if entry is None or entry["state"] != "complete"]
    if not open_entries:
        return Member(agency)
    # READING 56: the attempt failed on a table that is not complete
    if any(entry is not None and entry.get("failed_at") == "agency" for entry in open_entries):
        return Member(agency, [Charge(About(), n.start_of_day(on), on.isoformat())])
    return Member(agency, decided=False)


def h3(world: World) -> Iterator[Member]:
    """expiring_certificate. Member: "endpoint probed in the period"; extra = host of the health URL."""
    for agency, probes in world.probes.items():
        in_period = [p for p in probes if world.happened_in_period(p["at"])]
        # READING 57: anchored at the last probe of the period
        if not in_period or not world.registry.valid_on(agency, n.local_day(in_period[-1]["at"])):
            continue
        told = [p["ends"] for p in probes if p["ends"] is not None]
        if not told:
            yield Member(agency, decided=False)
            continue
        # "at the last probe that tells a certificate, it ends within [30] days of `as_of`" (READING 58: any probe up to as_of)
        expiring = told[-1] <= world.as_of + timedelta(days=world.limit("certificate_days"))
        charge = Charge(About(), in_period[-1]["at"], _host(world, agency))
        yield Member(agency, [charge] if expiring else [])


def _host(world: World, agency: str) -> str:
    """ "`health_url` … default {base_url}/v1/health" (design.md section 4)."""
    source = world.registry.entries.get(agency, {}).get("source") or {}
    return urlsplit(source.get("health_url") or source.get("base_url") or "").hostname or ""


RULES = {"H1": h1, "H2": h2, "H3": h3}
