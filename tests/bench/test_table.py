from pathlib import Path

import pytest

from bench import table
from bench.parts import Part, parts
from bench.run import agree
from bench.table import BEGIN, END, Measured, write_page

REFERENCE = Part("judge", "DuckDB", ("bench.duckdb_twelve",), is_reference=True)
OURS = Part("judge", "Bộ xét", ("bench.judging",))


def measured(part: Part, seconds: float, **told: object) -> Measured:
    return Measured(part, seconds, seconds * 2, 300.4, told)


def test_a_row_has_its_rate_and_its_ratio_to_the_reference():
    found = [measured(OURS, 0.5, rows=1_000_000, steps={"đọc": 0.25}, files=3), measured(REFERENCE, 2.0)]
    assert table.table(found).splitlines()[2:] == [
        "| Bộ xét | 0,50 | 1,00 | 300 | 2 000 000 | 0,25 | đọc 0,25; 3 tệp |",
        "| DuckDB | 2,00 | 4,00 | 300 |  | 1,00 |  |",
    ]


def test_only_the_table_of_the_page_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    page = tmp_path / "page.md"
    page.write_text(f"# Trước\n{BEGIN}\ncũ\n{END}\nsau\n", encoding="utf-8")
    monkeypatch.setattr(table, "PAGE", page)
    for seconds in (1.0, 2.0):
        write_page([measured(OURS, seconds)])
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Trước\n{BEGIN}\n") and text.endswith(f"{END}\nsau\n")  # noqa: PT018
    assert "cũ" not in text
    assert text.count("Bộ xét | ") == 1 and "2,00" in text  # noqa: PT018


def test_differing_counts_are_noticed():
    same, other = ({"counts": {"G1": count}} for count in (3, 4))
    assert agree([measured(REFERENCE, 1, **same), measured(OURS, 1, **same), measured(OURS, 1)])
    assert not agree([measured(REFERENCE, 1, **same), measured(OURS, 1, **other)])


def test_the_page_of_the_project_has_a_place_for_the_table():
    text = table.PAGE.read_text(encoding="utf-8")
    assert text.index(BEGIN) < text.index(END)


@pytest.mark.parametrize("year", [False, True])
def test_every_group_has_at_most_one_reference(year: bool):
    groups = [part.group for part in parts(year=year) if part.is_reference]
    assert len(groups) == len(set(groups)) == (3 if year else 2)
