"""`probe`: ask every endpoint once, or take over the probes of a monitoring system."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from audit.command import Command, Context, ExitStatus, UsageError

logger = logging.getLogger(__name__)

REJECTS_TOLD = 20
"""Lines that could not be read are told one by one up to so many; their number is told always."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    text = "take over probes from this file, one JSON object a line, instead of asking"
    parser.add_argument("--import", dest="file", metavar="FILE.jsonl", type=Path, help=text)


def _probe(context: Context) -> ExitStatus:
    """0: every endpoint was asked, whatever it answered; 1: our side could not ask some, or lines could not be read."""
    return _import(context, context.arguments.file) if context.arguments.file is not None else _ask(context)


def _ask(context: Context) -> ExitStatus:
    from audit.probe import endpoints, probe_all

    asked = endpoints(context.settings.agencies, context.today)
    probed = probe_all(asked)
    context.workspace.probes.add(probed.probes)
    for agency, reason in probed.not_asked:
        logger.warning("%s was not probed, our side failed: %s", agency, reason)
    answering = int(probed.probes["ok"].sum())
    failing = ", ".join(probed.probes.loc[~probed.probes["ok"], "agency"])
    print(
        f"{len(probed.probes)} of {len(asked)} endpoints probed, {answering} answer" + (failing and f"; not: {failing}")
    )
    return ExitStatus.GAPS if probed.not_asked else ExitStatus.DONE


def _import(context: Context, file: Path) -> ExitStatus:
    from audit.pipeline.gathering import import_probes

    try:
        imported = import_probes(context.workspace, file)
    except OSError as error:
        raise UsageError(f"--import: {file} cannot be read ({error.strerror})") from None
    for line, reason in imported.rejects[:REJECTS_TOLD]:
        logger.warning("%s, line %d: %s", file.name, line, reason)
    print(f"{len(imported.probes)} probes taken over, {len(imported.rejects)} lines could not be read")
    return ExitStatus.GAPS if imported.rejects else ExitStatus.DONE


COMMANDS = (Command("probe", "ask every agency's endpoint once and keep whether it answered", _probe, _add_arguments),)
