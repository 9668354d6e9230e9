"""Folders of ours into which strangers drop files: what cannot be noted down or leads elsewhere is not seen.

Links in the place of files: tests/attacks/test_links.py.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from audit.dropped_files import files_of

DAY = date(2021, 2, 4)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The folder of all days, with one good file of the day."""
    folder = tmp_path / "in"
    (folder / DAY.isoformat()).mkdir(parents=True)
    (folder / DAY.isoformat() / "so.csv").write_text("x", encoding="utf-8")
    return folder


def names(path: str) -> list[str]:
    return [file.path.name for file in files_of("H03", path, DAY)]


@pytest.mark.parametrize("pattern", ["{day}", "{day}/*", "*/*"])
def test_a_name_that_is_no_utf_8_is_not_seen(place: Path, pattern: str) -> None:
    (place / DAY.isoformat() / os.fsdecode(b"\xff.csv")).touch()
    assert names(f"{place}/{pattern}") == ["so.csv"]


def test_a_time_that_cannot_be_written_is_not_seen(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / DAY.isoformat() / "la.csv").touch()
    real = Path.lstat

    def lstat(path: Path) -> os.stat_result:  # many file systems know no such years
        status = real(path)
        return os.stat_result((*status[:8], 2**40, *status[9:])) if path.name == "la.csv" else status

    monkeypatch.setattr(Path, "lstat", lstat)
    assert names(f"{place}/{{day}}") == ["so.csv"]


@pytest.mark.parametrize("pattern", ["{day}", "{day}/*", "{day}/so.csv", "{day}/con/*", "{day}/con/so.csv", "*/*"])
def test_a_folder_below_the_settings_part_is_no_link(place: Path, tmp_path: Path, pattern: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "con").mkdir(parents=True)
    for name in ("so.csv", "con/so.csv"):
        (elsewhere / name).write_text("bí mật", encoding="utf-8")
    (place / DAY.isoformat()).rename(tmp_path / "moved")
    (place / DAY.isoformat()).symlink_to(elsewhere)
    assert names(f"{place}/{pattern}") == []


def test_a_link_that_the_settings_name_is_followed(place: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(place)
    for path in ("link/{day}", "link/*/so.csv", f"link/{DAY}"):
        assert names(str(tmp_path / path)) == ["so.csv"]


def test_a_relative_path_has_a_settings_part_too(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    assert [names(path) for path in ("{day}", "{day}/*.csv", DAY.isoformat())] == [["so.csv"]] * 3
    Path("2021-02-05").symlink_to(DAY.isoformat())
    assert [files_of("H03", path, date(2021, 2, 5)) for path in ("{day}", "{day}/*.csv")] == [[], []]
