"""`demo`: the whole job on a simulated province, into `out/demo`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from audit.command import Command, Context, ExitStatus, option_value
from audit.period import parse_week

if TYPE_CHECKING:
    from audit.pipeline.demonstration import Demonstration


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    week = option_value(parse_week, "an ISO week such as 2021-W05")
    parser.add_argument("--seed", type=int, default=814, metavar="N", help="which province (default: 814)")
    parser.add_argument("--agencies", type=int, default=34, metavar="N", help="3 to 150 agencies (default: 34)")
    text = "documents of a working day, of all agencies together (default: 60)"
    parser.add_argument("--documents-per-day", type=int, default=60, metavar="N", help=text)
    parser.add_argument("--week", type=week, metavar="W", help="the ISO week that is reported (default: 2021-W05)")
    text = "weeks of thin traffic before it, for the trends; 9 fill the charts (default: 2)"
    parser.add_argument("--history-weeks", type=int, default=2, metavar="N", help=text)
    text = "how many agencies let their files be fetched and their signatures verified (default: 6; 0 with --dialects)"
    parser.add_argument("--file-agencies", type=int, default=6, metavar="N", help=text)
    text = "each agency's system speaks another of the five dialects, and what they cannot tell is not judged"
    parser.add_argument("--dialects", action="store_true", help=text)


def _demo(context: Context) -> ExitStatus:
    """0 if what was found is exactly what was planted, whatever gaps were planted; else 3."""
    from audit.pipeline.demonstration import demonstrate
    from audit.simulator import SimulationOptions

    arguments = context.arguments
    week = arguments.week or parse_week("2021-W05")
    options = SimulationOptions(
        seed=arguments.seed,
        agencies=arguments.agencies,
        documents_per_day=arguments.documents_per_day,
        start=week.start,
        end=week.end,
        history_weeks=arguments.history_weeks,
        file_agencies=0 if arguments.dialects else arguments.file_agencies,
    )
    folder = (arguments.out or Path("out")) / "demo"
    done = demonstrate(
        options,
        folder,
        lambda line: print(line, file=sys.stderr),
        quiet=arguments.quiet,
        in_dialects=arguments.dialects,
    )
    _print(done)
    return ExitStatus.DONE if done.equals_truth else ExitStatus.INTERNAL


def _print(done: Demonstration) -> None:
    from audit.output import plain_rows, write_table
    from audit.pipeline.reporting import AGENCY_BOOK, LETTER

    table = done.agencies()
    write_table(list(table.columns), plain_rows(table), sys.stdout)
    found = len(done.outcome.told.findings)
    print(f"\n{table['rows'].sum()} rows, {table['rejects'].sum()} rejects, {found} findings")
    if done.equals_truth and done.dialects:
        print(f"Equal to the plain logs, as far as the dialects can tell: {found} findings, and nothing else.")
        untold = Counter(truth.rule for truth in done.untold)
        rules = ", ".join(f"{rule} {number}" for rule, number in sorted(untold.items()))
        print(f"Planted, and beyond what the dialects tell: {untold.total()} ({rules})")
    elif done.equals_truth:
        print(f"Ground truth: equal. All {found} planted findings were found, and nothing else.")
    else:
        print(f"Ground truth: NOT EQUAL. Missed {sorted(done.missed)}, invented {sorted(done.invented)}")
    print("\nReports:")
    for report in done.outcome.reports:
        if not report.agency and report.edition != LETTER:
            print(f"  {report.path}")
    books = [Path(report.path) for report in done.outcome.reports if report.edition == AGENCY_BOOK]
    if books:
        print(f"  {books[0].parent}/  (PDF and book of {len(books)} agencies)")
    days = f"--from {done.province.options.start} --to {done.outcome.last_day}"
    print(f"\nLook around: run_audit.py findings --config {done.config} --data {done.data} {days}")


COMMANDS = (Command("demo", "the whole job on a simulated province, into out/demo", _demo, _add_arguments),)
