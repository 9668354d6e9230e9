"""docs/an-toan.md names tests that there are, and its table of faults is of faults that are tried."""

from __future__ import annotations

import re
from pathlib import Path

from tools.faults_table import BEGIN, END, FAULTS, table

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "an-toan.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


def test_every_test_that_it_names_is_there() -> None:
    assert len(NAMED) > 40
    missing = [
        f"{file}::{name}" for file, name in NAMED if f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]
    assert missing == []


def test_every_file_of_attacks_is_in_the_page() -> None:
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests" / "attacks").glob("test_*.py")}
    assert files == {file for file, _ in NAMED if file.startswith("tests/attacks/")}


def test_every_attack_is_stopped_by_something_that_is_tested() -> None:
    rows = [
        line.split("|") for line in PAGE.partition("## Tấn công và cái chặn lại")[2].partition("\n## ")[0].splitlines()
    ]
    attacks = [row for row in rows if len(row) == 6 and row[1].strip() not in {"Tấn công", "---"}]
    assert len(attacks) > 20
    assert [row[1] for row in attacks if "::" not in row[4]] == []


def test_the_table_of_faults_is_one_that_was_recorded() -> None:
    shown = PAGE.partition(BEGIN)[2].partition(END)[0].strip().splitlines()[2:]
    texts = set(FAULTS.values())
    assert shown
    assert [row for row in shown if row.split("|")[1].strip() not in texts] == []


def test_a_recorded_trial_is_a_row() -> None:
    lines = ['["kill-step-pull", "-9"]', '["kill-step-pull", "-9"]', '["read-only", "3"]']
    assert table(lines).splitlines()[2:] == [
        "| kill −9 ở một bước ghi, khi lấy dữ liệu | 2 | -9: 2 | đủ, không trùng |",
        "| thư mục dữ liệu chỉ đọc, khi đánh giá | 1 | 3: 1 | đủ, không trùng |",
    ]
