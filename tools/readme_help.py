"""Write what `run_audit.py --help` says into README.md, between its fences. `tests/test_cli.py` keeps them equal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Replace the help text of the README by the program's."""
    environment = os.environ | {"COLUMNS": "80"}
    command = [sys.executable, "run_audit.py", "--help"]
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    fenced = re.compile(r"```\nusage: run_audit\.py .*?```", re.DOTALL)
    readme.write_text(fenced.sub(lambda _: f"```\n{told.strip()}\n```", text, count=1), encoding="utf-8")


if __name__ == "__main__":
    main()
