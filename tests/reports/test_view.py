"""The view: sentences, verdicts, order, and what happens where there is no data."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, datetime, timedelta

import pandas as pd
import pytest

from reports import cures, period, text
from reports.figure import Figure
from reports.inputs import ReportInputs
from reports.parts import citations, gaps, heatmap, ranking, trend
from reports.readable import document_names
from reports.sentences import UNCONNECTED
from reports.view import ReportView, build_view
from tests.reports.province import make_inputs

GOLDEN_SENTENCES = (
    (
        "Trong tuần, các cơ quan gửi 2.150 văn bản đến 41.206 lượt nơi nhận; 99,2% lượt đến nơi (tuần trước 98,7%), "
        "326 chưa đến. Còn 17 lượt gửi lỗi, không đến nơi nhận, tập trung tại Sở Y tế (03) và UBND huyện Chợ Đồn (03)."
    ),
    (
        "93,4% lượt văn bản đến được phản hồi trong ngày (tăng 1,2 điểm phần trăm); còn 28 lượt chưa phản hồi, nhiều nhất "
        "tại Sở Y tế (07) và Sở Xây dựng (03); 21 lượt tồn đọng quá hạn (04 khẩn; tuần trước 27)."
    ),
    (
        "Trong tuần có 420 vi phạm (tuần trước 437). Cuối tuần còn 215 việc phải khắc phục (08 nghiêm trọng); "
        "119 vi phạm đã xảy ra: 89 chỉ rút kinh nghiệm, 30 phải sửa cấu hình, vận hành; tổng 334 (tuần trước 334)."
    ),
    "Chưa đủ dữ liệu của Ban Dân tộc và Hội Cựu chiến binh tỉnh (tổng cộng 03 ngày); số liệu chưa phản ánh phần này.",
)


def without(inputs: ReportInputs, **frames: object) -> ReportInputs:
    return dataclasses.replace(inputs, **frames)


def only(inputs: ReportInputs, keep: pd.Series) -> ReportInputs:
    """The inputs with these findings alone, and indicators that agree."""
    findings = inputs.findings[keep]
    opened = findings[findings["state"].isin(("new", "open", "reopened"))]
    counts = {"undelivered": ["failed_send", "undelivered"], "backlog_overdue": ["backlog", "urgent_backlog"]}
    indicators = inputs.indicators.copy()
    for name, rules in counts.items():
        hit = (indicators["agency"] == "") & (indicators["indicator"] == name)
        indicators.loc[hit, "value"] = float(opened["rule"].isin(rules).sum())
    return without(inputs, findings=findings, indicators=indicators)


def set_province(inputs: ReportInputs, **values: float) -> ReportInputs:
    indicators = inputs.indicators.copy()
    for name, value in values.items():
        indicators.loc[(indicators["agency"] == "") & (indicators["indicator"] == name), "value"] = value
    return without(inputs, indicators=indicators)


def test_sentences_of_a_usual_week(view: ReportView):
    assert view.sentences == GOLDEN_SENTENCES


def test_at_most_five_sentences_and_a_secret_comes_first(inputs: ReportInputs):
    secret = inputs.findings.iloc[[0]].assign(
        rule="secret_on_axis", code="M1", severity="critical", state="new", finding_id="f" * 16, agency="H03.09"
    )
    view = build_view(without(inputs, findings=pd.concat([inputs.findings, secret], ignore_index=True)))
    assert len(view.sentences) == 5
    assert view.sentences[0] == "Sở Xây dựng phải thu hồi ngay 01 văn bản mật trên trục liên thông."


def test_what_is_open_from_before_is_told_beside_the_figures_that_leave_it_out(inputs: ReportInputs):
    old = inputs.findings[(inputs.findings["rule"] == "failed_send") & (inputs.findings["state"] == "open")].head(2)
    old = old.assign(finding_id=["a" * 16, "b" * 16][: len(old)], topic="covid-19")
    findings = pd.concat([inputs.findings.assign(is_carried=False), old.assign(is_carried=True)], ignore_index=True)
    before, view = build_view(inputs), build_view(without(inputs, findings=findings))
    carried = f"{len(old):02d}"
    assert before.sentences[0].count("lượt gửi lỗi, không đến nơi nhận,") == 1
    assert f"Còn {17 + len(old)} lượt gửi lỗi, không đến nơi nhận ({carried} từ các tuần trước)" in view.sentences[0]
    assert f"({carried} từ các tuần trước)" in view.topics[0].sentence


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("failed_send", "Còn 02 lượt gửi lỗi, không đến nơi nhận (đều từ các tuần trước)"),
        ("backlog", "; 02 lượt tồn đọng quá hạn"),
        ("unsigned", "Cuối tuần còn 02 việc phải khắc phục (tuần trước 334)."),
    ],
)
def test_what_is_open_from_before_is_told_where_the_period_itself_is_clean(inputs: ReportInputs, rule: str, told: str):
    quiet = only(inputs, pd.Series(False, index=inputs.findings.index))
    old = inputs.findings.head(2).assign(rule=rule, state="open", is_carried=True, topic=None)
    view = build_view(without(quiet, findings=old, coverage=inputs.coverage.assign(state="complete")))
    assert told in " ".join(view.sentences)


def test_what_nobody_can_put_right_any_more_is_not_left_to_be_put_right(inputs: ReportInputs):
    late = inputs.findings.head(3).assign(rule="late_acknowledgement", state="new", is_carried=False, severity="high")
    lacking = inputs.findings.head(1).assign(rule="unsigned", state="new", is_carried=False, severity="high")
    lacking = lacking.assign(finding_id="e" * 16)
    past = "03 vi phạm đã xảy ra, không còn việc phải khắc phục, yêu cầu rút kinh nghiệm"
    for findings, told in (
        (late, f"Cuối tuần có {past} (tuần trước 334)."),
        (pd.concat([late, lacking]), f"còn 01 việc phải khắc phục; {past}; tổng 04 (tuần trước 334)."),
        (lacking, "còn 01 việc phải khắc phục (tuần trước 334)."),
    ):
        view = build_view(without(inputs, findings=findings.reset_index(drop=True)))
        assert any(told in sentence for sentence in view.sentences), view.sentences


def test_a_certificate_that_nobody_saw_is_not_called_valid(inputs: ReportInputs):
    ends = inputs.outages["certificate_ends_at"]
    unseen = inputs.outages.assign(certificate_ends_at=ends.mask(ends.notna()))
    ending = set(inputs.findings.loc[inputs.findings["rule"] == "expiring_certificate", "agency"])
    seen = {row.agency: row.certificate_text for row in build_view(inputs).systems.rows}
    told = {row.agency: row.certificate_text for row in build_view(without(inputs, outages=unseen)).systems.rows}
    assert {text for agency, text in seen.items() if agency not in ending} == {"Còn hạn"}
    assert {text for agency, text in told.items() if agency not in ending} == {"–"}


def expiring(inputs: ReportInputs, ends: str, *others: str) -> ReportInputs:
    """H03.16 has a certificate that ends then, and beside it one open finding of each of the severities."""
    rows = inputs.findings[inputs.findings["code"] == "K6"].head(1).assign(agency="H03.16", state="new")
    found = [rows.assign(severity=each, finding_id=f"{place:016x}") for place, each in enumerate(others)]
    told = rows.assign(rule="expiring_certificate", code="H3", severity="low", finding_id="e" * 16)
    findings = pd.concat([*found, told.assign(detail=json.dumps({"certificate_ends_at": ends}))], ignore_index=True)
    outages = inputs.outages.assign(certificate_ends_at=pd.Timestamp(ends))
    closings = tuple(datetime(2021, 2, day, 17) for day in (8, 9, 10, 11))
    return without(
        inputs, findings=findings, outages=outages, deadlines=dataclasses.replace(inputs.deadlines, closings=closings)
    )


SOON, LATER = "11 giờ 30 phút ngày 09/02/2021", "17 giờ ngày 12/02/2021"


@pytest.mark.parametrize(
    ("ends", "others", "by", "certificate"),
    [
        # It ends at 0:00 of the 11th in Vietnam.
        ("2021-02-10T17:00:00Z", [], "01 việc trước 17 giờ ngày 10/02/2021", "Còn hạn đến hết ngày 10/02/2021"),
        (
            "2021-02-10T17:00:00Z",
            ["critical", "high", "high", "medium"],
            (f"03 việc mức nghiêm trọng, cao trước {SOON}; 02 việc còn lại trước {LATER}, "
            "riêng gia hạn 01 chứng thư máy chủ trước 17 giờ ngày 10/02/2021"),
            "Còn hạn đến hết ngày 10/02/2021",
        ),
        ("2021-02-10T07:00:00Z", ["high"], f"01 việc mức cao trước {SOON}; 01 việc còn lại trước 17 giờ ngày 09/02/2021", "Còn hạn đến 14 giờ ngày 10/02/2021"),
        ("2021-02-04T17:00:00Z", ["critical"], f"01 việc mức nghiêm trọng trước {SOON}; 01 việc còn lại trước {SOON}", "Đã hết hạn: thời hạn đến hết ngày 04/02/2021"),
        ("2021-03-04T17:00:00Z", ["low"], "02 việc trước 17 giờ ngày 11/02/2021", None),
    ],
)  # fmt: skip
def test_a_certificate_is_to_be_renewed_before_it_ends(
    inputs: ReportInputs, ends: str, others: list[str], by: str, certificate: str | None
):
    given = expiring(inputs, ends, *others)
    if certificate is None:  # it ends after the later deadline, which is the last end of work
        last = given.deadlines.closings[-1]
        given = without(given, deadlines=dataclasses.replace(given.deadlines, regular_at=last))
    view = build_view(given)
    assert view.agencies["H03.16"].task.by == f"Hoàn thành {by}."
    if certificate:
        assert {row.certificate_text for row in view.systems.rows if row.agency == "H03.16"} == {certificate}


@pytest.mark.parametrize(
    ("tables", "marked"),
    [
        (("documents",), (True, False)),
        (("sends",), (True, False)),
        (("receipts",), (False, True)),
        (("statuses",), (True, True)),
        (("documents", "sends", "receipts", "statuses"), (True, True)),
        ((), (False, False)),
    ],
)
def test_only_sentences_whose_tables_lack_speak_of_the_data_at_hand(
    inputs: ReportInputs, tables: tuple[str, ...], marked: tuple[bool, bool]
):
    agency = "H03.16"
    coverage = inputs.coverage.assign(state="complete")
    lacks = (coverage["agency"] == agency) & coverage["table"].isin(tables)
    indicators = inputs.indicators.copy()
    own = indicators["agency"] == agency
    for name, value in (("arrived_share", 1.0), ("undelivered", 0.0)):
        indicators.loc[own & (indicators["indicator"] == name), "value"] = value
    none = inputs.findings[inputs.findings["agency"] != agency]
    given = without(
        inputs,
        coverage=coverage.assign(state=coverage["state"].mask(lacks, "partial")),
        indicators=indicators,
        findings=none,
    )
    sending, answering, *_ = build_view(given).agencies[agency].sentences
    assert ("trong phần dữ liệu đã có" in sending, "trong phần dữ liệu đã có" in answering) == marked


def test_of_an_agency_that_could_not_be_looked_at_nothing_is_counted(inputs: ReportInputs):
    agency = next(place.agency for place in build_view(inputs).ranking if not place.rank.known)
    blank = inputs.indicators.copy()
    blank.loc[(blank["agency"] == agency) & (blank["indicator"] == "rank_tested"), "value"] = 0.0
    findings = inputs.findings[inputs.findings["agency"] != agency]
    view = build_view(without(inputs, indicators=blank, findings=findings))
    place = next(place for place in view.ranking if place.agency == agency)
    assert (place.open.text, place.urgent.text, place.regular.text) == ("–", "–", "–")


def test_a_secret_is_the_first_row_of_every_worklist(inputs: ReportInputs):
    secret = inputs.findings.iloc[[0]].assign(
        rule="secret_on_axis", code="M1", severity="critical", state="new", finding_id="f" * 16, topic=None
    )
    view = build_view(without(inputs, findings=pd.concat([inputs.findings, secret], ignore_index=True)))
    assert view.open_findings["finding_id"].iloc[0] == "f" * 16


def test_the_verdict_counts_better_and_worse(inputs: ReportInputs):
    worse = set_province(inputs, compliance_index=90.0, arrived_share=1.0, undelivered=40.0)
    assert build_view(worse).verdict == (
        "Chưa đạt 05 trong 06 mục tiêu; 02 chỉ số kém hơn và 04 chỉ số tốt hơn tuần trước."
    )


def test_the_verdict_of_all_and_of_none(inputs: ReportInputs):
    targets = dict.fromkeys(inputs.targets, 0.0)
    good = without(inputs, targets={**targets, "undelivered": 1e9, "backlog_overdue": 1e9})
    assert build_view(good).verdict.startswith("Đạt cả 06 mục tiêu; ")
    assert {each.met_text for each in build_view(good).headlines} == {"Đạt"}
    assert build_view(inputs).verdict.startswith("Chưa đạt cả 06 mục tiêu; ")
    assert {each.met_text for each in build_view(inputs).headlines} == {"Chưa đạt"}


def test_counts_below_ten_read_alike_in_the_boxes_and_the_sentences(inputs: ReportInputs):
    previous = inputs.previous_indicators.copy()
    previous.loc[(previous["agency"] == "") & (previous["indicator"] == "backlog_overdue"), "value"] = 5.0
    view = build_view(without(set_province(inputs, undelivered=3.0), previous_indicators=previous))
    by_id = {each.id: each for each in view.headlines}
    assert by_id["undelivered"].now.text == "03"
    assert (by_id["backlog_overdue"].before.text, by_id["backlog_overdue"].before.value) == ("05", 5.0)
    assert "tuần trước 05" in " ".join(view.sentences)
    assert by_id["undelivered"].target_text == "mục tiêu 0"


def test_an_index_below_everything_is_never_printed_as_everything(inputs: ReportInputs):
    index = next(
        each
        for each in build_view(set_province(inputs, compliance_index=99.97)).headlines
        if each.id == "compliance_index"
    )
    assert (index.now.text, index.now.value) == ("99,97", 99.97)


def test_a_difference_between_two_printed_numbers_has_their_decimals(inputs: ReportInputs):
    previous = inputs.previous_indicators.copy()
    of_province = (previous["agency"] == "") & (previous["indicator"] == "arrived_share")
    previous.loc[of_province, "value"] = 1.0
    view = build_view(without(set_province(inputs, arrived_share=0.9996), previous_indicators=previous))
    arrived = next(each for each in view.headlines if each.id == "arrived_share")
    assert (arrived.now.text, arrived.before.text, arrived.change) == ("99,96%", "100%", "worse")
    assert arrived.difference == "giảm 0,04 điểm phần trăm"


def test_an_agency_without_a_rank_has_no_index_in_the_ranking(view: ReportView):
    unranked = [place for place in view.ranking if not place.rank.known]
    assert unranked
    assert {place.index.text for place in unranked} == {"–"}


def test_no_findings_and_all_days_read_as_nothing_left(inputs: ReportInputs):
    quiet = set_province(only(inputs, pd.Series(False, index=inputs.findings.index)), arrived_share=1.0)
    view = build_view(without(quiet, coverage=inputs.coverage.assign(state="complete")))
    assert view.sentences[0].endswith(" Không còn lượt gửi lỗi, không đến nơi nhận.")
    assert view.sentences[1] == "93,4% lượt văn bản đến được phản hồi trong ngày (tăng 1,2 điểm phần trăm)."
    assert (view.calls, view.tasks, view.proposals) == ((), (), "")


def test_no_findings_but_missing_days_is_said_of_the_data_at_hand_only(inputs: ReportInputs):
    quiet = set_province(only(inputs, pd.Series(False, index=inputs.findings.index)), arrived_share=1.0)
    view = build_view(quiet)
    assert view.sentences[0].endswith(" Không còn lượt gửi lỗi, không đến nơi nhận trong phần dữ liệu đã có.")


def test_where_something_has_not_arrived_nobody_says_that_nothing_failed(inputs: ReportInputs):
    def told(findings: pd.DataFrame, share: float) -> str:
        return build_view(without(set_province(inputs, arrived_share=share), findings=findings)).sentences[0]

    nothing = inputs.findings.iloc[:0]
    broken = inputs.findings.head(2).assign(rule="failed_receipt", code="N1", state="new", is_carried=[False, True])
    assert told(nothing, 41204 / 41206).endswith(", 02 chưa đến (nơi nhận báo nhận lỗi hoặc chưa xác nhận được).")
    assert told(broken, 41204 / 41206).endswith(", 02 chưa đến (nơi nhận báo nhận lỗi hoặc chưa xác nhận được).")
    assert "chưa đến" not in told(broken, 1.0)
    lost = broken.assign(rule="failed_send", code="G1")
    assert ", 02 chưa đến. Còn 02 lượt gửi lỗi" in told(lost, 41204 / 41206)


def test_no_data_is_said_as_no_data_and_never_as_compliance(inputs: ReportInputs):
    nothing = without(
        inputs,
        findings=inputs.findings.iloc[:0],
        outcomes=inputs.outcomes.assign(tested=0, breaches=0, findings=0, not_decided=1, outcome="NOT_TESTED"),
        indicators=inputs.indicators.assign(value=float("nan")),
        previous_indicators=inputs.previous_indicators.iloc[:0],
        previous_outcomes=inputs.previous_outcomes.iloc[:0],
        coverage=inputs.coverage.assign(state="missing", failed_at="agency"),
        history=inputs.history.assign(value=float("nan")),
        outages=inputs.outages.iloc[:0],
    )
    view = build_view(nothing)
    assert view.verdict == "Chưa có dữ liệu để đánh giá."
    assert view.sentences == (
        "Chưa có dữ liệu về văn bản gửi trong tuần. Chưa có dữ liệu về văn bản gửi lỗi, không đến nơi nhận.",
        "Chưa có dữ liệu về phản hồi trạng thái.",
        (
            "Chưa đủ dữ liệu của Ban Dân tộc, Ban Quản lý các khu công nghiệp và 32 cơ quan khác (tổng cộng 238 ngày); "
            "số liệu chưa phản ánh phần này."
        ),
    )
    assert {headline.now.text for headline in view.headlines} == {"–"}
    assert {cell.level for row in view.heatmap.rows for cell in row.cells} == {-1}
    assert {rule.outcome_text for rule in view.rules} == {"Chưa kiểm tra được"}
    assert all(place.rank.value is None for place in view.ranking)


def test_one_missing_day_names_agency_and_day(inputs: ReportInputs):
    coverage = inputs.coverage
    one = coverage.assign(state=coverage["state"].where(coverage["agency"] == "H03.18", "complete"))
    view = build_view(without(inputs, coverage=one))
    assert "Chưa có dữ liệu ngày 03/02/2021 của Ban Dân tộc; số liệu chưa phản ánh ngày này." in view.sentences


def test_an_arrow_means_better_not_up(inputs: ReportInputs):
    view = build_view(set_province(inputs, undelivered=30.0, arrived_share=0.999))
    by_id = {headline.id: headline for headline in view.headlines}
    assert (by_id["undelivered"].arrow, by_id["undelivered"].change_text) == ("▼", "kém hơn")
    assert (by_id["arrived_share"].arrow, by_id["arrived_share"].change_text) == ("▲", "tốt hơn")


def test_a_difference_is_that_of_the_printed_numbers(inputs: ReportInputs):
    # 93,44 − 92,16 = 1,28, but a reader who subtracts what is printed gets 93,4 − 92,2 = 1,2.
    now = set_province(inputs, acknowledged_in_day_share=0.9344)
    before = inputs.previous_indicators.copy()
    before.loc[(before["agency"] == "") & (before["indicator"] == "acknowledged_in_day_share"), "value"] = 0.9216
    view = build_view(without(now, previous_indicators=before))
    shown = next(headline for headline in view.headlines if headline.id == "acknowledged_in_day_share")
    assert (shown.now.text, shown.before.text, shown.difference) == ("93,4%", "92,2%", "tăng 1,2 điểm phần trăm")


def test_findings_are_worst_first(view: ReportView):
    assert view.findings["severity_rank"].is_monotonic_increasing
    criticals = view.findings[(view.findings["severity_rank"] == 0) & view.findings["is_curable"]]
    assert (criticals["topic"] != "").tolist() == sorted((criticals["topic"] != "").tolist(), reverse=True)


def test_figures_and_findings_agree(inputs: ReportInputs, view: ReportView):
    opened = view.open_findings
    by_id = {headline.id: headline for headline in view.headlines}
    assert by_id["undelivered"].now.value == opened["rule"].isin(("failed_send", "undelivered")).sum()
    assert by_id["backlog_overdue"].now.value == opened["rule"].isin(("backlog", "urgent_backlog")).sum()
    assert sum(task.total.value or 0 for task in view.tasks) == len(opened)
    assert view.heatmap.totals[-1].value == inputs.outcomes["breaches"].sum()
    assert sum(rule.breaches.value or 0 for rule in view.rules) == inputs.outcomes["breaches"].sum()


def test_the_order_of_findings_does_not_matter(inputs: ReportInputs, view: ReportView):
    shuffled = build_view(without(inputs, findings=inputs.findings.sample(frac=1, random_state=3)))
    pd.testing.assert_frame_equal(shuffled.findings, view.findings)
    assert (shuffled.sentences, shuffled.calls, shuffled.tasks) == (view.sentences, view.calls, view.tasks)


def test_an_agency_sees_its_own_findings_alone(view: ReportView):
    for code, own in view.agencies.items():
        assert set(own.findings["agency"]) <= {code}
    assert sum(len(own.findings) for own in view.agencies.values()) == len(view.findings)


def test_the_end_of_a_day_is_not_shown_as_the_next_day(inputs: ReportInputs):
    findings = inputs.findings.iloc[:2].assign(
        deadline_at=pd.to_datetime(["2021-02-04T17:00:00Z", "2021-02-04T09:59:00Z"])
    )
    view = build_view(without(inputs, findings=findings.set_index(inputs.findings.index[:2])))
    assert set(view.findings["deadline"].astype(str)) == {"2021-02-04 23:59:00", "2021-02-04 16:59:00"}


def test_delays_of_urgent_limits_go_by_the_clock(inputs: ReportInputs):
    rows = inputs.findings.iloc[:3].assign(
        rule=["late_forwarding", "late_forwarding", "urgent_backlog"],
        code=["N4", "N4", "N6"],
        urgency=["thuong", "khan", "khan"],
        delay_minutes=600.0,
    )
    told = build_view(without(inputs, findings=rows)).findings.set_index(["rule", "urgency"])["delay_text"]
    assert told["late_forwarding", "thuong"] == "1 ngày 2 giờ làm việc"
    assert told["late_forwarding", "khan"] == told["urgent_backlog", "khan"] == "10 giờ"
    longer = build_view(without(inputs, findings=rows.assign(delay_minutes=6360.0))).findings
    told = longer.set_index(["rule", "urgency"])["delay_text"]
    assert told["late_forwarding", "thuong"] == "13 ngày 2 giờ làm việc"
    assert told["urgent_backlog", "khan"] == "4 ngày 10 giờ, tính cả ngày nghỉ"


def test_a_secret_puts_its_agency_first(inputs: ReportInputs):
    secret = inputs.findings.iloc[[0]].assign(
        rule="secret_on_axis", code="M1", severity="critical", state="new", agency="H03.09"
    )
    view = build_view(without(inputs, findings=pd.concat([inputs.findings.iloc[1:], secret], ignore_index=True)))
    assert view.calls[0].agency == view.tasks[0].agency == "H03.09"
    assert view.calls[0].reason.startswith("01 văn bản mật trên trục liên thông")
    assert view.calls[0].action.startswith("Thu hồi ngay 01 văn bản mật và báo cáo người đứng đầu")


def test_waived_and_resolved_are_no_work(view: ReportView):
    assert not set(view.open_findings["state"]) & {"waived", "resolved"}
    assert "Được miễn đến ngày 31/03/2021" in set(view.findings["state_text"])


def test_an_unknown_rule_is_an_error_not_a_silence(inputs: ReportInputs):
    with pytest.raises(KeyError, match="no_such_rule"):
        build_view(without(inputs, findings=inputs.findings.assign(rule="no_such_rule")))


def test_missing_labels_are_an_error(inputs: ReportInputs):
    with pytest.raises(KeyError, match="states"):
        build_view(without(inputs, labels={name: words for name, words in inputs.labels.items() if name != "states"}))


@pytest.mark.parametrize("edition", ["monthly", "quarterly"])
def test_other_editions_speak_of_their_period(edition):
    view = build_view(make_inputs(edition=edition, findings=60))
    unit = {"monthly": "tháng", "quarterly": "quý"}[edition]
    assert view.sentences[0].startswith(f"Trong {unit}, ")
    assert view.period.before == f"{unit} trước"


@pytest.mark.parametrize(
    ("edition", "start", "end", "label", "slug"),
    [
        ("weekly", date(2021, 2, 1), date(2021, 2, 8), "tuần 05 năm 2021", "2021-W05"),
        ("weekly", date(2020, 12, 28), date(2021, 1, 4), "tuần 53 năm 2020", "2020-W53"),
        ("monthly", date(2021, 2, 1), date(2021, 3, 1), "tháng 02 năm 2021", "2021-02"),
        ("monthly", date(2021, 3, 1), date(2021, 4, 1), "tháng 3 năm 2021", "2021-03"),
        ("quarterly", date(2021, 10, 1), date(2022, 1, 1), "quý IV năm 2021", "2021-Q4"),
    ],
)
def test_periods(edition, start, end, label, slug):
    described = period.describe(edition, start, end)
    assert (described.label, described.slug) == (label, slug)


def test_document_names_pad_numbers_below_ten():
    raw = pd.DataFrame({"number": ["5", "15", None, "7", "0"], "notation": ["QĐ-UBND", None, "BC-STC", "", "X"]})
    assert document_names(raw).tolist() == ["05/QĐ-UBND", "15", "BC-STC", "07", "00/X"]


@pytest.mark.parametrize(
    ("breaches", "tested", "level"),
    [(0, 9, 0), (9, 1000, 1), (10, 1000, 1), (20, 1000, 2), (5, 100, 3), (20, 100, 4), (30, 100, 5), (5, 5, 5)],
)
def test_shades(breaches, tested, level):
    assert heatmap.level(breaches, tested) == level


@pytest.mark.parametrize(("breaches", "level"), [(1, 2), (2, 3), (4, 3), (5, 5)])
def test_few_breaches_are_no_deep_shade_even_where_they_are_all_cases(breaches, level):
    assert heatmap.level(breaches, breaches) == level


@pytest.mark.parametrize(
    ("now", "before", "moved"), [(3, 5, "▲ 2"), (5, 3, "▼ 2"), (4, 4, "="), (None, 4, ""), (4, None, "")]
)
def test_places(now, before, moved):
    assert ranking.movement(now, before)[0] == moved


def test_days_are_told_in_ranges():
    days = tuple(date(2021, 2, day) for day in (1, 3, 4, 5, 7))
    assert gaps.day_ranges(days) == "01/02/2021; từ 03/02/2021 đến 05/02/2021; 07/02/2021"
    assert gaps.code_ranges(["G1", "G2", "G3", "N1", "N2", "T4"]) == "G1–G3, N1, N2, T4"


def test_citations_for_narrow_columns():
    given = (
        "điểm d khoản 2 Điều 4 Nghị định số 30/2020/NĐ-CP",
        "khoản 4 Điều 14 Nghị định số 30/2020/NĐ-CP",
        "Điều 6 Quyết định số 28/2018/QĐ-TTg",
        "điểm 1 Công văn số 814/UBND-VXNV",
        "Chính sách kiểm tra của tỉnh: trong 4 giờ",
    )
    assert (
        citations.abridged(given)
        == "Điểm d khoản 2 Điều 4, khoản 4 Điều 14 NĐ 30/2020; Điều 6 QĐ 28/2018; điểm 1 CV 814"
    )
    assert citations.for_clerks(given).endswith("; chính sách của tỉnh")
    assert citations.for_clerks(given[4:]) == given[4]
    assert dict(citations.key(given))["CV 814"] == "Công văn số 814/UBND-VXNV"


def test_a_link_encodes_what_it_inserts(inputs: ReportInputs):
    findings = inputs.findings.iloc[:1].assign(agency="H03", number="1/../x?a=b&c", notation='"><script>')
    view = build_view(without(inputs, findings=findings))
    assert view.findings["url"].tolist() == ["https://qlvb.example/vb?so=1%2F..%2Fx%3Fa%3Db%26c&kh=%22%3E%3Cscript%3E"]


def test_a_figure_without_data_has_no_number():
    assert Figure(None, "–").known is False


SIGNERS = ("chưa cung cấp danh sách người ký", ("Q2",))
COMPLETION = ("có hệ thống không ghi việc hoàn thành", ("N5", "N6", "N7"))


def limited(inputs: ReportInputs, *limits: tuple[str, tuple[str, ...]], first: int) -> ReportInputs:
    """The inputs in which the first agencies have these limits."""
    untested = frozenset(code for _, codes in limits for code in codes)
    made = [dataclasses.replace(each, limits=limits, untested=untested) for each in inputs.agencies[:first]]
    return without(inputs, agencies=(*made, *inputs.agencies[first:]))


def test_what_agencies_do_not_tell_is_said_with_names(inputs: ReportInputs):
    given = limited(inputs, SIGNERS, first=6)
    alone = dataclasses.replace(given.agencies[-1], pulled=False)
    view = build_view(without(given, agencies=(*given.agencies[:-1], alone)))
    names = sorted((agency.name for agency in inputs.agencies[:6]), key=text.sort_key)
    assert view.gaps.limit_notes == (
        (
            f"06 cơ quan chưa cung cấp danh sách người ký (chưa kiểm tra được Q2): {', '.join(names[:3])} "
            "và 03 cơ quan khác (Excel, trang tính “Dữ liệu chưa có”)."
        ),
        f"01 cơ quan chưa kết nối để cung cấp nhật ký: {alone.name}.",
    )
    assert [each.name for each in view.gaps.untold] == sorted((*names, alone.name), key=text.sort_key)
    by_name = {each.name: (each.state_text, each.told, len(each.rules), each.rules_text) for each in view.gaps.untold}
    assert by_name[names[0]] == ("Thiếu thông tin", "Chưa cung cấp danh sách người ký", 1, "Q2")
    assert by_name[alone.name] == ("Chưa kết nối", "Chưa kết nối để cung cấp nhật ký", 44, "Tất cả")


def test_what_the_kind_of_source_cannot_tell_is_named_beside(inputs: ReportInputs):
    first = dataclasses.replace(
        inputs.agencies[0], limits=(COMPLETION,), untested=frozenset({"N5", "N6", "N7", "G3", "L2"})
    )
    view = build_view(without(inputs, agencies=(first, *inputs.agencies[1:])))
    (told,) = view.gaps.untold
    assert told.told == "Hệ thống không ghi việc hoàn thành; nguồn nhật ký không ghi đủ thông tin"
    assert told.rules_text == "G3, N5–N7, L2"


def test_an_agencys_book_says_what_it_lacks_itself(inputs: ReportInputs):
    view = build_view(limited(inputs, SIGNERS, COMPLETION, first=1))
    first, other = inputs.agencies[:2]
    (own,) = view.agencies[first.code].gaps.untold
    assert own.told == "Chưa cung cấp danh sách người ký; hệ thống không ghi việc hoàn thành"
    assert view.agencies[other.code].gaps.untold == ()


def heat(inputs: ReportInputs, agency: str, **tested: tuple[int, int, int]) -> heatmap.HeatRow:
    """The row of an agency whose rules tested nothing but what is given: code → tested, breaches, not decided."""
    outcomes = inputs.outcomes.copy()
    own = outcomes["agency"] == agency
    for column in ("tested", "breaches", "not_decided", "findings"):
        outcomes.loc[own, column] = 0
    for code, numbers in tested.items():
        outcomes.loc[own & (outcomes["code"] == code), ["tested", "breaches", "not_decided"]] = numbers
    view = build_view(without(inputs, outcomes=outcomes))
    return next(row for row in view.heatmap.rows if row.agency == agency)


def test_nothing_arose_and_not_checked_are_two_signs(inputs: ReportInputs):
    given = limited(inputs, ("chưa đăng ký danh mục ký hiệu", ("Q4",)), first=1)
    row = heat(given, given.agencies[0].code, G1=(9, 0, 0), N2=(9, 2, 0), N5=(0, 0, 3), T5=(0, 0, 4))
    cells = dict(zip("GNTQKDLRMH", row.cells, strict=True))
    assert {group: cell.text for group, cell in cells.items()} == {
        "G": "0", "N": "2°", "T": "–", "Q": "–", "K": "·", "D": "·", "L": "·", "R": "·", "M": "·", "H": "·"
    }  # fmt: skip
    assert [cells[group].level for group in "GTK"] == [0, -1, -2]
    assert (row.total.text, row.unchecked_text) == ("2", "N5, T5, Q4")


def test_a_cell_is_shaded_by_its_worst_rule_whatever_else_the_group_tested(inputs: ReportInputs):
    row = heat(inputs, "H03.02", N2=(97, 22, 0), N3=(97, 6, 0), N10=(1500, 0, 0), R1=(2, 2, 0), G1=(900, 8, 0))
    cells = dict(zip("GNTQKDLRMH", row.cells, strict=True))
    assert {group: cells[group].level for group in "GNR"} == {"G": 1, "N": 4, "R": 3}
    assert cells["N"].worst == heatmap.Worst(4, 22.0, 97.0, "N2")


def test_the_key_of_shades_takes_its_example_from_the_map(inputs: ReportInputs):
    outcomes = inputs.outcomes.assign(tested=400, breaches=0)
    own = outcomes["agency"] == "H03.02"
    outcomes.loc[own & (outcomes["code"] == "N2"), "breaches"] = 22
    told = build_view(without(inputs, outcomes=outcomes)).heatmap.shade
    name = next(agency.name for agency in inputs.agencies if agency.code == "H03.02")
    assert told.endswith(f"; ô đậm nhất: {name}, cột “Nhận, xử lý” (N2: 22 trong 400 trường hợp).")
    clean = build_view(without(inputs, outcomes=outcomes.assign(breaches=0))).heatmap.shade
    assert clean.endswith("(01 vi phạm không đậm quá “đến 3%”; dưới 05 vi phạm không đậm quá “đến 10%”).")


def test_of_an_agency_where_nothing_arose_the_sum_is_no_zero_either(inputs: ReportInputs):
    assert heat(inputs, "H03.02").total.text == "·"


def test_an_agency_without_a_log_never_has_a_zero(inputs: ReportInputs):
    agencies = tuple(dataclasses.replace(each, pulled=each.code != "H03.02") for each in inputs.agencies)
    given = without(inputs, agencies=agencies)
    row = heat(given, "H03.02", G1=(9, 0, 0), H2=(5, 0, 0))
    assert {cell.text for cell in row.cells} == {"–"}
    assert row.total.text == "–"
    proved = heat(given, "H03.02", L1=(9, 3, 0))
    assert [cell.text for cell in proved.cells if cell.breaches.known] == ["3°"]
    assert proved.total.text == "3"


def test_a_rule_that_tested_nothing_has_no_zero(inputs: ReportInputs):
    idle = inputs.outcomes["code"] == "Q2"
    outcomes = inputs.outcomes.assign(
        tested=inputs.outcomes["tested"].mask(idle, 0), breaches=inputs.outcomes["breaches"].mask(idle, 0)
    )
    rule = next(rule for rule in build_view(without(inputs, outcomes=outcomes)).rules if rule.code == "Q2")
    assert (rule.breaches.text, rule.outcome_text) == ("–", "Chưa kiểm tra được")


def one(inputs: ReportInputs, rule: str, **columns: object) -> pd.Series:
    """The only finding of a view, as readers see it."""
    code = next(each.code for each in inputs.rules if each.id == rule)
    usual = inputs.findings.iloc[[0]].assign(
        rule=rule, code=code, state="new", observed_at=pd.NaT, extra="", detail=None
    )
    row = usual.assign(**{name: pd.Series([value], usual.index) for name, value in columns.items()})
    return build_view(without(inputs, findings=row)).findings.iloc[0]


def test_a_request_that_failed_is_not_a_document_that_was_lost(inputs: ReportInputs):
    lost = one(inputs, "undelivered", extra="2021-02-04T08:41:00Z")
    assert lost["title"] == "Yêu cầu thu hồi, cập nhật không đến nơi nhận"
    assert lost["remedy"].startswith("Thực hiện lại việc thu hồi, cập nhật (không gửi lại văn bản)")
    failed = one(inputs, "failed_send", extra="2021-02-04T08:41:00Z")
    assert failed["title"] == "Yêu cầu thu hồi, cập nhật gửi lỗi"
    assert one(inputs, "undelivered")["title"] == "Văn bản không đến nơi nhận"
    assert one(inputs, "unanswered_recall", extra="2021-02-04T08:41:00Z")["title"].startswith("Chưa trả lời")


def test_a_request_that_failed_is_counted_as_no_send(inputs: ReportInputs):
    usual = inputs.findings.iloc[[0]].assign(rule="undelivered", code="G2", severity="critical", state="new")
    usual = usual.assign(topic="covid-19", agency="H03.16", is_carried=False)
    recall = usual.assign(extra="2021-02-04T08:41:00Z", finding_id="f" * 16, agency="H03.36", is_carried=True)
    alone, both = (
        build_view(without(inputs, findings=rows)) for rows in (recall, pd.concat([usual, recall], ignore_index=True))
    )
    request = "01 yêu cầu thu hồi, cập nhật không đến nơi"
    assert alone.sentences[0].endswith(f"Còn {request} nhận (từ các tuần trước).")
    assert alone.topics[0].sentence.endswith(f"trong đó {request} nhận.")
    assert both.sentences[0].endswith(
        f"Còn 01 lượt gửi lỗi, không đến nơi nhận, tại Sở Y tế; {request} nhận (từ các tuần trước)."
    )
    assert both.topics[0].sentence.endswith("trong đó 01 lượt gửi, 01 yêu cầu thu hồi, cập nhật chưa đến.")
    assert (
        build_view(without(inputs, findings=usual))
        .topics[0]
        .sentence.endswith("trong đó 01 lượt gửi lỗi, không đến nơi nhận.")
    )
    own = build_view(without(inputs, findings=pd.concat([usual, recall.assign(agency="H03.16")]))).agencies["H03.16"]
    assert f"Còn 01 lượt gửi lỗi, không đến nơi nhận và {request} nhận (từ các tuần trước)." in own.sentences[0]


def test_a_task_takes_a_failed_recall_for_no_document_to_be_sent_again(inputs: ReportInputs):
    usual = inputs.findings.iloc[[0]].assign(rule="undelivered", code="G2", severity="critical", state="new")
    recall = usual.assign(extra="2021-02-04T08:41:00Z", finding_id="f" * 16, topic="covid-19")
    alone, both = (
        build_view(without(inputs, findings=rows)) for rows in (recall, pd.concat([usual, recall], ignore_index=True))
    )
    assert alone.tasks[0].text == "Thực hiện lại 01 lượt thu hồi, cập nhật chưa đến nơi nhận."
    assert alone.calls[0].reason.startswith("01 yêu cầu thu hồi, cập nhật không đến nơi nhận")
    assert alone.topics[0].kinds[0].title == "Yêu cầu thu hồi, cập nhật không đến nơi nhận"
    assert "(01 nghiêm trọng: yêu cầu thu hồi, cập nhật không đến nơi nhận); tổng 01 (" in " ".join(alone.sentences)
    assert sorted(both.tasks[0].lines) == [
        "liên hệ nơi nhận, gửi lại 01 lượt không đến nơi",
        "thực hiện lại 01 lượt thu hồi, cập nhật chưa đến nơi nhận",
    ]


def test_tasks_add_up_to_all_that_is_open(view: ReportView):
    sums = view.task_sums
    assert sums.agencies.value == len(view.tasks)
    assert [sums.urgent.value, sums.regular.value, sums.past.value] == [
        sum(getattr(task, name).value or 0 for task in view.tasks) for name in ("urgent", "regular", "past")
    ]
    assert sum(each.value or 0 for each in (sums.urgent, sums.regular, sums.past)) == len(view.open_findings)


def test_the_key_of_a_second_document_is_not_shown(inputs: ReportInputs):
    second = {"number": "800#H03,2021/02/04,800/UBND-TNMT-B/UBND-TNMT", "notation": "UBND-TNMT"}
    earlier = {
        "earlier_number": "800",
        "earlier_notation": "UBND-TNMT",
        "earlier_issued_on": "2021-02-04",
        "earlier_subject": "V/v <b>",
    }
    reused = one(inputs, "number_reused", detail=earlier, **second)
    assert reused["document"] == "800/UBND-TNMT"
    assert reused["why"].startswith("Trùng với văn bản ban hành ngày 04/02/2021; văn bản kia: “V/v <b>”")
    copied = one(inputs, "duplicate_content", detail=earlier | {"earlier_number": second["number"]})
    assert copied["why"].startswith("Cùng nội dung với số 800/UBND-TNMT")
    unsigned = one(inputs, "unsigned", agency="H03", **second)
    twin = "cơ quan còn một văn bản khác cùng số, ký hiệu, ngày ban hành"
    assert unsigned["why"] == f"Tệp không có chữ ký số nào; {twin}"
    assert "#" not in unsigned["url"].replace("%23", "#")


@pytest.mark.parametrize(
    ("rule", "urgency", "minutes", "expected"),
    [
        ("late_send", "thuong", 90, (1.5, None)),
        ("late_urgent_send", "khan", 90, (None, 1.5)),
        ("late_forwarding", "thuong", 90, (1.5, None)),
        ("late_forwarding", "hoa_toc", 3, (None, 0.05)),
        ("late_send", "thuong", 0, (0, None)),  # overdue since an instant after which nobody has worked yet
        ("unsigned", "thuong", None, (None, None)),
    ],
)
def test_hours_stand_in_the_column_of_their_clock(
    inputs: ReportInputs, rule: str, urgency: str, minutes: float | None, expected: object
):
    row = one(inputs, rule, urgency=urgency, delay_minutes=minutes)
    hours = (row["delay_working_hours"], row["delay_clock_hours"])
    assert tuple(None if pd.isna(each) else each for each in hours) == expected


def test_a_finding_of_the_log_of_a_day_was_found_on_that_day(inputs: ReportInputs):
    row = one(inputs, "unsigned", first_seen_at=pd.Timestamp("2021-02-08", tz="Asia/Ho_Chi_Minh").tz_convert("UTC"))
    assert row["first_seen"].date() == date(2021, 2, 7)


def test_each_finding_says_by_when_the_tables_of_deadlines_ask_for_it(inputs: ReportInputs, view: ReportView):
    found = view.findings
    asked, to_mend = found["act_by"], found["is_open"] & found["is_curable"]
    of_settings = found["is_open"] & ~found["is_curable"] & found["rule"].isin(cures.OF_SETTINGS)
    assert of_settings.any()
    assert asked.notna().tolist() == (to_mend | of_settings).tolist()
    assert set(asked[of_settings]) == {pd.Timestamp(inputs.deadlines.regular_at)}  # as the note on what is past asks
    sums = view.task_sums
    for by, number in ((inputs.deadlines.urgent_at, sums.urgent), (inputs.deadlines.regular_at, sums.regular)):
        assert int((asked[to_mend] == pd.Timestamp(by)).sum()) == number.value > 0


@pytest.mark.parametrize(("kind", "told"), [("QĐ", "Số 08 (QĐ, năm 2021)"), (None, "Số 08 (năm 2021)")])
def test_a_number_that_is_lacking_says_of_which_register(inputs: ReportInputs, kind: str | None, told: str):
    row = one(inputs, "number_gap", number="8", notation=kind, issued_date="2021", subject=None)
    assert row["document"] == told


def test_a_key_of_the_program_is_no_number(inputs: ReportInputs):
    uid = "H03.31,2021/02/04,165/UBND-TH-21fabff9"
    row = one(inputs, "missing_information", number=uid, notation=None, issued_date=None)
    assert row["document"] == "(thiếu số, ký hiệu hoặc ngày ban hành)"


@pytest.mark.parametrize(
    ("rule", "facts", "remedy"),
    [
        ("missing_timestamp", {}, "Không sửa được văn bản đã gửi; bật dịch vụ cấp dấu thời gian khi ký"),
        ("late_acknowledgement", {}, "Lần sau: tiếp nhận, phản hồi ngay trong ngày văn bản đến"),
        ("invalid_certificate", {"reasons": ["outside_validity"], "signed_at": "2021-02-02T10:00:00Z", "valid_from": "2021-02-03T10:00:00Z"},
         "Ký số lại khi chứng thư số đã có hiệu lực rồi gửi văn bản thay thế"),
        ("invalid_certificate", {"reasons": ["outside_validity"], "signed_at": "2021-02-02T10:00:00Z", "valid_from": "2019-02-03T10:00:00Z"},
         "Gia hạn hoặc cấp lại chứng thư số; ký số lại rồi gửi văn bản thay thế"),
        ("invalid_certificate", {"reasons": ["outside_validity", "foreign_issuer"], "signed_at": "2021-02-02T10:00:00Z", "valid_from": "2021-02-03T10:00:00Z"},
         "Gia hạn hoặc cấp lại chứng thư số; ký số lại rồi gửi văn bản thay thế"),
    ],
)  # fmt: skip
def test_a_remedy_is_what_helps_now(inputs: ReportInputs, rule: str, facts: dict[str, object], remedy: str):
    assert one(inputs, rule, detail=facts)["remedy"] == remedy


def test_a_secret_document_is_of_no_topic(inputs: ReportInputs):
    row = one(inputs, "secret_on_axis", topic="covid-19", urgency="hoa_toc")
    assert (row["topic_name"], row["urgency_text"]) == ("", "")
    assert one(inputs, "unsigned", topic="covid-19")["topic_name"] == "phòng, chống dịch COVID-19"


def test_the_log_of_one_agency_is_not_told_as_that_of_all(inputs: ReportInputs, view: ReportView):
    assert view.agencies["H03.16"].gaps.summary == "Nhật ký của cơ quan trong kỳ đầy đủ."
    assert view.agencies["H03.18"].gaps.summary.startswith("Nhật ký của cơ quan còn thiếu ở ")
    assert view.gaps.summary.startswith("02 cơ quan thiếu nhật ký ")


def test_what_cannot_be_cured_stands_after_what_can_and_says_so(inputs: ReportInputs, view: ReportView):
    done = one(inputs, "late_acknowledgement", observed_at=pd.Timestamp("2021-02-04T08:41:00Z"))
    assert (done["duty_text"], done["remedy"]) == (
        "Rút kinh nghiệm",
        "Lần sau: tiếp nhận, phản hồi ngay trong ngày văn bản đến",
    )
    assert one(inputs, "unanswered_receipt")["duty_text"] == "Khắc phục"
    for _, rows in view.findings.groupby("severity_rank"):
        assert list(rows["is_curable"]) == sorted(rows["is_curable"], reverse=True)


def test_law_that_the_province_repeats_is_law(view: ReportView):
    kinds = {rule.code: rule.kind_text for rule in view.rules}
    law, mixed = "Quy định của pháp luật", "Quy định của pháp luật; ngưỡng hoặc cách đối chiếu theo chính sách của tỉnh"
    assert {kinds[code] for code in ("G1", "G3", "N1", "N2", "T5", "Q1", "K1", "K2", "K6")} == {law}
    assert {kinds[code] for code in ("G2", "G5", "N4", "N5", "Q2", "K4", "H1")} == {mixed}
    assert kinds["L3"] == "Chính sách của tỉnh"
    assert {rule.code for rule in view.rules if rule.policy} == {code for code, kind in kinds.items() if kind != law}


def test_who_has_most_failed_sends_or_unanswered_receipts_is_to_be_called(view: ReportView):
    opened = view.open_findings
    for kinds in (("G1", "G2"), ("N2",)):
        counts = opened.loc[opened["kind"].isin(kinds), "agency"].value_counts()
        assert set(counts[counts == counts.max()].index) & {call.agency for call in view.calls}


def test_the_request_names_whom_it_is_put_to_and_by_when(view: ReportView):
    assert view.proposals == (
        "Chủ tịch, các Phó Chủ tịch UBND tỉnh chỉ đạo (1) 04 cơ quan trên (60 việc) và (2) 22 cơ quan khác (42 việc) khắc phục vi phạm mức nghiêm trọng, cao "
        "trước 11 giờ 30 phút ngày 09/02/2021."
    )
    urgent = view.work[view.work["severity_rank"] < 2]
    called = {call.agency for call in view.calls}
    assert (~urgent["agency"].isin(called)).sum() == 42
    assert sum(call.grave.value or 0 for call in view.calls) + 42 == len(urgent)


def test_a_request_about_those_called_alone_counts_nobody_else(inputs: ReportInputs):
    one = inputs.findings.head(1).assign(rule="unsigned", code="K1", severity="critical", state="new")
    asked = build_view(without(inputs, findings=one)).proposals
    assert " chỉ đạo cơ quan trên khắc phục vi phạm mức nghiêm trọng, cao trước " in asked


def test_nobody_is_called_for_what_nothing_can_mend(inputs: ReportInputs):
    late = inputs.findings.head(3).assign(rule="late_acknowledgement", code="N3", severity="critical", state="new")
    assert build_view(without(inputs, findings=late)).calls == ()


def test_a_rise_is_told_with_its_group_and_places_and_no_cause_is_invented(inputs: ReportInputs):
    fewer = inputs.outcomes.assign(breaches=(inputs.outcomes["breaches"] * 0.4).astype("int64"))
    quiet = inputs.outages.assign(outages=0)
    told = " ".join(build_view(without(inputs, previous_outcomes=fewer, outages=quiet)).sentences)
    earlier = fewer["breaches"].sum()
    assert f"Trong tuần có 420 vi phạm (tuần trước {earlier}), tăng nhiều nhất ở nhóm" in told
    assert "nguyên nhân" not in told
    down = " ".join(build_view(without(inputs, previous_outcomes=fewer)).sentences)
    assert "cùng kỳ, hệ thống của " in down


GREW = {"Na Rì": "H03.36", "Pác Nặm": "H03.37", "Y tế": "H03.16"}


def grown(inputs: ReportInputs, group: dict[str, int], other: dict[str, int], **frames: object) -> ReportView:
    """A week that has these breaches of N2 and K1, by agency, after one that had none."""
    outcomes = inputs.outcomes.assign(breaches=0, tested=900)
    for code, numbers in (("N2", group), ("K1", other)):
        for agency, number in numbers.items():
            outcomes.loc[(outcomes["code"] == code) & (outcomes["agency"] == agency), "breaches"] = number
    frames = {"outages": inputs.outages.assign(outages=0), "findings": inputs.findings.iloc[:0], **frames}
    return build_view(without(inputs, outcomes=outcomes, previous_outcomes=outcomes.assign(breaches=0), **frames))


def test_of_groups_that_grew_alike_none_is_told_to_have_grown_most(inputs: ReportInputs):
    alike = grown(inputs, {"H03.36": 4}, {"H03.16": 4})
    assert any(
        "(tuần trước không có), tăng nhiều nhất ở nhóm chữ ký số và nhóm nhận, xử lý văn bản (mỗi nhóm thêm 04)."
        in each
        for each in alike.sentences
    )
    outcomes = inputs.outcomes.assign(breaches=0, tested=900)
    outcomes.loc[outcomes["code"].isin(("N2", "K1", "D1")) & (outcomes["agency"] == "H03.36"), "breaches"] = 3
    given = {
        "outcomes": outcomes,
        "previous_outcomes": outcomes.assign(breaches=0),
        "findings": inputs.findings.iloc[:0],
    }
    told = " ".join(build_view(without(inputs, **given)).sentences)
    assert "Trong tuần có 09 vi phạm (tuần trước không có)." in told


def test_a_rise_names_those_with_most_of_the_group_that_grew(inputs: ReportInputs):
    view = grown(inputs, {"H03.36": 8, "H03.37": 6, "H03.16": 1}, {"H03.16": 9, "H03.36": 4})
    names = [view.agencies[code].agency.name for code in ("H03.36", "H03.37")]
    assert f"(15), nhiều nhất tại {names[0]} (08) và {names[1]} (06)." in view.sentences[-2]


def test_a_rise_that_nothing_explains_says_that_nobody_has_and_a_small_one_does_not(inputs: ReportInputs):
    spread = {agency.code: 2 for agency in inputs.agencies}
    assert grown(inputs, spread, {}).sentences[-2].endswith("; cơ quan chưa giải trình.")
    own = grown(inputs, {"H03.36": 6, "H03.16": 3}, {})
    assert own.agencies["H03.36"].sentences[-1].endswith("(06); cơ quan chưa giải trình.")
    assert "giải trình" not in " ".join(own.agencies["H03.16"].sentences)
    row = inputs.findings.head(1).assign(rule="unanswered_receipt", code="N2", agency="H03.36", state="new")
    noted = grown(inputs, {"H03.36": 6}, {}, findings=row.assign(note="Đang xử lý: máy chủ hỏng"))
    assert "giải trình" not in " ".join(noted.agencies["H03.36"].sentences)


def test_a_rise_that_is_all_of_one_document_says_so(inputs: ReportInputs):
    row = inputs.findings.iloc[[20]].assign(rule="unanswered_receipt", code="N2", agency="H03.36", state="new")
    rows = pd.concat([row.assign(finding_id=f"{number:016x}") for number in range(6)], ignore_index=True)
    one = grown(inputs, {"H03.36": 6}, {}, findings=rows).agencies["H03.36"]
    assert any("(06); đều của một văn bản." in sentence for sentence in one.sentences)
    two = rows.assign(number=["1", "2"] * 3)
    assert "một văn bản." not in " ".join(grown(inputs, {"H03.36": 6}, {}, findings=two).agencies["H03.36"].sentences)


def test_open_findings_add_up_with_those_of_the_period_before(inputs: ReportInputs):
    findings = inputs.findings
    kinds = findings["state"].value_counts()
    before = inputs.previous_indicators.copy()
    hit = (before["agency"] == "") & (before["indicator"] == "findings_open")
    before.loc[hit, "value"] = float(kinds["open"] + kinds["resolved"] + 5)
    start = pd.Timestamp(inputs.start, tz="Asia/Ho_Chi_Minh")
    seen = findings["first_seen_at"].mask(findings["state"] == "resolved", start)
    told = build_view(without(inputs, previous_indicators=before, findings=findings.assign(first_seen_at=seen))).balance
    assert len(told) == 1  # 420 breaches and as many findings need no line
    told = told[0]
    opened = kinds["new"] + kinds["open"] + kinds["reopened"]
    assert told.startswith(f"Chưa khắc phục {opened} = {kinds['new']} mới + {kinds['open']} từ các tuần trước + ")
    assert told.endswith(f"{kinds['resolved']} đã khắc phục, 05 đã xảy ra xong hoặc được miễn, chỉ báo cáo một lần.")


@pytest.mark.parametrize(
    ("states", "breaches", "told"),
    [
        (("new", "new", "open", "reopened", "resolved"), 4, "04 vi phạm trong tuần = 02 mới + 02 đã mở từ trước."),
        (("new", "new", "open"), 3, "03 vi phạm trong tuần = 02 mới + 01 đã mở từ trước."),
        (("new", "new", "waived"), 1, "01 vi phạm trong tuần = 02 mới − 01 lần lặp lại của cùng một văn bản, cùng một quy tắc."),
        (("new", "new"), 2, ""),
        (("new",), 2, ""),
        (("resolved",), 0, ""),
    ],
)  # fmt: skip
def test_the_breaches_of_a_period_add_up_with_what_was_found_in_it(
    inputs: ReportInputs, states: tuple[str, ...], breaches: int, told: str
):
    found = inputs.findings.head(len(states)).assign(state=states, is_carried=False)
    before = inputs.findings.tail(2).assign(state="open", is_carried=True)
    outcomes = inputs.outcomes.assign(breaches=0)
    outcomes.loc[outcomes.index[0], "breaches"] = breaches
    view = build_view(without(inputs, findings=pd.concat([found, before], ignore_index=True), outcomes=outcomes))
    assert [line for line in view.balance if "vi phạm trong tuần" in line] == ([told] if told else [])


def test_what_nothing_can_mend_is_no_task_but_is_counted(inputs: ReportInputs):
    late = inputs.findings[inputs.findings["rule"] == "late_acknowledgement"].assign(state="open")
    (task, *_), view = build_view(without(inputs, findings=late)).tasks, build_view(without(inputs, findings=late))
    assert len(view.past) == len(late)
    assert (
        view.past_note
        == f"{text.count(len(late))} vi phạm đã xảy ra, không còn việc phải khắc phục, yêu cầu rút kinh nghiệm."
    )
    assert {each.urgent.value for each in view.tasks} == {each.regular.value for each in view.tasks} == {0.0}
    assert task.text == "Rút kinh nghiệm, không để tái diễn."


def test_an_agency_that_gives_no_log_is_not_counted_among_those_checked(inputs: ReportInputs):
    code = inputs.agencies[-1].code
    agencies = (*inputs.agencies[:-1], dataclasses.replace(inputs.agencies[-1], pulled=False))
    view = build_view(without(inputs, agencies=agencies, findings=inputs.findings[inputs.findings["agency"] != code]))
    total = len(inputs.agencies)
    assert f" {total - 1}/{total} cơ quan như sau:" in view.lead
    assert f"chưa kết nối {agencies[-1].name}" in view.sentences[-1]
    place = next(place for place in view.ranking if place.agency == code)
    assert (place.open.text, place.urgent.text, place.regular.text) == ("–", "–", "–")


def test_nothing_critical_and_no_single_kind_is_folded_in_a_task(inputs: ReportInputs):
    def lines(**severities: str) -> tuple[str, ...]:
        rows = [
            inputs.findings.iloc[[0]].assign(rule=rule, code=codes[rule], severity=severity, agency="H03.09", state="new",
                                             finding_id=f"{number:016x}", is_carried=False)
            for number, (rule, severity) in enumerate(severities.items())
        ]  # fmt: skip
        return build_view(without(inputs, findings=pd.concat(rows, ignore_index=True))).tasks[0].lines

    codes = {rule.id: rule.code for rule in inputs.rules}
    high = dict.fromkeys(("failed_send", "unanswered_receipt", "backlog", "number_reused", "broken_integrity"), "high")
    assert [line[:3] == "02 " for line in lines(**high)] == [False, False, False, True]
    assert len(lines(**dict(list(high.items())[:4]))) == 4
    grave = dict.fromkeys(("unsigned", "missing_signing_party", "urgent_backlog", "failed_receipt"), "critical")
    told = lines(**high, **grave)
    assert len(told) == 5
    assert told[-1] == "05 loại việc khác"
    assert set(told[:4]) == set(lines(**grave))
    worse = dict.fromkeys(("broken_integrity", "invalid_certificate", "failed_send", "number_reused"), "critical")
    assert len(lines(**grave, **worse)) == 8
    assert "loại" not in " ".join(lines(**grave, **worse))
    worst = dict.fromkeys(("late_urgent_send", "unanswered_receipt", "backlog"), "critical")
    assert lines(**grave, **worse, **worst)[8:] == ("03 loại việc khác, 03 loại nghiêm trọng",)


def test_who_is_ranked_by_a_part_of_its_log_has_a_star(inputs: ReportInputs):
    ranked, unranked = build_view(inputs).ranking[0], build_view(inputs).ranking[-1]
    assert not unranked.rank.known
    hit = inputs.coverage["agency"].isin([ranked.agency, unranked.agency])
    view = build_view(
        without(inputs, coverage=inputs.coverage.assign(state=inputs.coverage["state"].mask(hit, "partial")))
    )
    names = {place.agency: place.marked_name for place in view.ranking}
    assert ranked.marked_name == ranked.name
    assert names[ranked.agency] == f"{ranked.name}*"
    assert names[unranked.agency] == unranked.name


def test_the_priority_topic_is_told_by_kind(view: ReportView):
    topic = view.topics[0]
    assert sum(kind.open.value or 0 for kind in topic.kinds) == topic.open.value
    assert (
        sum(kind.critical.value or 0 for kind in topic.kinds)
        == ((view.open_findings["topic"] == topic.id) & (view.open_findings["severity_rank"] == 0)).sum()
    )


def test_of_an_agency_that_gives_no_log_no_figure_is_told(inputs: ReportInputs):
    code = inputs.agencies[-1].code
    agencies = (*inputs.agencies[:-1], dataclasses.replace(inputs.agencies[-1], pulled=False))
    view = build_view(without(inputs, agencies=agencies)).agencies[code]
    told = [each.now.value for each in (*view.headlines, *view.indicators)]
    assert {*told, *(point.figure.value for series in view.trend for point in series.points)} == {None}
    assert view.sentences == (UNCONNECTED,)
    assert view.verdict == "Chưa có dữ liệu để đánh giá."
    assert build_view(inputs).agencies[code].headlines[0].now.known


def test_others_logs_test_no_rule_of_an_agency_that_gives_no_log(inputs: ReportInputs):
    code = inputs.agencies[-1].code
    agencies = (*inputs.agencies[:-1], dataclasses.replace(inputs.agencies[-1], pulled=False))
    elsewhere = inputs.findings[inputs.findings["agency"] != code]
    view = build_view(without(inputs, agencies=agencies, findings=elsewhere)).agencies[code]
    assert {rule.outcome_text for rule in view.rules if not rule.breaches.value} == {"Chưa kiểm tra được"}
    assert all(rule.tested.value for rule in view.rules if rule.breaches.value)
    assert view.topics[0].sentence == "chưa kiểm tra được, vì cơ quan chưa kết nối để cung cấp nhật ký."
    known = build_view(inputs).agencies[code]
    for own, whole in zip(view.groups, known.groups, strict=True):
        assert (own.tested.value or 0) + (own.not_decided.value or 0) == (
            (whole.tested.value or 0) + (whole.not_decided.value or 0)
        )


def test_who_is_called_is_asked_first_then_who_has_most_to_do_soonest(view: ReportView):
    called = [call.agency for call in view.calls]
    assert [task.agency for task in view.tasks[: len(called)]] == called
    rest = [(task.urgent.value, task.regular.value) for task in view.tasks[len(called) :]]
    assert rest == sorted(rest, key=lambda each: (-(each[0] or 0), -(each[1] or 0)))


def test_the_ranking_tells_everybody_how_much_is_due_when(view: ReportView):
    tasks = {task.agency: task for task in view.tasks}
    for place in view.ranking:
        if place.agency in tasks:
            task = tasks[place.agency]
            assert (place.urgent, place.regular) == (task.urgent, task.regular)


def test_what_a_setting_caused_is_to_be_set_right(inputs: ReportInputs):
    stamp = one(inputs, "missing_timestamp")
    assert stamp["remedy"].startswith("Không sửa được văn bản đã gửi; bật dịch vụ cấp dấu thời gian")
    restored = one(inputs, "system_outage", observed_at=pd.Timestamp("2021-02-04T08:41:00Z"))
    assert restored["remedy"].startswith("Báo đơn vị vận hành")
    rows = inputs.findings.head(3).assign(state="new", is_carried=False, observed_at=pd.NaT)
    mixed = rows.assign(rule=["missing_timestamp", "late_acknowledgement", "unsigned"], code=["K7", "N3", "K1"])
    view, by = build_view(without(inputs, findings=mixed)), "trước 17 giờ ngày 12/02/2021."
    told = "02 vi phạm đã xảy ra: 01 chỉ rút kinh nghiệm, 01 phải sửa cấu hình, vận hành"
    assert view.past_note == f"{told} (K7) {by}"
    assert any(f"còn 01 việc phải khắc phục; {told}; tổng 03" in sentence for sentence in view.sentences)
    asked = [task.to_set for task in view.tasks if task.to_set]
    assert asked == [f"Sửa cấu hình, vận hành hệ thống (01 vi phạm: K7) {by}"]
    assert build_view(without(inputs, findings=mixed.head(1))).past_note == (
        f"01 vi phạm đã xảy ra, phải sửa cấu hình, vận hành (K7) {by}"
    )
    assert build_view(without(inputs, findings=mixed.tail(1))).past_note == ""


def test_why_a_finding_is_graver_than_its_rule_is_said_where_one_is(inputs: ReportInputs):
    rule = next(each for each in inputs.rules if each.severity == "high" and each.id == "unanswered_receipt")
    row = inputs.findings.head(1).assign(rule=rule.id, code=rule.code, state="new", topic="covid-19")

    def said(**columns: object) -> str:
        return build_view(without(inputs, findings=row.assign(**columns))).raised_note

    assert said(severity="critical") == "Vi phạm của văn bản về phòng, chống dịch COVID-19 được tăng một mức."
    assert said(severity="high") == said(severity="critical", topic=None) == ""
    assert said(severity="critical", state="resolved") == ""


def test_of_what_a_signature_lacks_no_word_is_of_the_document(inputs: ReportInputs):
    why = one(inputs, "missing_signature_information", detail={"fields": ["subject", "signed_at"]})["why"]
    assert why.startswith("Chữ ký số thiếu tên chủ chứng thư số, thời điểm ký số")


def test_a_topics_rows_add_up_to_what_page_1_says(view: ReportView):
    topic = view.topics[0]
    for shown in range(len(topic.kinds) + 1):
        rows = [*topic.kinds[:shown], topic.rest(shown)]
        assert sum(row.open.value or 0 for row in rows) == topic.total.open.value == topic.open.value
        assert sum(row.critical.value or 0 for row in rows) == topic.total.critical.value
    places = view.open_findings.loc[view.open_findings["topic"] == topic.id, "agency"].nunique()
    assert topic.total.places.startswith(f"{places} cơ quan")
    assert f" tại {places:02d} cơ quan" in topic.sentence


def test_why_places_changed_much_is_said_with_an_example(inputs: ReportInputs):
    def note(before: dict[str, tuple[float, float]]) -> str:
        previous = inputs.previous_indicators.copy()
        for code, (rank, index) in before.items():
            own = previous["agency"] == code
            previous.loc[own & (previous["indicator"] == "rank"), "value"] = rank
            previous.loc[own & (previous["indicator"] == "compliance_index"), "value"] = index
        return build_view(without(inputs, previous_indicators=previous)).ranking_note

    ranked = [place for place in build_view(inputs).ranking if place.rank.known]
    first, last = ranked[0], [place for place in ranked if (place.rank.value or 0) >= 7]
    shared = {place.agency: (7.0, 100.0) for place in last}
    risen = {place.agency: (30.0, 50.0) for place in ranked[1:6]}
    told = f"Tuần trước {len(shared)} cơ quan cùng hạng 7 nên thứ hạng thay đổi nhiều"
    assert note(shared | risen | {first.agency: (9.0, 50.0)}).startswith(f"{told}. ▲")
    fell = f"; lên hạng không có nghĩa là chỉ số tốt hơn: {first.name} lên 08 bậc nhưng chỉ số giảm từ 99,9 xuống {first.index.text}. ▲"
    assert note(shared | risen | {first.agency: (9.0, 99.9)}).startswith(told + fell)
    assert note({}).startswith("▲")


def test_the_trend_has_the_breaches_that_page_1_compares(inputs: ReportInputs, view: ReportView):
    (series,) = (each for each in view.trend if each.title == "Vi phạm trong tuần")
    assert [point.figure.value for point in series.points[-2:]] == [
        float(inputs.previous_outcomes["breaches"].sum()),
        float(inputs.outcomes["breaches"].sum()),
    ]
    for code, own in view.agencies.items():
        (series,) = (each for each in own.trend if each.title == "Vi phạm trong tuần")
        assert (
            series.points[-1].figure.value == inputs.outcomes.loc[inputs.outcomes["agency"] == code, "breaches"].sum()
        )


def test_what_was_not_followed_yet_is_not_called_lacking_data(inputs: ReportInputs):
    start = inputs.start - timedelta(weeks=3)
    history = inputs.history.fillna(1.0)
    history = pd.concat([history, history[history["indicator"] == "findings_new"].assign(indicator="breaches")])
    followed = ("findings_new", "findings_resolved", "findings_open", "breaches")
    later = history[~(history["indicator"].isin(followed) & (history["period_start"] < start))]
    assert trend.followed_since(build_view(without(inputs, history=later)).trend) == "02"
    assert trend.followed_since(build_view(without(inputs, history=history)).trend) == ""
    lacking = later[~((later["indicator"] == "arrived_share") & (later["period_start"] == inputs.start))]
    assert trend.followed_since(build_view(without(inputs, history=lacking)).trend) == ""


def test_what_was_mended_in_the_period_in_which_it_was_found_is_told_apart(inputs: ReportInputs):
    start = pd.Timestamp(inputs.start, tz="Asia/Ho_Chi_Minh")
    rows = inputs.findings.head(3).assign(
        state="resolved", is_carried=False, first_seen_at=[start, start + timedelta(days=1), start + timedelta(days=2)]
    )
    assert (
        "Đã khắc phục 03 = 01 từ các tuần trước + 02 phát hiện ngay trong tuần."
        in build_view(without(inputs, findings=rows)).balance
    )
    assert (
        "Đã khắc phục 02 = 02 phát hiện ngay trong tuần." in build_view(without(inputs, findings=rows.tail(2))).balance
    )
    told = build_view(without(inputs, findings=rows.head(1))).balance
    assert not [line for line in told if line.startswith("Đã khắc phục")]


def test_the_critical_ones_are_named_where_they_are_few_and_none_of_equals_is_most(inputs: ReportInputs):
    codes = {rule.id: rule.code for rule in inputs.rules}

    def told(*rules: str) -> str:
        row = inputs.findings.iloc[[20]].assign(severity="critical", state="new", agency="H03.36", observed_at=pd.NaT)
        rows = [
            row.assign(rule=rule, code=codes[rule], finding_id=f"{number:016x}") for number, rule in enumerate(rules)
        ]
        view = build_view(without(inputs, findings=pd.concat(rows, ignore_index=True)))
        return " ".join(view.agencies["H03.36"].sentences)

    assert "còn 02 việc phải khắc phục (02 nghiêm trọng: văn bản chưa ký số); tổng 02" in told("unsigned", "unsigned")
    few = "(02 nghiêm trọng: 01 văn bản chưa ký số, 01 văn bản đến chưa phản hồi trạng thái)"
    assert few in told("unanswered_receipt", "unsigned")
    four = ("unsigned", "unanswered_receipt", "backlog", "failed_send")
    assert "(04 nghiêm trọng);" in told(*four)
    assert "(05 nghiêm trọng, nhiều nhất là 02 văn bản đến tồn đọng quá hạn);" in told(*four, "backlog")
