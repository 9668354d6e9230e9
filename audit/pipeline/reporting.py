"""The end of the line: inputs → view → files, and what was made in the ledger."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from audit.ledger import ReportFile, ReportRecord, reports
from audit.period import DAY, Period
from audit.pipeline.judging import Told
from audit.pipeline.privacy import masked
from audit.pipeline.report_inputs import report_inputs
from audit.pipeline.workspace import Run, Workspace
from audit.progress import progress
from reports.inputs import ReportInputs
from reports.view import AgencyView, ReportView, build_view

logger = logging.getLogger(__name__)

WEEKLY_PDF: Final = "weekly_pdf"
PROVINCE_PAGE: Final = "province_page"
PROVINCE_BOOK: Final = "province_book"
AGENCY_BOOK: Final = "agency_book"
LETTER: Final = "letter"
"""What goes as text with the mailed files: for the province, and for each agency."""


def make_reports(workspace: Workspace, run: Run, told: Told, period: Period, days_late: int = 0) -> list[ReportRecord]:
    """Write PDF, HTML page, the province's book and one book an agency into `out/<period>/`; note them in the ledger.

    Returns:
        the reports, PDF first.

    Raises:
        ValueError: no edition reports such a period.
        RenderError: a report could not be laid out.
    """
    view, own = _views(workspace, report_inputs(workspace, told, period, days_late))
    folder = workspace.out / folder_name(period)
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    with progress("report", 4 + 2 * len(view.agencies), quiet=workspace.quiet) as step:
        for file in _write(view, own, folder, period):
            made.append(file)
            step.advance(note=file.agency)
    changes = told.revision.changes if told.revision and told.revision.number > 1 else {}
    with workspace.ledger.begin() as connection:
        kept = [reports.record_report(connection, file, period, run.run_id, changes) for file in made]
    run.counts["reports"] = len(kept)
    logger.info("%d reports of %s in %s", len(kept), period.name(), folder)
    return kept


def folder_name(period: Period) -> str:
    """`2021-W05`; where the report looks from another moment than the period's end, that is told, too."""
    later = "" if period.as_of == period.end else f"_as-of-{period.as_of - DAY}"
    return f"{period.name()}{later}"


def _views(workspace: Workspace, inputs: ReportInputs) -> tuple[ReportView, Mapping[str, AgencyView]]:
    """What the province's readers see, and what each agency's own see: the same, but for names that are masked."""
    if not workspace.settings.audit.report.mask_signers:
        view = build_view(inputs)
        return view, view.agencies
    hidden = masked(inputs.findings)
    # a finding that is told to an agency of another one's document has the other's signer
    own = inputs.findings["sender"] == inputs.findings["agency"]
    mixed = hidden.assign(detail=inputs.findings["detail"].where(own, hidden["detail"]))
    agencies = build_view(replace(inputs, findings=mixed)).agencies
    return build_view(replace(inputs, findings=hidden)), agencies


def _write(view: ReportView, own: Mapping[str, AgencyView], folder: Path, period: Period) -> Iterator[ReportFile]:
    """Write one file after the other."""
    from reports.html import write_html  # noqa: PLC0415
    from reports.mail import write_letter  # noqa: PLC0415
    from reports.pdf import write_pdf  # noqa: PLC0415  # WeasyPrint takes a second to load, and only reports need it
    from reports.xlsx import write_agency_book, write_province_book  # noqa: PLC0415

    name = period.name()
    file = ReportFile(folder / f"bao-cao-{name}.pdf", WEEKLY_PDF)
    write_pdf(view, file.path)
    yield file
    file = ReportFile(folder / f"bao-cao-{name}.html", PROVINCE_PAGE)
    write_html(view, file.path)
    yield file
    file = ReportFile(folder / f"toan-tinh-{name}.xlsx", PROVINCE_BOOK)
    write_province_book(view, file.path)
    yield file
    file = ReportFile(folder / f"thu-{name}.json", LETTER)
    write_letter(view, file.path)
    yield file
    (folder / "don-vi").mkdir(exist_ok=True)
    for code, agency in own.items():
        file = ReportFile(folder / "don-vi" / f"{code}-{name}.xlsx", AGENCY_BOOK, code)
        write_agency_book(agency, file.path)
        yield file
        file = ReportFile(folder / "don-vi" / f"thu-{code}-{name}.json", LETTER, code)
        write_letter(agency, file.path)
        yield file
