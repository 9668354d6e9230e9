"""The PDF, measured: page, margins, fonts, sizes, places of the official form, tags, bytes, and that nothing is fetched."""

from __future__ import annotations

import dataclasses
import logging
import re
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pdfplumber
import pytest
import weasyprint
from pdfminer.pdftypes import resolve1

from reports import pdf
from reports.inputs import ReportInputs
from reports.text import count
from reports.view import ReportView, build_view
from reports.worst import gathered
from tests.reports.province import make_inputs

MM = 72 / 25.4
MARK = ("Ký bởi: Nguyễn Văn Thử", "Cơ quan: Sở Thử nghiệm")
LEFT, RIGHT, TOP, BOTTOM = 30 * MM, (210 - 15) * MM, 20 * MM, (297 - 20) * MM


@pytest.fixture(scope="module")
def report(files: Path):
    with pdfplumber.open(files / "province.pdf") as document:
        yield document


@pytest.fixture(scope="module")
def notice(files: Path):
    with pdfplumber.open(files / "agency.pdf") as document:
        yield document


def lines(page: Any) -> list[dict[str, Any]]:
    return page.extract_text_lines(return_chars=True, x_tolerance=1.5)


def found(page: Any, text: str) -> list[dict[str, Any]]:
    """The characters of the first occurrence of a text in the page."""
    for line in lines(page):
        characters = [char for char in line["chars"] if char["text"].strip()]
        joined = "".join(char["text"] for char in characters)
        wanted = text.replace(" ", "")
        if wanted in joined:
            at = joined.index(wanted)
            return characters[at : at + len(wanted)]
    raise AssertionError(f"{text!r} is not on page {page.page_number}")


def size(characters: list[dict[str, Any]]) -> float:
    sizes = {round(char["size"], 1) for char in characters}
    assert len(sizes) == 1
    return sizes.pop()


def style(characters: list[dict[str, Any]]) -> str:
    names = {char["fontname"].partition("Liberation-Serif")[2] for char in characters}
    assert len(names) == 1
    return names.pop()


def centre(characters: list[dict[str, Any]]) -> float:
    return (min(char["x0"] for char in characters) + max(char["x1"] for char in characters)) / 2


def test_eight_pages_of_a4_within_the_margins(report):
    assert len(report.pages) <= 8
    for page in report.pages:
        assert (page.width, page.height) == pytest.approx((210 * MM, 297 * MM), abs=0.1)
        body = [char for char in page.chars if char["text"].strip() and char["top"] > TOP - 1]
        assert min(char["x0"] for char in body) >= LEFT - 0.2
        assert max(char["x1"] for char in body) <= RIGHT + 1.2  # justified lines end within half a millimetre
        assert max(char["bottom"] for char in body) <= BOTTOM + 0.5


def test_every_font_is_embedded_liberation_serif(report):
    names = set()
    for page in report.pages:
        for font in resolve1(page.page_obj.resources["Font"]).values():
            for descendant in resolve1(resolve1(font)["DescendantFonts"]):
                descriptor = resolve1(resolve1(descendant)["FontDescriptor"])
                assert "FontFile2" in descriptor
                names.add(str(resolve1(font)["BaseFont"]))
    assert names
    assert all("Liberation-Serif" in name for name in names)


def test_header_block(report):
    page = report.pages[0]
    superior, agency = found(page, "UBND TỈNH BẮC KẠN"), found(page, "SỞ THÔNG TIN VÀ TRUYỀN THÔNG")
    country, motto = found(page, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), found(page, "Độc lập - Tự do - Hạnh phúc")
    assert [(size(each), style(each)) for each in (superior, agency, country, motto)] == [
        (12, ""),
        (12, "-Bold"),
        (12, "-Bold"),
        (13, "-Bold"),
    ]
    assert centre(superior) == pytest.approx(centre(agency), abs=1)
    assert centre(country) == pytest.approx(centre(motto), abs=1)
    assert superior[0]["top"] < agency[0]["top"]
    assert country[0]["top"] < motto[0]["top"]
    assert centre(superior) < page.width / 2 < centre(country)


def rules_below(page: Any, characters: list[dict[str, Any]], within: float = 6) -> list[tuple[float, float]]:
    bottom = max(char["bottom"] for char in characters)
    drawn = [*page.lines, *page.rects]
    return [
        (each["x0"], each["x1"])
        for each in drawn
        if bottom - 4 <= each["bottom"] <= bottom + within and each["x1"] - each["x0"] > 20
    ]


def test_rules_under_motto_and_agency_and_subject(report):
    page = report.pages[0]
    motto, agency = found(page, "Độc lập - Tự do - Hạnh phúc"), found(page, "SỞ THÔNG TIN VÀ TRUYỀN THÔNG")
    long_ones = [
        rule for rule in rules_below(page, motto) if abs(rule[1] - rule[0] - (motto[-1]["x1"] - motto[0]["x0"])) < 2
    ]
    assert long_ones, "the rule under the motto is as long as the motto"
    width = agency[-1]["x1"] - agency[0]["x0"]
    short = [rule for rule in rules_below(page, agency) if width / 3 <= rule[1] - rule[0] <= width / 2]
    assert short, "the rule under the agency is a third to a half of the line"
    subject = found(page, "tuần 05 năm 2021 (từ ngày 01/02/2021 đến ngày 07/02/2021)")
    width = subject[-1]["x1"] - subject[0]["x0"]
    assert [rule for rule in rules_below(page, subject) if width / 3 <= rule[1] - rule[0] <= width / 2]


def test_number_date_and_signer_stay_blank_and_the_draft_says_so(report):
    first = report.pages[0].extract_text(x_tolerance=1.5)
    assert re.search(r"Số: +/BC-STTTT", first)
    assert re.search(r"Bắc Kạn, ngày +tháng +năm 2021", first)
    draft = found(report.pages[0], "DỰ THẢO")
    assert draft[0]["bottom"] < TOP
    last = next(page for page in report.pages if "Nơi nhận:" in page.extract_text())
    signer = last.within_bbox(((LEFT + RIGHT) / 2, found(last, "GIÁM ĐỐC")[0]["bottom"] + 1, last.width, last.height))
    assert signer.extract_text().strip() == ""


def test_title_and_body(report):
    page = report.pages[0]
    title, subject = found(page, "BÁO CÁO"), found(page, "Tình hình gửi, nhận văn bản điện tử giữa các cơ quan")
    assert (size(title), style(title)) == (14, "-Bold")
    assert 13 <= size(subject) <= 14
    assert style(subject) == "-Bold"
    assert centre(title) == pytest.approx((LEFT + RIGHT) / 2, abs=1)
    addressee = found(page, "Kính gửi: Chủ tịch, các Phó Chủ tịch UBND tỉnh.")
    assert (size(addressee), style(addressee)) == (13, "")
    lead = found(page, "Thực hiện Công văn số 814/UBND-VXNV")
    assert size(lead) == 13
    assert lead[0]["x0"] == pytest.approx(LEFT + 10 * MM, abs=0.5)


def test_page_number_is_centred_in_the_top_margin_from_page_2_and_annexes_count_anew(report):
    shown = []
    for page in report.pages:
        top = [char for char in page.chars if char["bottom"] < TOP and char["text"].strip()]
        digits = [char for char in top if char["text"].isdigit()]
        shown.append("".join(char["text"] for char in digits))
        if digits:
            assert size(digits) == 13
            assert style(digits) == ""
            assert centre(digits) == pytest.approx((LEFT + RIGHT) / 2, abs=1)
    annexes = [
        index
        for index, page in enumerate(report.pages)
        if page.extract_text().lstrip("0123456789\n ").startswith("Phụ lục")
    ]
    assert shown[0] == ""
    assert shown[1 : annexes[0]] == [str(number) for number in range(2, annexes[0] + 1)]
    assert len(annexes) == 2
    assert [shown[index] for index in annexes] == ["", ""]


def test_closing(report):
    page = next(page for page in report.pages if "Nơi nhận:" in page.extract_text())
    assert "trân trọng báo cáo./." in page.extract_text().replace("\n", " ")
    copies, position = found(page, "Nơi nhận:"), found(page, "GIÁM ĐỐC")
    assert (size(copies), style(copies)) == (12, "-Bold-Italic")
    assert (size(position), style(position)) == (13, "-Bold")
    assert abs(copies[0]["top"] - position[0]["top"]) < 3
    stored = found(page, "- Lưu: VT, CNTT.")
    assert (size(stored), style(stored)) == (11, "")


def test_page_1_holds_the_whole_message(report, view: ReportView):
    first = " ".join(report.pages[0].extract_text(x_tolerance=1.5).split())
    for sentence in view.sentences:
        assert sentence in first
    for headline in view.headlines:
        assert headline.now.text in first
    assert view.verdict[1:] in first
    assert view.topics[0].sentence in first
    assert view.calls[0].name in first
    assert view.proposals in first


def test_cut_tables_say_how_many_and_where_the_rest_is(report, view: ReportView):
    text = "\n".join(page.extract_text(x_tolerance=1.5) for page in report.pages)
    assert re.search(rf"\d+ trong tổng số {len(view.tasks)}, còn lại trong Excel, trang tính “Việc từng cơ quan”", text)
    assert re.search(
        r"Đã nêu (\d+)/\1 việc nghiêm trọng[^.]*, còn lại trong\s+Excel, trang tính “Việc cần xử lý”", text
    )


def test_not_checked_at_all_and_not_in_some_cases_are_told_apart(report):
    text = " ".join(" ".join(page.extract_text(x_tolerance=1.5) for page in report.pages).split())
    assert "°: nhóm có quy tắc chưa kiểm tra được trường hợp nào." in text
    assert "Quy tắc có trường hợp" in text


def test_the_annex_says_why_a_breach_is_graver_than_its_rule(report, view: ReportView):
    pages = [" ".join(page.extract_text(x_tolerance=1.5).split()) for page in report.pages]
    annex = next(each for each in pages if "VĂN BẢN, SỰ VIỆC CẦN XỬ LÝ TRƯỚC" in each)
    assert view.raised_note
    assert f"việc phải khắc phục. {view.raised_note}" in annex


def test_every_figure_with_a_target_says_whether_it_is_met(report, view: ReportView):
    first = report.pages[0].extract_text(x_tolerance=1.5)
    assert first.count("Chưa đạt") == sum(each.met is False for each in view.headlines) > 0


def test_a_topics_table_ends_with_the_sum_that_page_1_tells(report, view: ReportView):
    text = " ".join(" ".join(page.extract_text(x_tolerance=1.5).split()) for page in report.pages)
    total = view.topics[0].total
    assert f"Tổng cộng {total.open.text} {total.critical.text} {total.places}" in text


def test_a_notice_keeps_apart_what_nothing_can_mend(tmp_path: Path):
    view = build_view(make_inputs(findings=60))
    own = next(each for each in view.agencies.values() if len(each.past) and len(each.work) and each.agency.pulled)
    pdf.write_agency_pdf(own, tmp_path / "agency.pdf")
    with pdfplumber.open(tmp_path / "agency.pdf") as document:
        text = " ".join(" ".join(page.extract_text(x_tolerance=1.5).split()) for page in document.pages)
    _, _, listed = text.partition("Việc cần xử lý trước")
    work, _, past = listed.partition(own.past_told)
    numbers = [int(number) for number in re.findall(r": (\d+) việc phải khắc phục", work)]
    assert sum(numbers) == len(own.work)
    assert " ".join(str(own.past["document"].iloc[0]).split()) in past


def test_a_dash_in_the_trend_is_explained_below_it(report, view: ReportView):
    assert any(point.figure.text == "–" for series in view.trend for point in series.points)
    page = next(page for page in report.pages if "I. DIỄN BIẾN" in page.extract_text())
    assert "“–”: chưa có dữ liệu." in " ".join(page.extract_text(x_tolerance=1.5).split())


def test_the_tasks_of_all_agencies_are_summed(report, view: ReportView):
    text = " ".join(" ".join(page.extract_text(x_tolerance=1.5).split()) for page in report.pages)
    sums = view.task_sums
    told = f"Toàn tỉnh ({sums.agencies.text} cơ quan) {sums.urgent.text} {sums.regular.text} {sums.past.text} 1 "
    assert told in text


def test_the_annex_says_how_many_of_each_severity_there_are(report, view: ReportView):
    criticals = int((view.work["severity_rank"] == 0).sum())
    assert criticals > 1
    text = "\n".join(page.extract_text(x_tolerance=1.5) for page in report.pages)
    assert f"Nghiêm trọng: {criticals} việc phải khắc phục" in text
    assert f"Đã nêu {count(criticals)}/{count(criticals)} việc nghiêm trọng, " in text


def test_text_is_searchable_vietnamese_and_hostile_text_is_only_text(report):
    text = " ".join(" ".join(page.extract_text(x_tolerance=1.5).split()) for page in report.pages)
    assert "Phản hồi trạng thái chậm" in text
    assert not set(text) & set("\u202e\u200b\x07\x1b")
    assert all("/URI" not in str(page.annots) for page in report.pages)


def test_tags_language_title_and_bookmarks(report, files: Path):
    catalog = report.doc.catalog
    assert catalog["Lang"].decode() == "vi"
    assert resolve1(catalog["MarkInfo"])["Marked"]
    assert "StructTreeRoot" in catalog
    assert report.metadata["Title"].startswith("Báo cáo tình hình gửi, nhận văn bản điện tử")
    titles = [title for _, title, *_ in report.doc.get_outlines()]
    assert titles[0] == "BÁO CÁO"
    assert "IV. ĐỀ NGHỊ CÁC CƠ QUAN THỰC HIỆN" in titles
    assert b"pdfuaid:part" in (files / "province.pdf").read_bytes() or b"pdfuaid" in metadata(report)


def metadata(report: Any) -> bytes:
    return resolve1(report.doc.catalog["Metadata"]).get_data()


def test_every_figure_has_a_description(report):
    texts = [alt for element in structure(report) if (alt := element.get("Alt")) is not None]
    figures = [element for element in structure(report) if str(element.get("S")) == "/'Figure'"]
    assert len(figures) == len(texts) == 6


def test_tables_are_data_with_heads(report):
    kinds = [str(element.get("S")) for element in structure(report)]
    assert kinds.count("/'Table'") >= 8
    assert kinds.count("/'TH'") > kinds.count("/'Table'") * 3


def test_every_head_says_of_what_it_is_the_head(report):
    scopes = Counter(
        str(resolve1(element["A"]).get("Scope")) for element in structure(report) if str(element.get("S")) == "/'TH'"
    )
    assert set(scopes) == {"/'Column'", "/'Row'"}
    assert scopes["/'Column'"] > 40


def test_no_level_of_headings_is_skipped(report, notice):
    for made in (report, notice):
        levels = [
            int(found[1])
            for element in reversed(structure(made))
            if (found := re.fullmatch(r"/'H(\d)'", str(element.get("S"))))
        ]
        assert levels
        assert all(after <= before + 1 for before, after in pairwise([0, *levels]))


def structure(report: Any) -> list[dict[str, Any]]:
    todo, seen = [resolve1(report.doc.catalog["StructTreeRoot"])], []
    while todo:
        element = resolve1(todo.pop())
        if isinstance(element, list):
            todo.extend(element)
        elif isinstance(element, dict):
            seen.append(element)
            todo.append(element.get("K"))
    return seen


def test_same_data_same_bytes(view: ReportView, files: Path, tmp_path: Path):
    time.sleep(1.1)  # a clock that leaks into the file would show
    pdf.write_pdf(view, tmp_path / "again.pdf")
    assert (tmp_path / "again.pdf").read_bytes() == (files / "province.pdf").read_bytes()


def test_our_sheet_of_a_browser_lays_out_as_weasyprints_does(
    view: ReportView, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pdf.write_mark(tmp_path / "ours.pdf", MARK)
    monkeypatch.setattr(pdf, "_Page", weasyprint.HTML)

    pdf.write_pdf(view, tmp_path / "province.pdf")
    pdf.write_agency_pdf(view.agencies["H03.16"], tmp_path / "agency.pdf")
    pdf.write_mark(tmp_path / "mark.pdf", MARK)

    assert (tmp_path / "province.pdf").read_bytes() == (files / "province.pdf").read_bytes()
    assert (tmp_path / "agency.pdf").read_bytes() == (files / "agency.pdf").read_bytes()
    assert (tmp_path / "mark.pdf").read_bytes() == (tmp_path / "ours.pdf").read_bytes()


def test_weasyprints_sheet_of_a_browser_is_not_used(view: ReportView, files: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(weasyprint, "UA_STYLESHEET", weasyprint.CSS(string="td { display: none }"))

    pdf.write_agency_pdf(view.agencies["H03.16"], tmp_path / "agency.pdf")

    assert (tmp_path / "agency.pdf").read_bytes() == (files / "agency.pdf").read_bytes()


# WeasyPrint opens its own colour profile without closing it; the file is read-only and small.
@pytest.mark.filterwarnings("ignore:Exception ignored in.*sRGB2014.icc:pytest.PytestUnraisableExceptionWarning")
def test_archive_variant(view: ReportView, tmp_path: Path):
    pdf.write_agency_pdf(view.agencies["H03.16"], tmp_path / "archive.pdf", variant="pdf/a-3a")
    with pdfplumber.open(tmp_path / "archive.pdf") as document:
        assert b"pdfaid:part>3" in metadata(document).replace(b' xmlns="', b"") or b'pdfaid:part="3"' in metadata(
            document
        )
        assert "OutputIntents" in document.doc.catalog


def test_an_agencys_notice_has_two_pages_and_names_it_alone(notice, view: ReportView):
    text = " ".join(" ".join(page.extract_text(x_tolerance=1.5).split()) for page in notice.pages)
    assert len(notice.pages) == 2
    assert "THÔNG BÁO" in text
    assert "/TB-STTTT" in text
    assert "Kèm theo: tệp Excel H03.16-2021-W05.xlsx (trang tính “Việc cần xử lý”)." in text
    assert "Sở Y tế biết, thực hiện./." in text
    blamed = {own.agency.name for code, own in view.agencies.items() if code != "H03.16"}
    items = view.agencies["H03.16"].open_findings.head(14)
    other_sides = {*items["sender"], *items["recipient"]}
    strangers = blamed - other_sides - {"Sở Thông tin và Truyền thông", "UBND tỉnh Bắc Kạn"}
    assert strangers
    assert not [name for name in strangers if name in text]


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/hostname",
        "http://127.0.0.1:9/x.png",
        "data:image/png;base64,AAAA",
        "bundle:../templates/official.css",
        "bundle:x",
        "own.svg",
    ],
)
def test_nothing_but_fonts_and_own_charts_is_fetched(url):
    with pytest.raises(ValueError, match="nothing but their bundled fonts and their own charts"):
        pdf.Bundled({"own.svg": "<svg/>"}).fetch(url)


def test_a_chart_is_served_to_its_own_report_alone():
    assert pdf.Bundled({"own.svg": "<svg/>"}).fetch("bundle:own.svg").read() == b"<svg/>"
    with pytest.raises(ValueError, match="their own charts"):
        pdf.Bundled().fetch("bundle:own.svg")


def test_weasyprint_has_nothing_to_complain_about(view: ReportView, tmp_path: Path, caplog):
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        pdf.write_agency_pdf(view.agencies["H03.36"], tmp_path / "quiet.pdf")
        pdf.write_pdf(view, tmp_path / "province.pdf")
    assert [record.getMessage() for record in caplog.records] == []


@pytest.fixture
def layouts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The limits of every layout that is made of a notice, or of the report's body."""
    return record(monkeypatch, lambda values: [values["limits"]] if values.get("part", "body") == "body" else [])


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The parts of the report in the order in which they are laid out."""
    return record(monkeypatch, lambda values: [values["part"]])


def record(monkeypatch: pytest.MonkeyPatch, told: Callable[[dict[str, Any]], list[Any]]) -> list[Any]:
    """What is told of the values of each layout."""
    found: list[Any] = []
    monkeypatch.setattr(
        pdf, "_render", lambda *given, _render=pdf._render: found.extend(told(given[3])) or _render(*given)
    )
    return found


def test_a_part_that_fits_is_laid_out_once(tmp_path: Path, parts: list[str]):
    pdf.write_pdf(build_view(make_inputs(findings=2000)), tmp_path / "week.pdf")
    assert parts == ["first", "course", "body", "annex-one", "annex-two", "body"]


def test_a_long_annex_is_laid_out_again_alone(tmp_path: Path, parts: list[str], monkeypatch: pytest.MonkeyPatch):
    def wordy(*given: Any) -> list[Any]:
        return [dataclasses.replace(row, what=row.what * 3) for row in gathered(*given)]

    monkeypatch.setattr(pdf, "gathered", wordy)
    pdf.write_pdf(build_view(make_inputs(findings=2000)), tmp_path / "week.pdf")
    assert parts == ["first", "course", "body", "annex-one", "annex-two", "body", "annex-one"]


def test_the_paper_is_filled_in_two_layouts(view: ReportView, tmp_path: Path, layouts: list[Any]):
    pdf.write_pdf(view, tmp_path / "week.pdf")
    assert len(layouts) == 2
    assert layouts[1].tasks >= 15
    assert layouts[1].worst >= 15


@pytest.mark.parametrize("findings", [700, 2000])
def test_two_layouts_suffice_for_a_bad_week_too(findings: int, tmp_path: Path, layouts: list[Any]):
    """The line below a cut table is reckoned with: a sentence that just does not fit would cost a third one."""
    pdf.write_pdf(build_view(make_inputs(findings=findings)), tmp_path / "week.pdf")
    assert len(layouts) == 2


def test_a_long_notice_is_filled_in_two_layouts(tmp_path: Path, layouts: list[Any]):
    view = build_view(make_inputs(findings=3000))
    for agency in sorted(view.agencies.values(), key=lambda own: -len(own.findings))[:4]:
        layouts.clear()
        assert pdf.write_agency_pdf(agency, tmp_path / "agency.pdf") == pdf.MOST_AGENCY_PAGES
        assert len(layouts) <= 2
        assert layouts[-1].worst >= 5


def quiet(inputs: ReportInputs, broken: int) -> ReportInputs:
    """The same, but one agency has no open finding, and so many broken rules."""
    outcomes = inputs.outcomes.assign(
        breaches=inputs.outcomes["breaches"].where(inputs.outcomes["agency"] != "H03.02", 0)
    )
    rows = outcomes.index[(outcomes["agency"] == "H03.02") & (outcomes["tested"] > 0)][:broken]
    outcomes.loc[rows, "breaches"] = 1
    findings = inputs.findings[inputs.findings["agency"] != "H03.02"]
    return dataclasses.replace(inputs, findings=findings, outcomes=outcomes)


@pytest.mark.parametrize(
    ("broken", "heights", "pages"), [(0, [168], 1), (1, [168, 112], 1), (2, [168, 112], 2), (9, [168], 2)]
)
def test_lower_charts_save_a_notices_second_page_where_they_can(broken, heights, pages, tmp_path: Path, layouts):
    own = build_view(quiet(make_inputs(), broken)).agencies["H03.02"]
    assert pdf.write_agency_pdf(own, tmp_path / "agency.pdf") == pages
    assert [limits.chart_height for limits in layouts] == heights


def test_a_table_of_rules_leaves_no_one_or_two_rows_alone(tmp_path: Path):
    own = build_view(quiet(make_inputs(), 12)).agencies["H03.02"]
    broken = {rule.title for rule in own.rules if rule.breaches.value}
    for lines in range(5, 9):
        pdf.write_agency_pdf(dataclasses.replace(own, sentences=(own.sentences[0],) * lines), tmp_path / "agency.pdf")
        with pdfplumber.open(tmp_path / "agency.pdf") as document:
            cells = [
                {str(cell) for row in page.extract_tables() for line in row for cell in line} for page in document.pages
            ]
        rows = [sum(" ".join(cell.split()) in broken for cell in page) for page in cells]
        assert sum(rows) == 12
        assert not {1, 2} & set(rows)


def test_more_law_than_the_rules_page_holds_is_set_smaller(tmp_path: Path):
    inputs = make_inputs()
    wordy = tuple(
        dataclasses.replace(
            rule, basis=(*rule.basis, "điểm 3, điểm 4 Công văn số 815/UBND-VXNV") if place < 8 else rule.basis
        )
        for place, rule in enumerate(inputs.rules)
    )
    assert pdf.write_pdf(build_view(dataclasses.replace(inputs, rules=wordy)), tmp_path / "week.pdf") == pdf.MOST_PAGES
    with pdfplumber.open(tmp_path / "week.pdf") as document:
        assert size(found(document.pages[-1], "Chứng thư máy chủ sắp hết hạn")) == 8.4


def test_the_rules_are_set_as_large_as_their_page_allows(report):
    assert size(found(report.pages[-1], "Chứng thư máy chủ sắp hết hạn")) == 9


@pytest.mark.parametrize("findings", [0, 3000])
def test_an_empty_and_a_terrible_week_both_fit(findings, tmp_path: Path):
    view = build_view(make_inputs(findings=findings))
    assert pdf.write_pdf(view, tmp_path / "week.pdf") <= pdf.MOST_PAGES
    worst = max(view.agencies.values(), key=lambda own: len(own.findings))
    assert pdf.write_agency_pdf(worst, tmp_path / "agency.pdf") <= pdf.MOST_AGENCY_PAGES


@pytest.mark.slow
def test_a_province_with_many_agencies_fits(tmp_path: Path):
    inputs = make_inputs(findings=400)
    many = inputs.agencies + tuple(
        dataclasses.replace(agency, code=f"{agency.code}.X", name=f"{agency.name} thứ hai")
        for agency in inputs.agencies
    )
    assert (
        pdf.write_pdf(build_view(dataclasses.replace(inputs, agencies=many)), tmp_path / "many.pdf") <= pdf.MOST_PAGES
    )
