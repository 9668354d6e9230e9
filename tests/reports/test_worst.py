"""The rows of a worklist on paper: one document's breaches together, none lost, and how many are told."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from reports import worst
from reports.view import ReportView, build_view
from tests.reports.province import make_inputs


@pytest.fixture(scope="module")
def view() -> ReportView:
    return build_view(make_inputs())


def one_document(*agencies: str, **columns: object) -> pd.DataFrame:
    """Unanswered receipts of one document, as readers see them."""
    inputs = make_inputs()
    row = inputs.findings.iloc[[20]].assign(rule="unanswered_receipt", code="N2", state="new", severity="critical")
    row = row.assign(sender="H03", number="16", notation="CT-UBND", delay_minutes=960.0)
    rows = [row.assign(agency=code, recipient=code, finding_id=f"{place:016x}") for place, code in enumerate(agencies)]
    findings = pd.concat(rows, ignore_index=True)
    return build_view(dataclasses.replace(inputs, findings=findings.assign(**columns))).work


def test_a_row_tells_all_agencies_of_one_document_and_the_longest_delay() -> None:
    (row,) = worst.gathered(one_document("H03.36", "H03.37", delay_minutes=[480.0, 5760.0]), 9)
    assert (row.size, row.document, row.others) == (2, "16/CT-UBND", "UBND tỉnh Bắc Kạn")
    assert row.what == "Chưa phản hồi trạng thái (2 lượt), chậm lâu nhất 12 ngày làm việc"
    assert set(row.agencies.split(" và ")) == {"UBND huyện Na Rì", "UBND huyện Ngân Sơn"}


def test_a_single_one_is_told_without_its_number() -> None:
    (row,) = worst.gathered(one_document("H03.36"), 9)
    assert row.what == "Chưa phản hồi trạng thái, chậm 2 ngày làm việc"


@pytest.mark.parametrize(
    "differing",
    [{"number": ["16", "17"]}, {"severity": ["critical", "high"]}, {"sender": ["H03", "H03.16"]}, {"number": None, "notation": None}],
)  # fmt: skip
def test_what_is_not_one_document_and_one_severity_is_no_one_row(differing: dict[str, object]) -> None:
    assert [row.size for row in worst.gathered(one_document("H03.36", "H03.37", **differing), 9)] == [1, 1]


def test_no_finding_is_lost_nor_told_twice(view: ReportView) -> None:
    for made in (worst.gathered, worst.single):
        rows = made(view.work, 10_000)
        assert sum(row.size for row in rows) == len(view.work)
        assert worst.told(rows, view.work) == ""
        ranks = [list(view.labels["severities"].values()).index(row.severity_text) for row in rows]
        assert ranks == sorted(ranks)


def test_what_is_shown_is_told_by_severity(view: ReportView) -> None:
    work = one_document("H03.36", "H03.37", "H03.16", severity=["critical", "critical", "high"])
    assert worst.told(worst.gathered(work, 1), work) == "Đã nêu 02/02 việc nghiêm trọng"
    assert worst.told(worst.single(work, 1), work) == "Đã nêu 01/02 việc nghiêm trọng"
    assert worst.told([], work) == ""
