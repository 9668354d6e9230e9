"""`status`: how the deployment stands, for people and for monitors."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from audit.command import Command, Context, ExitStatus


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text", help="form of the output")
    text = "also write it for node_exporter's textfile collector"
    parser.add_argument("--textfile", metavar="FILE", type=Path, help=text)


def _status(context: Context) -> ExitStatus:
    """0: all is well; 1: something needs a look, and the output says what."""
    from audit.output import plain_value
    from audit.pipeline.standing import standing
    from audit.prometheus import write_textfile

    told = standing(context.workspace, context.today)
    told.pop("found")
    if context.arguments.textfile:
        write_textfile(context.arguments.textfile, told, datetime.now(UTC))
    if context.arguments.format == "json":
        print(json.dumps(plain_value(told), ensure_ascii=False))
    else:
        print("\n".join(_lines(plain_value(told))))
    return ExitStatus.GAPS if told["troubles"] else ExitStatus.DONE


def _lines(told: dict[str, Any]) -> list[str]:
    disk, database = told["disk"], told["database"]
    return [
        f"State: {'; '.join(told['troubles']) or 'all is well'}",
        f"Running: {told['running'] or 'nothing'}",
        f"Database: {database['state']} ({database['place']})",
        f"Disk: {disk['free_bytes'] / 2**30:.1f} of {disk['total_bytes'] / 2**30:.1f} GiB free",
        f"Coverage (agency, day and table, last four weeks): {_counts(told['coverage'])}",
        f"Deliveries waiting: {_counts(told['queue'])}",
        *(f"In doubt: {_doubt(one)}" for one in told["in_doubt"]),
        f"Alerts waiting: {_counts(told['alerts'])}",
        f"Service: {_alive(told['heartbeat'])}",
        *(f"Last {name} done: {_done(last)}" for name, last in told["last_done"].items()),
        *(f"Late: the {_report(one)}, {one['days_late']} days" for one in told["late_reports"]),
        *(
            f"Gaps: the {_report(one)} lacks logs of {one['agencies']} agencies, {one['days']} days"
            for one in told["reports_with_gaps"]
        ),
        "Last runs:",
        *(f"  {run['started_at']}  {run['command']:<10} {_ending(run)}" for run in told["runs"]),
    ]


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in counts.items()) or "none"


def _doubt(one: dict[str, Any]) -> str:
    return f"number {one['id']} to {one['recipient']}, {one['file']} of {one['first_day']} to {one['last_day']}"


def _alive(beat: dict[str, Any] | None) -> str:
    if beat is None:
        return "never ran here"
    if beat.get("ended"):
        return f"ended {beat['at']}"
    return f"alive {beat['age_seconds']} s ago, {beat['doing'] or 'idle'}; next due {beat.get('next_due_at')}"


def _report(one: dict[str, Any]) -> str:
    return f"{one['edition']} report of {one['start']}"


def _done(last: dict[str, Any] | None) -> str:
    return "none" if last is None else f"of {last['day']}, ended {last['ended_at']}"


def _ending(run: dict[str, Any]) -> str:
    return "has not ended" if run["ended_at"] is None else f"status {run['exit_status']}, ended {run['ended_at']}"


COMMANDS = (Command("status", "last runs, coverage, late sources, disk, database, queue", _status, _add_arguments),)
