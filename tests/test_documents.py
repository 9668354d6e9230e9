"""The documents' links lead somewhere, and no file names a place that only one machine knows."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINK = re.compile(r"\]\(([^)#\s]+)")
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
]
PAGES = [path for path in TRACKED if path.suffix == ".md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_its_links_lead_somewhere(page: Path) -> None:
    local = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda lock: lock.name)
def test_a_lock_has_hashes_and_no_addresses(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    pinned = re.split(r"^(?=[a-z])", text, flags=re.MULTILINE)[1:]
    assert pinned
    assert [one.splitlines()[0] for one in pinned if "==" not in one or "--hash=sha256:" not in one] == []


def test_no_file_names_a_folder_of_one_machine() -> None:
    homes = re.compile(rb"/(root|home/[a-z]+)/[a-z.]|/work/(main|wt|shared)\b")
    named = [
        path.relative_to(ROOT).as_posix() for path in TRACKED if path.is_file() and homes.search(path.read_bytes())
    ]
    assert [name for name in named if name != "tests/test_documents.py"] == []
