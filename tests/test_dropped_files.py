"""Folders of ours into which strangers drop files: what cannot be noted down or leads elsewhere is not seen.

Links in the place of files: tests/attacks/test_links.py.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audit import dropped_files
from audit.dropped_files import files_of, read_file
from audit.errors import TransientSourceError

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
    real = os.stat

    def stat(path: Any, **how: Any) -> os.stat_result:  # many file systems know no such years
        status = real(path, **how)
        return os.stat_result((*status[:8], 2**40, *status[9:])) if str(path).endswith("la.csv") else status

    monkeypatch.setattr(os, "stat", stat)
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


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder that is none of the agency's, with a file of the same name."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "so.csv").write_text("bí mật", encoding="utf-8")
    return folder


def put_link(path: Path, target: Path) -> None:
    path.rename(path.with_name("moved"))
    path.symlink_to(target)


@pytest.mark.parametrize("pattern", ["{day}", "{day}/*", "{day}/so.csv", "*/*"])
def test_what_became_a_link_since_it_was_listed_is_not_read(place: Path, elsewhere: Path, pattern: str) -> None:
    [file] = files_of("H03", f"{place}/{pattern}", DAY)
    assert read_file("H03", file, 100) == b"x"
    put_link(file.path, elsewhere / "so.csv")
    with pytest.raises(TransientSourceError):
        read_file("H03", file, 100)
    put_link(file.path.parent, elsewhere)
    with pytest.raises(TransientSourceError):
        read_file("H03", file, 100)


@pytest.mark.parametrize("pattern", ["{day}", "{day}/*", "{day}/so.csv", "*/*"])
def test_what_becomes_a_link_while_it_is_listed_is_not_seen(
    place: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    real = dropped_files._candidates

    def candidates(*asked: Any) -> list[Path]:
        found = real(*asked)
        put_link(place / DAY.isoformat(), elsewhere)
        return found

    monkeypatch.setattr(dropped_files, "_candidates", candidates)
    assert names(f"{place}/{pattern}") == []


def test_what_became_a_pipe_or_a_folder_since_it_was_listed_is_not_read(place: Path) -> None:
    [file] = files_of("H03", f"{place}/{{day}}", DAY)
    file.path.unlink()
    os.mkfifo(file.path)
    writer = os.open(file.path, os.O_RDWR | os.O_NONBLOCK)
    with pytest.raises(TransientSourceError):
        read_file("H03", file, 100)
    os.close(writer)
    file.path.unlink()
    file.path.mkdir()
    with pytest.raises(TransientSourceError):
        read_file("H03", file, 100)


def test_nothing_stays_open_of_what_is_read_or_not(place: Path) -> None:
    def open_ones() -> int:
        return len(list(Path("/dev/fd").iterdir()))

    [file] = files_of("H03", f"{place}/{{day}}", DAY)
    before = open_ones()
    for _ in range(20):
        assert read_file("H03", file, 100) == b"x"
    file.path.unlink()
    file.path.mkdir()
    for _ in range(20):
        with pytest.raises(TransientSourceError):
            read_file("H03", file, 100)
    assert open_ones() < before + 20
