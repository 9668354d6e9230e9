"""A secret document in reports: no medium but the sender's own edition tells its number and date, none its subject."""

from __future__ import annotations

import dataclasses
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from reports import html, labels, pdf, secrecy, xlsx
from reports.alerts import AlertView, Section, alert_letter
from reports.inputs import ReportInputs
from reports.mail import letter_of
from reports.readable import readable_findings
from reports.view import ReportView, build_view
from tests.reports.province import AGENCIES, LABELS, RULES, make_inputs

SENDER, RECIPIENT = "H03.09", "H03.16"
KEY = {"sender": SENDER, "number": "146", "notation": "SKHĐT-HCSN", "issued_date": date(2020, 12, 3)}
SUBJECT = "V/v quyết toán ngân sách tuyệt đối kín"
TRACES = ("SKHĐT-HCSN", "03/12/2020", "<v>44168</v>", "quyết toán ngân sách", "tuyệt đối kín", "quyet-toan.pdf")
NAMED = ("146/SKHĐT-HCSN", "Văn bản mật (không nêu số, trích yếu)", "Chi tiết gửi riêng cơ quan gửi")


def finding(base: pd.DataFrame, rule: str, agency: str, identity: int, **columns: object) -> pd.DataFrame:
    code = next(each.code for each in RULES if each.id == rule)
    detail = pd.Series([columns.pop("detail", None)], index=base.index, dtype=object)
    given = {
        "rule": rule, "code": code, "agency": agency, "severity": "critical", "state": "new", "topic": None,
        "finding_id": f"{identity:016x}", "recipient": RECIPIENT, "subject": SUBJECT, "note": "đã thu hồi 146/SKHĐT-HCSN",
    }  # fmt: skip
    return base.assign(**(given | KEY | columns), detail=detail)


def findings(usual: pd.DataFrame) -> pd.DataFrame:
    base = usual.iloc[[0]]
    return pd.concat(
        [
            usual.assign(note=""),
            finding(base, "secret_on_axis", SENDER, 1, detail={"secrecy": "toi_mat"}, recipient=None),
            finding(base, "unsigned_attachment", SENDER, 2, extra="quyet-toan.pdf", number="146#uid,7", recipient=None),
            finding(base, "unanswered_receipt", RECIPIENT, 3, notation="SKHĐT-hcsn"),
            finding(
                base, "duplicate_content", SENDER, 4, number="900", notation="BC-SX", issued_date=date(2021, 2, 1), note="",
                subject="Báo cáo tuần",
                detail={"earlier_number": "146", "earlier_notation": "SKHĐT-HCSN", "earlier_issued_on": "2020-12-03"},
            ),
        ],
        ignore_index=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def small() -> ReportInputs:
    made = make_inputs(findings=60, hostile=False)
    return dataclasses.replace(made, findings=findings(made.findings))


@pytest.fixture(scope="module")
def view(small: ReportInputs) -> ReportView:
    return build_view(small)


def pdf_text(path: Path, order: str = "-layout") -> str:
    return subprocess.run(["pdftotext", order, path, "-"], capture_output=True, text=True, check=True).stdout


def book_text(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


@pytest.fixture(scope="module")
def texts(view: ReportView, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Everything that is written, by whose edition it is."""
    folder = tmp_path_factory.mktemp("secret")
    pdf.write_pdf(view, folder / "province.pdf")
    xlsx.write_province_book(view, folder / "province.xlsx")
    told = {
        "paper": " ".join(pdf_text(folder / "province.pdf", "-raw").split()),
        "province": "\n".join(
            [
                *(pdf_text(folder / "province.pdf"), book_text(folder / "province.xlsx")),
                *(html.page(view), *vars_of(view)),
            ]
        ),
    }
    for code in (SENDER, RECIPIENT):
        own = view.agencies[code]
        pdf.write_agency_pdf(own, folder / f"{code}.pdf")
        xlsx.write_agency_book(own, folder / f"{code}.xlsx")
        told[code] = "\n".join([pdf_text(folder / f"{code}.pdf"), book_text(folder / f"{code}.xlsx"), *vars_of(own)])
    return told


def vars_of(view: object) -> Iterator[str]:
    letter = letter_of(view)  # type: ignore[arg-type]
    yield from (letter.subject, letter.plain, letter.html)


@pytest.mark.parametrize("edition", ["province", RECIPIENT])
def test_nothing_tells_which_document_it_is(texts: dict[str, str], edition: str):
    flat = " ".join(texts[edition].split())
    assert [trace for trace in TRACES if trace.casefold() in flat.casefold()] == []
    assert NAMED[1] in flat
    assert NAMED[2] in flat


def test_the_paper_says_where_the_rest_is_told(texts: dict[str, str]):
    assert NAMED[2] in texts["paper"]


def test_the_sender_is_told_number_and_date_and_never_the_subject(texts: dict[str, str]):
    flat = " ".join(texts[SENDER].split())
    assert NAMED[0] in flat
    assert "03/12/2020" in flat
    assert [trace for trace in TRACES[3:] if trace in flat] == []


def test_only_agency_and_fact_are_left(view: ReportView):
    rows = view.findings.set_index("finding_id")
    secret = rows.loc[[f"{number:016x}" for number in (1, 2, 3)]]
    assert set(secret["document"]) == {secrecy.NAMELESS}
    assert set(secret["why"]) == {secrecy.ELSEWHERE}
    assert set(secret["subject"]) | set(secret["url"]) | set(secret["note"]) == {""}
    assert secret[["issued_on", "deadline", "observed"]].isna().all(axis=None)
    assert list(secret["recipient_code"]) == ["", "", RECIPIENT]
    other = rows.loc[f"{4:016x}"]
    assert (other["document"], other["subject"]) == ("900/BC-SX", "Báo cáo tuần")
    assert "146" not in other["why"]


def test_what_the_sender_reads_is_its_own_row(view: ReportView):
    rows = view.agencies[SENDER].findings.set_index("finding_id")
    assert rows.at[f"{1:016x}", "document"] == "146/SKHĐT-HCSN"
    assert rows.at[f"{1:016x}", "why"].startswith("Độ mật: tối mật")
    assert rows.at[f"{2:016x}", "why"] == ""
    assert set(rows.loc[[f"{1:016x}", f"{2:016x}"], "subject"]) == {""}


def test_a_secret_known_from_another_period_is_hidden_too(small: ReportInputs):
    kept = small.findings[small.findings["rule"] != "secret_on_axis"]
    known = frozenset({(SENDER, "146", "skhđt-hcsn", "2020-12-03")})
    assert secrecy.secret_documents(small.findings) == known
    hidden = build_view(dataclasses.replace(small, findings=kept, secrets=known)).findings
    assert hidden["is_secret"].sum() == 2
    assert not build_view(dataclasses.replace(small, findings=kept)).findings["is_secret"].any()


def test_a_successor_is_told_of_the_secrets_that_it_answers_for(small: ReportInputs):
    rows = small.findings.assign(agency=small.findings["agency"].mask(small.findings["agency"] == SENDER, "H03.02"))
    own = build_view(dataclasses.replace(small, findings=rows)).agencies["H03.02"].findings
    assert "146/SKHĐT-HCSN" in set(own["document"])


def test_alerts_tell_no_more(small: ReportInputs):
    rows = readable_findings(
        small.findings[small.findings["rule"].isin(("unanswered_receipt", "secret_on_axis"))],
        {agency.code: agency for agency in AGENCIES},
        {rule.id: rule for rule in RULES},
        labels.merged(LABELS),
    )
    section = Section("Văn bản khẩn chưa xử lý xong", "văn bản khẩn", rows[rows["is_secret"]])
    letter = alert_letter(AlertView("", "Sở", pd.Timestamp("2021-02-08").to_pydatetime(), False, (section,)))
    told = letter.plain + letter.html
    assert [trace for trace in TRACES if trace in told] == []
    assert "Chưa phản hồi trạng thái. Văn bản mật (không nêu số, trích yếu)" in letter.plain
