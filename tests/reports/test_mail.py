"""The letters that go with the reports: page 1's message, the same figures, nothing that runs."""

import re
from pathlib import Path

import pytest

from reports.mail import letter_of, one_line, read_letter, write_letter
from reports.view import ReportView, build_view
from tests.reports.province import HOSTILE, make_inputs


@pytest.fixture(scope="module")
def view() -> ReportView:
    return build_view(make_inputs())


def test_the_letter_says_what_page_1_says(view: ReportView) -> None:
    letter = letter_of(view)
    for headline in view.headlines:
        assert f"- {headline.title}: {headline.now.text}" in letter.plain
        assert headline.now.text in letter.html
    for number, line in enumerate(view.sentences, start=1):
        assert f"{number}. {line}" in letter.plain
    assert f"Kính đề nghị {view.proposals}" in letter.plain
    assert letter.subject == f"[DỰ THẢO] {view.subject}"[:200]


def test_an_agencys_letter_is_its_own(view: ReportView) -> None:
    for agency in view.agencies.values():
        letter = letter_of(agency)
        is_own = agency.agency.name == view.issuer.name
        reader = "Các phòng, đơn vị trực thuộc" if is_own else agency.agency.name
        assert letter.plain.startswith(f"Kính gửi: {reader}\n")
        assert [f"- {one.title}: {one.now.text}" in letter.plain for one in agency.headlines] == [True] * 6
        asks = "Kính đề nghị" if agency.agency.name == view.issuer.superior else "Đề nghị"
        assert (f"\n{asks} {agency.addressing.whom}: " in letter.plain) == (agency.task is not None)
        paper = "báo cáo" if agency.agency.name == view.issuer.superior else "thông báo"
        assert f"gửi dự thảo {paper}:" in letter.plain
        urgent = agency.task is not None and agency.task.urgent.value
        assert (f"trước {agency.due[0]}" in letter.plain) == bool(urgent)
        assert view.proposals not in letter.plain


def test_html_loads_nothing_and_runs_nothing(view: ReportView) -> None:
    for letter in (letter_of(view), *map(letter_of, view.agencies.values())):
        assert not re.search(r"<(script|img|link|iframe|style)|href=|src=|url\(", letter.html)
        assert not any(text in letter.html for text in HOSTILE if "<" in text)


def test_a_letter_is_kept_to_the_letter(view: ReportView, tmp_path: Path) -> None:
    write_letter(view, tmp_path / "thu.json")
    assert read_letter(tmp_path / "thu.json") == letter_of(view)
    (tmp_path / "other.json").write_text('{"subject": "x"}')
    with pytest.raises(ValueError, match="not a letter"):
        read_letter(tmp_path / "other.json")


@pytest.mark.parametrize("text", ["a\nBcc: x@y", "a\r\nb", "a\u2028b", "a\x00b"])
def test_a_header_is_one_line(text: str) -> None:
    assert not re.search(r"[\r\n\u2028\x00]", one_line(text))
