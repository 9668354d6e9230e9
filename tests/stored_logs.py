"""Random provinces as logs on disk, whole or growing night by night."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from audit.carried_log import CarriedLogs, Judging
from audit.conform import Origin, PageItems, conform
from audit.engine import JudgeInputs
from audit.facts import Facts
from audit.log import Log
from audit.normalise import Normaliser
from audit.working_time import date_of
from tests.agreement import facts_of
from tests.oracle import Case


def night_by_night(case: Case) -> tuple[Facts, dict[date, list[tuple[int, dict[str, Any]]]]]:
    """What a case is judged by, and its pages by the day that they are of."""
    facts = facts_of(case)
    pages: dict[date, list[tuple[int, dict[str, Any]]]] = defaultdict(list)
    for number, page in enumerate(case.logs, start=1):
        pages[date.fromisoformat(page["day"])].append((number, page))
    return facts, dict(sorted(pages.items()))


def write_day(log: Log, facts: Facts, day: date, pages: Sequence[tuple[int, dict[str, Any]]]) -> None:
    """One day of the log."""
    normaliser = Normaliser(facts.policy.placeholders.values)
    found = defaultdict(list)
    for number, page in pages:
        items = json.dumps(page["rows"], ensure_ascii=False, default=str).encode()
        agency = facts.registry.canonical_code(page["agency"])
        found[agency, page["table"]].append(PageItems(f"{number:064x}", number, items))
    with log.writing(day) as writer:
        for (agency, table), items in sorted(found.items()):
            writer.add(conform(table, items, Origin(agency, day), facts.registry, normaliser).tables)


def carried_logs(root: Path, log: Log, facts: Facts, basis: str = "settings") -> CarriedLogs:
    """What is carried on of a log."""
    return CarriedLogs(root, log, Judging(facts.registry, facts.calendar, facts.policy.limits, basis))


def stored(root: Path, case: Case) -> tuple[JudgeInputs, tuple[date, date, date]]:
    """A case's log on disk with what it is judged by; and start, end, as_of."""
    facts, pages = night_by_night(case)
    log = Log(root)
    for day, of_day in pages.items():
        write_day(log, facts, day, of_day)
    period = facts.period
    start, end, as_of = (date_of(day) for day in (period.start_day, period.end_day, period.as_of_day))
    return inputs_of(facts, log), (start, end, as_of)


def judged_by(inputs: JudgeInputs, **judge: Any) -> JudgeInputs:
    """The same inputs with other values under ``[judge]``."""
    audit = inputs.settings.audit
    changed = audit.model_copy(update={"judge": audit.judge.model_copy(update=judge)})
    return replace(inputs, settings=inputs.settings.model_copy(update={"audit": changed}))


def inputs_of(facts: Facts, log: Log) -> JudgeInputs:
    """The facts' settings, coverage and probes, with another log."""
    frames = facts.frames
    return JudgeInputs(facts.settings, facts.registry, facts.calendar, log, frames.coverage, frames.probes)
