"""`make bench`: each part in a process of its own, and a table of what it took.

Sizes: a day and a week of a province by default; `YEAR=1 make bench` adds its year (the first run draws the data, which
takes minutes and gigabytes under var/bench).
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

TIMEOUT_S: Final = 1800


@dataclass(frozen=True, slots=True)
class Part:
    """A measure: what it is called, and the module that takes it, with its arguments."""

    name: str
    command: Sequence[str]


def parts() -> list[Part]:
    """What is measured, in order."""
    scales = ["day", "week", *(["year"] if os.environ.get("YEAR") else [])]
    judged = [Part(f"judge a {scale}", ("bench.judging", scale)) for scale in scales]
    return [*judged, Part("reports of a terrible week: PDF, page, 35 books", ("bench.reporting", "2000"))]


def measured(part: Part) -> Mapping[str, Any]:
    """The line of JSON that the part's process prints last.

    Raises:
        subprocess.CalledProcessError: it failed.
    """
    command = [sys.executable, "-m", *part.command]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=TIMEOUT_S).stdout  # noqa: S603
    return dict(json.loads(told.strip().splitlines()[-1]))


def main() -> None:
    """Run all parts and print the table."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}\n")
    print(f"{'part':50} {'seconds':>9} {'CPU s':>9} {'MiB':>7}  more")
    for part in parts():
        told = dict(measured(part))
        seconds, processor, peak = (told.pop(key, float("nan")) for key in ("seconds", "processor_seconds", "peak_mib"))
        more = ", ".join(f"{key} {value}" for key, value in told.items() if not isinstance(value, dict))
        print(f"{part.name:50} {seconds:9.2f} {processor:9.2f} {peak:7.0f}  {more}", flush=True)


if __name__ == "__main__":
    main()
