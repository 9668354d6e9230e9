"""`try-source`: one page of each table of an agency's system, and what can be made of it."""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path

from audit.command import DAY_OPTION, Command, Context, ExitStatus, UsageError


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("agency", metavar="AGENCY", help="code or alias of the agency")
    parser.add_argument("--day", metavar="D", type=DAY_OPTION, help="local day to ask for (default: yesterday)")
    text = "keep the raw pages in this folder, for pull --replay"
    parser.add_argument("--record", metavar="FOLDER", type=Path, help=text)


def _try_source(context: Context) -> ExitStatus:
    """0 if every table gave a page without rejects, and no day is shown to be less than whole; else 1."""
    from audit.catalogue import RULE_ID_OF
    from audit.replay import record
    from audit.trial import try_source, untold_rules

    registry, arguments = context.workspace.registry, context.arguments
    code = registry.canonical_code(arguments.agency)
    if code not in registry.codes:
        raise UsageError(f"AGENCY: {arguments.agency!r} is no agency of the registry")
    agency = registry.agency(code)
    day = arguments.day or context.today - timedelta(days=1)
    trials = try_source(context.settings, registry, agency, day, all_pages=arguments.record is not None)
    for trial in trials:
        name = f"{trial.table} of {trial.source}" if trial.source else trial.table
        if trial.problem:
            print(f"{name}: FAILED. {trial.problem}")
        if trial.told or not trial.problem:
            more = ", and there are further pages" if trial.more else ""
            print(f"{name}: {trial.rows} rows in the first page, {trial.understood} understood{more}")
            print(f"  told: {', '.join(f'{name} {count}' for name, count in trial.told) or 'nothing'}")
            print(f"  in no row: {', '.join(trial.untold) or 'nothing'}")
        for reason, count in trial.rejects:
            print(f"  not understood: {count} × {reason}")
        if trial.lacking:
            print(f"  the day is not shown to be whole: {trial.lacking}")
        if arguments.record is not None:
            record(arguments.record, trial.pages, trial.lacking)
    codes = {rule: number for number, rule in RULE_ID_OF.items()}
    untold = untold_rules(agency, list(codes))
    print(f"\nRules that cannot be judged of {code}: {', '.join(f'{codes[rule]} {rule}' for rule in untold) or 'none'}")
    limited = [rule for rule in codes if rule in agency.tells.limited_rules and rule not in untold]
    if limited:
        print(
            f"Rules judged by fewer facts than the law names: {', '.join(f'{codes[rule]} {rule}' for rule in limited)}"
        )
    print(f"Rules that can: {len(codes) - len(untold)} of {len(codes)}, as far as the tables above tell their facts")
    is_clean = all(not trial.problem and not trial.rejects and not trial.lacking for trial in trials)
    return ExitStatus.DONE if is_clean else ExitStatus.GAPS


COMMANDS = (
    Command(
        "try-source", "ask an agency's system for one page and show what was understood", _try_source, _add_arguments
    ),
)
