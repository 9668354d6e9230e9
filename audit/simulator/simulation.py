"""Makes a province: `simulate`."""

from __future__ import annotations

from datetime import timedelta

from audit.settings import Settings, load_settings
from audit.simulator.clock import Clock
from audit.simulator.delivery import Postman
from audit.simulator.dice import Dice
from audit.simulator.numbering import Numbering
from audit.simulator.offices import UNPULLED, offices, registry_agencies, signers_register
from audit.simulator.options import SimulationOptions
from audit.simulator.plants import plant_everything
from audit.simulator.plants.papers import plant_papers
from audit.simulator.province import Province
from audit.simulator.traffic import Drafter, days_between
from audit.simulator.workshop import Workshop
from audit.working_time import WorkingCalendar, day_number


def simulate(options: SimulationOptions | None = None, settings: Settings | None = None) -> Province:
    """A province whose traffic is compliant but for what was planted, and whose truth is therefore known.

    Args:
        options: What to simulate; None: the demonstration, the week of letter 814.
        settings: Whose calendar, agencies and topics to use; None: the shipped configuration.
    """
    options = options or SimulationOptions()
    settings = settings or load_settings(None)
    rng = Dice(options.seed)
    agencies = registry_agencies(settings.agencies, options)
    known = offices(agencies, options, rng)
    clock = Clock(WorkingCalendar(settings.calendar), options.first_day, options.end)
    drafter = Drafter(options, known, clock, rng)
    postman = Postman(known, clock, rng)
    # what is signed on the last day may be sent after it; those rows lie beyond the logs
    last = options.end if options.running_hour is None else options.end + timedelta(days=1)
    drafted = [document for day in days_between(options.first_day, last) for document in drafter.day(day)]
    workshop = Workshop(options, known, clock, rng, drafter, postman)
    drafted += workshop.letter_814()
    drafted.sort(key=lambda document: document.registered_at)
    Numbering(known, clock, day_number(options.first_day), rng).number(drafted)
    for document in drafted:
        postman.deliver(document)
    province = Province(options, agencies, known, drafted)
    if options.unpulled and UNPULLED in known and options.agencies > 5:
        province.unpulled = (UNPULLED,)
    province.signers, workshop.former = signers_register(known, options, rng)
    workshop.registered = set(workshop.former) if options.plant else set()
    plant_everything(province, workshop)
    plant_papers(province, workshop)
    province.build_index()
    return province
