"""Puts `run_audit.py --help` into README.md, where tests/test_cli.py compares it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"```\nusage: run_audit\.py .*?```", re.DOTALL)


def main() -> None:
    """Rewrite the block in place."""
    command = [sys.executable, "run_audit.py", "--help"]
    environment = os.environ | {"COLUMNS": "80"}
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(BLOCK.sub(lambda _: f"```\n{told.strip()}\n```", text, count=1), encoding="utf-8")


if __name__ == "__main__":
    main()
