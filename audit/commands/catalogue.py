"""`rules` and `check-config`: what would be judged, and whether the settings are right."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from audit.command import Command, Context, ExitStatus

if TYPE_CHECKING:
    import pandas as pd


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("table", "jsonl", "csv"), default="table", help="form of the output")


def _rules(context: Context) -> ExitStatus:
    from audit.output import write_frame

    write_frame(_catalogue(context), context.arguments.format, sys.stdout)
    return ExitStatus.DONE


def _catalogue(context: Context) -> pd.DataFrame:
    """One row a rule: code, id, title, severity, enabled, kind (law, policy or both), basis (citations in force today).

    In `basis` each citation that is policy says so.
    """
    import pandas as pd

    from audit.law import LawBook
    from audit.rules import CATALOGUE

    settings = context.settings
    book = LawBook(settings.law, settings.policy)
    rows = []
    for rule in CATALOGUE:
        citations = book.citations(rule.id, context.today)
        configured = settings.policy.rules.get(rule.id)
        rows.append({
            "code": rule.code,
            "rule": rule.id,
            "title": settings.labels.rules[rule.id].title,
            "severity": (configured and configured.severity) or rule.severity.text,
            "enabled": configured is None or configured.enabled,
            "kind": ", ".join(sorted({each.basis for each in citations})),
            "basis": "; ".join(f"{each.text}{' [policy]' * (each.basis == 'policy')}" for each in citations),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _check_config(context: Context) -> ExitStatus:
    from audit.working_time import WorkingCalendar

    settings = context.settings
    WorkingCalendar(settings.calendar)  # refuses a time zone that it cannot reckon in
    pulled = sum(agency.source is not None for agency in settings.agencies)
    print(
        f"The settings are right: {len(settings.agencies)} agencies, {pulled} of them with a source. {settings.digest}"
    )
    return ExitStatus.DONE


COMMANDS = (
    Command("rules", "list the rules: code, id, title, severity, law or policy, basis", _rules, _add_format),
    Command(
        "check-config",
        "check the settings; every mistake is told with its file, key, value and what is allowed",
        _check_config,
    ),
)
