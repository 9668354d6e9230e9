"""`pull` and `rebuild`: pages into the evidence, evidence into the log."""

from __future__ import annotations

import argparse
from pathlib import Path

from audit.command import DAY_OPTION, Command, Context, ExitStatus, UsageError, add_period


def _add_pull(parser: argparse.ArgumentParser) -> None:
    add_period(parser)
    parser.add_argument("--agency", metavar="C", action="append", help="only this agency; may be given several times")
    parser.add_argument("--refresh", action="store_true", help="ask again for what is complete, too")
    text = "read recorded pages (try-source --record) instead of asking; best with a --data folder of its own"
    parser.add_argument("--replay", metavar="FOLDER", type=Path, help=text)


def _add_rebuild(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="first_day", metavar="D", type=DAY_OPTION, help="first local day (default: all)")
    parser.add_argument("--to", dest="last_day", metavar="D", type=DAY_OPTION, help="last local day (default: all)")


def _pull(context: Context) -> ExitStatus:
    from audit.pipeline.gathering import conform_days, coverage_of, has_gaps, pull_days, within
    from audit.pull import PullOptions

    period, workspace, arguments = context.period(), context.workspace, context.arguments
    agencies = _codes(context)
    if arguments.replay is not None and not arguments.replay.is_dir():
        raise UsageError(f"--replay: {arguments.replay} is no folder")
    with workspace.run("pull", context.given()) as run:
        how = PullOptions(refresh=arguments.refresh, replay=arguments.replay)
        report = pull_days(workspace, run, period.days(), agencies, how)
        conform_days(workspace, run)
        known = within(coverage_of(workspace, period), period)
        workspace.ledger.record_coverage(known, run.run_id)
        asked = known if agencies is None else known[known["agency"].isin(agencies)]
        run.exit_status = ExitStatus.GAPS if has_gaps(asked) or not report.is_complete else ExitStatus.DONE
    states = asked["state"].value_counts().sort_index()
    print(
        f"{period.name()}: {', '.join(f'{count} {state}' for state, count in states.items())} (agency, day and table)"
    )
    return ExitStatus(run.exit_status)


def _rebuild(context: Context) -> ExitStatus:
    from audit.pipeline.gathering import rebuild_days

    arguments, workspace = context.arguments, context.workspace
    first, last = arguments.first_day, arguments.last_day
    if first and last and last < first:
        raise UsageError(f"--to: {last} is before {first}")
    days = [day for day in workspace.evidence.days() if (not first or first <= day) and (not last or day <= last)]
    with workspace.run("rebuild", context.given()) as run:
        reports = rebuild_days(workspace, run, days)
        run.exit_status = ExitStatus.DONE
    rows, rejects = sum(report.rows for report in reports), sum(report.rejects for report in reports)
    print(f"{len(reports)} days made again from the evidence: {rows} rows received, {rejects} of them rejects")
    return ExitStatus.DONE


def _codes(context: Context) -> list[str] | None:
    if not context.arguments.agency:
        return None
    registry = context.workspace.registry
    codes = [registry.canonical_code(code) for code in context.arguments.agency]
    unknown = [given for given, code in zip(context.arguments.agency, codes, strict=True) if code not in registry.codes]
    if unknown:
        raise UsageError(f"--agency: {unknown[0]!r} is no agency of the registry")
    return codes


COMMANDS = (
    Command("pull", "pull the logs of a period into the evidence and the log", _pull, _add_pull),
    Command("rebuild", "make the log again from the evidence alone", _rebuild, _add_rebuild),
)
