"""`verify`, `backup`, `restore`: does everything still belong together, and is it safe elsewhere?"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Final

from audit.command import Command, Context, ExitStatus, UsageError


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--deep", action="store_true", help="make the log again from the evidence and compare its bytes"
    )


def _add_backup(parser: argparse.ArgumentParser) -> None:
    text = "where to write it, e.g. audit-2021-02-08.tar.zst; %%Y, %%m, %%d, %%G, %%V: of the running day"
    parser.add_argument("file", metavar="FILE", help=text)
    text = "then delete what is older than [retention] says and is proved to be in the backup"
    parser.add_argument("--prune", action="store_true", help=text)


def _add_restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="a backup; --data must be empty")


def _verify(context: Context) -> ExitStatus:
    """0: everything belongs together; 1: something does not, and the output names it."""
    from audit.pipeline.proving import verify

    with context.workspace.locked("verify"):
        done = verify(context.workspace, deep=context.arguments.deep)
    for fault in done.faults:
        print(fault)
    looked_at = f"{done.evidence_days} days of evidence, {done.log_days} days of log, {done.manifests} manifests"
    print(f"{looked_at} and {done.reports} reports looked at: {len(done.faults) or 'no'} faults")
    return ExitStatus.GAPS if done.faults else ExitStatus.DONE


def _backup(context: Context) -> ExitStatus:
    """0: all of it is in the file; 1: something could not be taken along, and the output names it."""
    from audit.pipeline.backing_up import back_up
    from audit.pipeline.pruning import prune
    from audit.pipeline.workspace import versions

    workspace, ledger = context.workspace, context.workspace.ledger
    # no lock: a backup goes on beside other runs, so it has no place in the chain of manifests either
    run_id = ledger.begin_run("backup", context.given(), context.settings.digest, versions())
    status = ExitStatus.INTERNAL
    try:
        made = back_up(workspace, Path(context.today.strftime(context.arguments.file)))
        status = ExitStatus.GAPS if made.left_out else ExitStatus.DONE
    finally:
        ledger.end_run(run_id, status, {})
    for line in made.left_out:
        print(line)
    print(f"{made.path}: {len(made.files)} files, read back and proved")
    if context.arguments.prune:
        with workspace.run("prune", context.given()) as run:
            gone = prune(workspace, run, made, context.today)
            run.exit_status = status
        print(f"{gone} files past their time deleted")
    return status


def _restore(context: Context) -> ExitStatus:
    from audit.lock import run_lock
    from audit.pipeline.backing_up import CONFIG_FOLDER, restore_deployment

    workspace, file = context.workspace, context.arguments.file
    if not file.is_file():
        raise UsageError(f"{file} is no file")
    with run_lock(workspace.data, "restore"):
        contents = restore_deployment(workspace, file)
    print(f"{len(contents['files'])} files of {contents['made_at']} restored; the settings of that time are in")
    print(f"{workspace.data / CONFIG_FOLDER}; use them with --config, or compare them with yours")
    return ExitStatus.DONE


_WATCHED: Final = partial(Command, is_watched=True)

COMMANDS = (
    _WATCHED("verify", "prove that evidence, log, ledger and reports still belong together", _verify, _add_verify),
    _WATCHED("backup", "write everything into one file while runs go on, and prove it", _backup, _add_backup),
    Command("restore", "put a backup back into an empty data folder", _restore, _add_restore),
)
