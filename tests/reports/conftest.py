"""One view of the invented province for all tests of the reports, and its files, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports import html, pdf, xlsx
from reports.inputs import ReportInputs
from reports.view import ReportView, build_view
from tests.reports.province import make_inputs


@pytest.fixture(scope="session")
def inputs() -> ReportInputs:
    return make_inputs()


@pytest.fixture(scope="session")
def view(inputs: ReportInputs) -> ReportView:
    return build_view(inputs)


@pytest.fixture(scope="session")
def files(view: ReportView, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with province.pdf, agency.pdf (Sở Y tế), province.xlsx, agency.xlsx, page.html."""
    folder = tmp_path_factory.mktemp("reports")
    pdf.write_pdf(view, folder / "province.pdf")
    pdf.write_agency_pdf(view.agencies["H03.16"], folder / "agency.pdf")
    xlsx.write_province_book(view, folder / "province.xlsx")
    xlsx.write_agency_book(view.agencies["H03.16"], folder / "agency.xlsx")
    html.write_html(view, folder / "page.html")
    return folder
