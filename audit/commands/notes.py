"""`import-notes`: what clerks wrote into a returned workbook, into the ledger."""

from __future__ import annotations

import argparse
from pathlib import Path

from audit.command import Command, Context, ExitStatus, UsageError


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the returned workbook (.xlsx)")
    text = "who returns it; any of its codes (default: whose workbook it was made as)"
    parser.add_argument("--agency", metavar="C", help=text)


def _import_notes(context: Context) -> ExitStatus:
    """0 all rows taken; 1 some refused; 2 no returned workbook at all."""
    from audit.pipeline.noting import import_notes
    from reports.xlsx_notes import NotAWorklistError

    path, registry = context.arguments.file, context.workspace.registry
    agency = registry.canonical_code(context.arguments.agency) if context.arguments.agency else None
    if agency is not None and agency not in registry.codes:
        raise UsageError(f"--agency: {context.arguments.agency!r} is no agency of the registry")
    with context.workspace.run("import-notes", context.given()) as run:
        run.exit_status = ExitStatus.CONFIG
        try:
            done = import_notes(context.workspace, run, path, agency)
        except (NotAWorklistError, OSError) as error:
            raise UsageError(f"{path}: {error}") from None
        if done is None:
            raise UsageError(f"{path} does not say whose workbook it is: name the agency with --agency")
        refused = done.returned.refused
        run.exit_status = ExitStatus.GAPS if refused else ExitStatus.DONE
    whose = done.agency or "the province"
    print(f"{path.name} of {whose}: {len(done.returned.notes)} notes, {done.new} of them new; {len(refused)} refused")
    for each in refused:
        print(f"  dòng {each.row}  {each.finding_id or '–'}  {each.reason}")
    return ExitStatus(run.exit_status)


COMMANDS = (
    Command("import-notes", "take over what clerks wrote into a returned workbook", _import_notes, _add_arguments),
)
