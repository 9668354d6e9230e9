"""`make bench`: each part in a process of its own, beside its references; a table, also in docs/hieu-nang.md.

Sizes: a day and a week of a province by default; `YEAR=1 make bench` adds its year (the first run draws the data, which
takes minutes and gigabytes under var/bench). `PARTS=judge make bench` takes only the parts whose group begins so.
Nothing else should run on the machine: of several runs of a part the quickest counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any, Final

from bench.parts import Part, parts
from bench.table import Measured, described, write_page

TIMEOUT_S: Final = 1800


def measured(part: Part) -> Measured:
    """The quickest of the part's runs.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    told = min((_told(part) for _ in range(part.runs)), key=lambda told: float(told["seconds"]))
    return Measured(part, *(told.pop(name) for name in ("seconds", "processor_seconds", "peak_mib")), told)


def _told(part: Part) -> dict[str, Any]:
    """The line of JSON that the part's process prints last."""
    command = [sys.executable, "-m", *part.command]
    environment = os.environ | {"POLARS_MAX_THREADS": "2"}
    child = subprocess.run(  # noqa: S603
        command, check=True, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT_S, env=environment
    )
    return dict(json.loads(child.stdout.strip().splitlines()[-1]))


def _make_data(scales: list[str]) -> None:
    """Draw what is measured beforehand, so that nobody's memory holds it."""
    for command in (["bench.data", *scales], ["bench.wire"]):
        subprocess.run([sys.executable, "-m", *command], check=True, timeout=TIMEOUT_S)  # noqa: S603


def agree(found: list[Measured]) -> bool:
    """Whether all parts of a group that count findings by rule count the same."""
    counts: dict[str, list[Any]] = {}
    for one in found:
        if "counts" in one.told:
            counts.setdefault(one.part.group, []).append(one.told["counts"])
    return all(count == group[0] for group in counts.values() for count in group)


def main() -> int:
    """Run all parts, print what each took, and write the page where all were run."""
    only = os.environ.get("PARTS", "")
    wanted = [part for part in parts(year=bool(os.environ.get("YEAR"))) if part.group.startswith(only)]
    _make_data([part.command[1] for part in wanted if part.command[0] == "bench.floor"])
    found: list[Measured] = []
    for part in wanted:
        found.append(measured(part))
        print(described(found), flush=True)
    if not agree(found):
        print("the references count other findings than the judge")
        return 1
    if not only:
        write_page(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
