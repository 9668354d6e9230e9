"""`judge`, and what it found: `findings`, `measures`, `coverage`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from audit.command import Command, Context, ExitStatus, UsageError, add_engine, add_period

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)


TABLED = (
    *("code", "severity", "agency", "sender", "number", "notation", "issued_date", "recipient", "subject"),
    *("deadline_at", "delay_minutes", "extra", "state", "finding_id"),
)
"""Columns of a finding that fit a terminal; the other formats have all of them."""


def _add_reading(parser: argparse.ArgumentParser) -> None:
    add_period(parser)
    parser.add_argument("--agency", metavar="C", help="only this agency; any of its codes")
    parser.add_argument("--rule", metavar="R", help="only this rule; its id or code")
    parser.add_argument("--format", choices=("table", "jsonl", "csv"), default="table", help="form of the output")


def _add_judging(parser: argparse.ArgumentParser) -> None:
    add_period(parser)
    add_engine(parser)


def _add_states(parser: argparse.ArgumentParser) -> None:
    _add_reading(parser)
    text = "also those that were resolved in the period"
    parser.add_argument("--resolved", action="store_true", help=text)


def _judge(context: Context) -> ExitStatus:
    from audit.pipeline.gathering import coverage_of, has_gaps, within
    from audit.pipeline.judging import record

    period, workspace = context.period(), context.workspace
    with workspace.run("judge", context.given()) as run:
        told = record(workspace, run, period)
        gaps = has_gaps(within(coverage_of(workspace, period), period))
        run.exit_status = ExitStatus.GAPS if gaps else ExitStatus.DONE
    states = told.findings["state"].value_counts().sort_index()
    counts = ", ".join(f"{count} {state}" for state, count in states.items()) or "none"
    revision = told.revision.number if told.revision else 0
    print(f"{period.name()} as of the end of {period.last_seen}: findings {counts}; revision {revision}")
    return ExitStatus(run.exit_status)


def _findings(context: Context) -> ExitStatus:
    from audit.pipeline.judging import told
    from audit.pipeline.privacy import masked
    from audit.pipeline.reading import with_resolved

    period = context.period()
    findings = told(context.workspace, period).findings
    if context.arguments.resolved:
        findings = with_resolved(context.workspace, findings, period)
    if context.settings.audit.report.mask_signers:
        asked = context.arguments.agency
        findings = masked(findings, context.workspace.registry.canonical_code(asked) if asked else "")
    return _write(context, findings, TABLED)


def _measures(context: Context) -> ExitStatus:
    from audit.pipeline.judging import judged

    return _write(context, judged(context.workspace, context.period()).outcomes)


def _coverage(context: Context) -> ExitStatus:
    from audit.errors import LockedError
    from audit.pipeline.gathering import conform_days, coverage_of, within

    period, workspace = context.period(), context.workspace
    try:
        with workspace.locked("coverage"):
            conform_days(workspace)
    except LockedError as error:
        logger.warning("another run is going on (%s): rejects are counted as far as it is", error.holder)
    return _write(context, within(coverage_of(workspace, period), period))


def _write(context: Context, frame: pd.DataFrame, tabled: Sequence[str] | None = None) -> ExitStatus:
    """Write the rows of the asked agency and rule; a question about an agency or a rule that is none is a mistake."""
    from audit.output import write_frame
    from audit.rules import CATALOGUE

    arguments, registry = context.arguments, context.workspace.registry
    if arguments.agency:
        code = registry.canonical_code(arguments.agency)
        if code not in registry.codes:
            raise UsageError(f"--agency: {arguments.agency!r} is no agency of the registry")
        frame = frame[frame["agency"] == code]
    if arguments.rule:
        wanted = arguments.rule.casefold()
        rules = [rule.id for rule in CATALOGUE if wanted in (rule.id, rule.code.casefold())]
        if not rules:
            raise UsageError(f"--rule: {arguments.rule!r} is no rule; `rules` lists them")
        if "rule" not in frame:
            raise UsageError("--rule: coverage is of no rule")
        frame = frame[frame["rule"] == rules[0]]
    if tabled and arguments.format == "table":
        frame = frame[list(tabled)]
    write_frame(frame, arguments.format, sys.stdout)
    return ExitStatus.DONE


COMMANDS = (
    Command("judge", "judge a period and keep the result in the ledger", _judge, _add_judging),
    Command("findings", "the findings of a period, gravest first", _findings, _add_states),
    Command("measures", "what was tested in a period, by rule and agency", _measures, _add_reading),
    Command("coverage", "what is known of every agency, day and table of a period", _coverage, _add_reading),
)
