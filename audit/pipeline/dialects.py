"""What the dialects of a simulated province change: the same past, judged from the plain logs, narrowed to what each
dialect can tell, beside what was pulled in the dialects.

The judge, the settings, the coverage and the probes are the same; only the way of the rows differs: these go straight
into a log of their own, those were written as messages, lists and registers, fetched, and read again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from audit.conform import Origin, PageItems, conform
from audit.engine import Judgement, judge
from audit.log import Log
from audit.normalise import Normaliser
from audit.period import Period
from audit.pipeline.judging import judge_inputs
from audit.pipeline.workspace import Workspace
from audit.simulator import Province, Truth
from audit.simulator.dialects import Dialect
from audit.simulator.dialects.plain import narrowed_logs
from audit.trial import untold_rules

_NO_PAGE = "0" * 64


def judged_plainly(
    workspace: Workspace, province: Province, dialects: Mapping[str, Dialect], period: Period, folder: Path
) -> Judgement:
    """The judgement of the narrowed plain logs.

    Args:
        workspace: Its settings, coverage and probes are those of the run over the dialects.
        province: The past.
        dialects: What each agency speaks.
        period: What is judged.
        folder: Where the plain log goes.
    """
    log = Log(folder)
    normaliser = Normaliser(workspace.settings.policy.placeholders.values)
    logs = sorted(narrowed_logs(province, dialects), key=lambda entry: (entry[1], entry[0]))
    for day, entries in groupby(logs, key=lambda entry: entry[1]):
        with log.writing(day) as writer:
            for agency, _, table, rows in entries:
                items = PageItems(_NO_PAGE, 1, json.dumps(rows).encode())
                made = conform(table, [items], Origin(agency, day), workspace.registry, normaliser)
                writer.add({**made.tables, "rejects": made.rejects})
    inputs = replace(judge_inputs(workspace, period), log=log)
    return judge(inputs, period.start, period.end, period.as_of)


def untold(workspace: Workspace, dialects: Mapping[str, Dialect], planted: Iterable[Truth]) -> list[Truth]:
    """Those of the planted findings that need more than the dialects of who took part can tell.

    That is so where the blamed agency's dialect cannot tell the rule or tells it by fewer facts, or where the other
    side, whose log the rule looks at too, speaks anything but the plain interface.
    """
    registry = workspace.registry
    found = []
    for truth in planted:
        agency = registry.agency(truth.agency)
        limited = agency.tells.limited_rules.union(untold_rules(agency, [truth.rule]))
        others = {truth.sender, truth.recipient} - {truth.agency, ""}
        if truth.rule in limited or any(dialects.get(other, "log_api") != "log_api" for other in others):
            found.append(truth)
    return found
