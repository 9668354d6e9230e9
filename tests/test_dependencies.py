"""Each direct dependency has its reason and its licence in docs/phu-thuoc.md."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
from packaging.version import Version

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


def looked_up() -> list[list[str]]:
    """Package, locked version, known fault and the version that mended it, as the page says."""
    _, _, table = PAGE.partition("| Gói | Bản dùng |")
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.split("\n\n")[0].splitlines()[1:]
        if line.startswith("| ")
    ]


def test_known_faults_were_looked_up_for_the_locked_versions() -> None:
    """An upgrade makes this fail until somebody has looked again."""
    lock = (ROOT / "requirements" / "scale.txt").read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z0-9,_-]+\])?==([^ ;\\]+)", lock, flags=re.MULTILINE))
    rows = looked_up()
    assert len(rows) > 10
    assert {name: version for name, version, _, _ in rows} == {name: locked[name] for name, *_ in rows}
    assert [name for name, version, _, mended in rows if Version(version) < Version(mended)] == []


def test_the_list_of_components_says_what_it_is_of() -> None:
    """`make sbom` reads it there, and makes an empty list where it finds nothing."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["name"]
    assert project["dynamic"] == ["version"]
