"""Each direct dependency has its reason and its licence in docs/phu-thuoc.md."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "phu-thuoc.md").read_text(encoding="utf-8")
FILES = sorted((ROOT / "requirements").glob("*.in"))
FAMILIES = ("MIT", "BSD", "Apache", "LGPL", "MPL")


def wanted(file: Path) -> list[str]:
    """The packages that a file asks for by name."""
    lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    return [re.split(r"[\[<>=!~ ]", line)[0].lower() for line in lines if line and not line.startswith(("-", "#"))]


def told(file: Path) -> dict[str, tuple[str, str]]:
    """Reason and licence by package, in the table of a file."""
    _, _, after = PAGE.partition(f"(`{file.name}`)")
    table = after.partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")][1:]
    return {name.strip(): (reason.strip(), licence.strip()) for name, reason, licence in rows}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_direct_dependency_has_a_reason(file: Path) -> None:
    assert sorted(told(file)) == sorted(wanted(file))
    assert all(reason and licence for reason, licence in told(file).values())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_licence_is_what_the_package_says(file: Path) -> None:
    differing = []
    for name, (_, licence) in told(file).items():
        try:
            about = metadata(name)
        except PackageNotFoundError:
            continue  # of another set than the installed one
        stated = " ".join(
            str(value)
            for key in ("License-Expression", "License", "Classifier")
            for value in about.get_all(key) or ()
            if key != "Classifier" or value.startswith("License")
        )
        if not any(family in licence and family in stated for family in FAMILIES):
            differing.append(f"{name}: {licence} / {stated[:100]}")
    assert differing == []


def test_what_the_service_installs_is_locked() -> None:
    for file in FILES:
        lock = file.with_suffix(".txt").read_text(encoding="utf-8")
        names = set(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z0-9,_-]+\])?==", lock, flags=re.MULTILINE))
        assert set(wanted(file)) <= names
