"""One view of the invented province for all tests of the reports, and its files, made once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filelock import FileLock

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
    """A folder with province.pdf, agency.pdf (Sở Y tế), province.xlsx, agency.xlsx, page.html; to be read only.

    Where tests run in several processes, the first that asks makes it for all.
    """
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder = root / "reports"
    with FileLock(root / "reports.lock"):
        if not folder.exists():
            beside = tmp_path_factory.mktemp("reports-made")
            pdf.write_pdf(view, beside / "province.pdf")
            pdf.write_agency_pdf(view.agencies["H03.16"], beside / "agency.pdf")
            xlsx.write_province_book(view, beside / "province.xlsx")
            xlsx.write_agency_book(view.agencies["H03.16"], beside / "agency.xlsx")
            html.write_html(view, beside / "page.html")
            beside.rename(folder)
    return folder
