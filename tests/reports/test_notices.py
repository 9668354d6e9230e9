"""To whom a notice speaks, where it places its agency, what it tells of missing logs, and how it ends."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pandas as pd
import pdfplumber
import pytest

from reports import pdf
from reports.figure import Figure
from reports.inputs import AgencyInfo, Issuer, ReportInputs
from reports.mail import letter_of
from reports.parts.addressing import addressing
from reports.parts.ranking import ranking, standing
from reports.reading import read
from reports.rendering import joined, kept
from reports.view import AgencyView, ReportView, build_view
from reports.worst import single

ISSUER = Issuer("UBND tỉnh A", "Sở B", "SB", "A")


@pytest.mark.parametrize(
    ("name", "kind", "asked", "closing", "copy"),
    [
        ("Sở C", "department", "Đề nghị Sở C", "Sở B thông báo để Sở C biết, thực hiện./.", "Sở C (t/h)"),
        ("Hội D", "mass_organisation", "Đề nghị Hội D", "Sở B thông báo để Hội D biết, phối hợp thực hiện./.", "Hội D (p/h)"),
        (
            "UBND tỉnh A",
            "people_committee_province",
            "Kính đề nghị UBND tỉnh A",
            "Sở B kính báo cáo UBND tỉnh A xem xét, chỉ đạo thực hiện./.",
            "Như trên",
        ),
        (
            "Sở B",
            "department",
            "Đề nghị các phòng, đơn vị trực thuộc",
            "Sở B thông báo để các phòng, đơn vị trực thuộc biết, thực hiện./.",
            "Các phòng, đơn vị trực thuộc (t/h)",
        ),
    ],
)  # fmt: skip
def test_a_notice_speaks_to_its_reader(name, kind, asked, closing, copy):
    made = addressing(ISSUER, AgencyInfo("X", name, kind))
    assert (made.request, made.closing, made.copy) == (asked, closing, copy)


def read_notice(view: AgencyView, folder: Path) -> str:
    pdf.write_agency_pdf(view, folder / "notice.pdf")
    with pdfplumber.open(folder / "notice.pdf") as document:
        return " ".join(" ".join(page.extract_text(x_tolerance=1.5).split()) for page in document.pages)


def test_nobody_is_told_of_itself_in_the_third_person(view: ReportView, tmp_path: Path):
    own = next(each for each in view.agencies.values() if each.agency.name == view.issuer.name)
    text = read_notice(own, tmp_path)
    assert "kết quả kiểm tra nhật ký gửi, nhận văn bản của cơ quan như sau:" in text
    assert "thông báo để các phòng, đơn vị trực thuộc biết, thực hiện./." in text
    assert "Đề nghị các phòng, đơn vị trực thuộc:" in text
    assert letter_of(own).plain.startswith("Kính gửi: Các phòng, đơn vị trực thuộc\n")


def placed(inputs: ReportInputs, ranks: dict[str, float]) -> ReportInputs:
    """The agencies have these ranks, the others none."""
    rows = inputs.indicators
    wanted = rows["agency"].map(ranks).astype("float64")
    return dataclasses.replace(
        inputs, indicators=rows.assign(value=rows["value"].where(rows["indicator"] != "rank", wanted))
    )


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("H03.01", "Xếp thứ nhất trong 04 cơ quan được xếp hạng."),
        ("H03.02", "Xếp thứ 2 (đồng hạng) trong 04 cơ quan được xếp hạng."),
        ("H03.18", "Tạm xếp thứ 2 (đồng hạng) trong 04 cơ quan được xếp hạng vì thiếu nhật ký của một số ngày."),
        ("H03.03", "Xếp thứ 4 trong 04 cơ quan được xếp hạng."),
        ("H03.04", "Không xếp hạng vì chưa đủ số văn bản kiểm tra được hoặc thiếu nhật ký."),
    ],
)
def test_a_place_is_told_as_the_ranking_means_it(inputs: ReportInputs, code: str, told: str):
    given = placed(inputs, {"H03.01": 1, "H03.02": 2, "H03.18": 2, "H03.03": 4})
    place = next(each for each in ranking(read(given)) if each.agency == code)
    assert standing(place, 4) == told


def test_two_at_the_top_share_the_first_place(inputs: ReportInputs):
    view = build_view(placed(inputs, {"H03.01": 1, "H03.02": 1}))
    assert view.agencies["H03.01"].standing == "Xếp thứ nhất (đồng hạng) trong 02 cơ quan được xếp hạng."
    assert Figure(1.0, "1") in {place.rank for place in view.ranking}


@pytest.mark.parametrize(
    ("sentence", "made"),
    [
        ("a <b> c d e", "a <b> c\N{NO-BREAK SPACE}d\N{NO-BREAK SPACE}e"),
        ("a & b", "a & b"),
        (f"a b c {'d' * 41}", f"a b c {'d' * 41}"),
        ("", ""),
    ],
)
def test_the_last_words_stay_together_unless_they_would_not_fit(sentence: str, made: str):
    assert kept(sentence) == made


@pytest.mark.parametrize(
    ("title", "delay", "made"),
    [
        ("Chuyển giao chậm", "1 ngày làm việc", ", quá hạn 1 ngày làm việc"),
        ("Gửi quá hạn hoặc chưa gửi", "3 giờ", ", chậm 3 giờ"),
        ("Văn bản tồn đọng", "2 ngày làm việc", ", chậm 2 ngày làm việc"),
        ("Chưa ký số", "", ""),
    ],
)
def test_lateness_repeats_no_word_of_the_violations_name(view: ReportView, title: str, delay: str, made: str):
    row = view.findings.head(1).assign(title=title, delay_text=delay, delay_minutes=90.0)
    assert single(row, 1)[0].what == title + made


@pytest.mark.parametrize(
    ("subject", "made"),
    [
        ("V/v rà soát", "V/\N{WORD JOINER}v rà soát"),
        ("rà soát (v/v họp)", "rà soát (v/\N{WORD JOINER}v họp)"),
        ("Văn bản IV/vi", "Văn bản IV/vi"),
        ("", ""),
    ],
)
def test_a_line_is_not_broken_within_the_mark_of_a_subject(subject: str, made: str):
    assert joined(subject) == made


def test_what_a_notice_leaves_out_is_told_apart_from_what_has_happened(view: ReportView, tmp_path: Path):
    own = max((each for each in view.agencies.values() if each.agency.pulled), key=lambda each: len(each.work))
    text = read_notice(own, tmp_path)
    shown = re.search(r"Đã nêu (\d\d)/(\d\d) việc phải khắc phục; còn lại và (\d\d) vi phạm đã xảy ra: Excel", text)
    assert shown is not None
    assert (int(shown[2]), int(shown[3])) == (len(own.work), len(own.past))
    assert int(shown[1]) < len(own.work)


def without_a_day(inputs: ReportInputs, anchored: str = "2021-02-03") -> ReportInputs:
    """Ban Dân tộc has one finding: the log of 3 February is missing."""
    row = inputs.findings[inputs.findings["code"].str.startswith("H")].head(1)
    detail = json.dumps({"tables": ["receipts"], "failure": "connection failed"})
    row = row.assign(rule="missing_log", code="H2", agency="H03.18", sender="H03.18", state="new", detail=detail)
    row = row.assign(anchored_at=pd.Timestamp(f"{anchored}T00:00:00+07:00").tz_convert("UTC"))
    others = inputs.findings[inputs.findings["agency"] != "H03.18"]
    return dataclasses.replace(inputs, findings=pd.concat([row.assign(extra="2021-02-03", recipient=None), others]))


def test_a_missing_log_is_told_with_its_day_and_part_and_of_this_agency_alone(inputs: ReportInputs, tmp_path: Path):
    own = build_view(without_a_day(inputs)).agencies["H03.18"]
    text = read_notice(own, tmp_path)
    assert "Nhật ký còn thiếu Ngày 03/02/2021; thiếu văn bản đến; không kết nối được hệ thống của đơn vị" in text
    assert "Nhật ký còn thiếu:" not in text, "the table has told it"
    assert "số liệu chưa phản ánh ngày này." in text
    assert "cơ quan thiếu nhật ký" not in text
    assert "trong báo cáo" not in text
    other_day = build_view(without_a_day(inputs, "2021-02-02")).agencies["H03.18"]
    told = "Nhật ký còn thiếu: 03/02/2021, toàn bộ nhật ký (chưa có dữ liệu): "
    assert told in read_notice(other_day, tmp_path)
    assert own.gaps.summary == "Nhật ký của cơ quan còn thiếu ở 01 ngày; số liệu chưa phản ánh ngày này."


def test_a_document_without_a_subject_is_told_by_what_was_seen(inputs: ReportInputs, tmp_path: Path):
    row = inputs.findings[inputs.findings["code"] == "T1"].head(1)
    lacking = row.assign(agency="H03.18", sender="H03.18", state="new", subject=None, detail='{"fields": ["subject"]}')
    secret = row.assign(
        rule="secret_on_axis", code="M1", agency="H03.18", sender="H03.18", state="new", finding_id="e" * 16
    )
    others = inputs.findings[inputs.findings["agency"] != "H03.18"]
    secret = secret.assign(number="77", notation="BC-BDT", detail='{"secrecy": "mat"}')
    given = dataclasses.replace(inputs, findings=pd.concat([lacking, secret, others]))
    text = read_notice(build_view(given).agencies["H03.18"], tmp_path)
    assert "Thiếu trích yếu" in text
    assert "(không nêu)" in text


def test_who_gives_no_log_is_told_what_the_workbook_holds(inputs: ReportInputs, tmp_path: Path):
    agencies = tuple(dataclasses.replace(each, pulled=each.code != "H03.52") for each in inputs.agencies)
    clean = inputs.findings[inputs.findings["agency"] != "H03.52"]
    own = build_view(dataclasses.replace(inputs, agencies=agencies, findings=clean)).agencies["H03.52"]
    text = read_notice(own, tmp_path)
    assert "Kèm theo: tệp Excel H03.52-2021-W05.xlsx (chỉ có danh mục quy tắc)." in text
    assert "biết, phối hợp thực hiện./." in text
