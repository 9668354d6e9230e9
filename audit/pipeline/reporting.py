"""The end of the line: inputs → view → files, and what was made in the ledger."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from audit.confined_fork import in_fork
from audit.garbage import seldom_collected
from audit.ledger import ReportFile, ReportRecord, reports
from audit.period import DAY, Period
from audit.pipeline.judging import Told
from audit.pipeline.privacy import masked
from audit.pipeline.report_inputs import report_inputs
from audit.pipeline.signing import signer_of, write_signed
from audit.pipeline.workspace import Run, Workspace
from audit.progress import progress
from audit.streamed import streamed
from reports.inputs import ReportInputs
from reports.view import AgencyView, ReportView, build_view

if TYPE_CHECKING:
    from audit.settings.deployment import Report
    from audit.signatures.signing import Signer
    from reports.pdf import Variant

logger = logging.getLogger(__name__)

WEEKLY_PDF: Final = "weekly_pdf"
"""The province's report, of a month and a quarter too."""
PROVINCE_PAGE: Final = "province_page"
PROVINCE_BOOK: Final = "province_book"
AGENCY_PDF: Final = "agency_pdf"
AGENCY_BOOK: Final = "agency_book"
LETTER: Final = "letter"
"""What goes as text with the mailed files: for the province, and for each agency."""


def make_reports(workspace: Workspace, run: Run, told: Told, period: Period, days_late: int = 0) -> list[ReportRecord]:
    """Write PDF, HTML page, the province's book, and a PDF and a book for each agency, into `out/<period>/`; note them
    in the ledger.

    Returns:
        the reports, the province's PDF first.

    Raises:
        ValueError: no edition reports such a period.
        RenderError: a report could not be laid out.
        ConfigError: the key with which they are to be signed cannot be read.
    """
    view, own = _views(workspace, report_inputs(workspace, told, period, days_late))
    folder = workspace.out / folder_name(period)
    form, signer = workspace.settings.audit.report, signer_of(workspace)
    with progress("report", 1 + len(own), quiet=workspace.quiet) as step:
        made = write_files(view, own, folder, form, signer, lambda files: step.advance(note=files[0].agency))
    changes = told.revision.changes if told.revision and told.revision.number > 1 else {}
    with workspace.ledger.begin() as connection:
        kept = [reports.record_report(connection, file, period, run.run_id, changes) for file in made]
    run.counts["reports"] = len(kept)
    logger.info("%d reports of %s in %s", len(kept), period.name(), folder)
    return kept


def write_files(
    view: ReportView,
    own: Mapping[str, AgencyView],
    folder: Path,
    form: Report,
    signer: Signer | None,
    done: Callable[[list[ReportFile]], None] = lambda _: None,
) -> list[ReportFile]:
    """Write the province's files and those of each agency, several at once where the system allows.

    Args:
        view: what the province's readers see.
        own: what each agency's own see.
        folder: where they go; made when absent.
        form: form of the PDFs, and how many processes may write.
        signer: signs the PDFs; None: nobody does.
        done: told the files of the province, then those of each agency, as soon as they are there.
    """
    (folder / "don-vi").mkdir(parents=True, exist_ok=True)
    agencies = list(own)

    def write(number: int) -> list[ReportFile]:
        if number == 0:
            return _write_province(view, folder, form.pdf, signer)
        return _write_agency(own[agencies[number - 1]], folder / "don-vi", form.pdf, signer)

    _prepare()
    found: list[ReportFile] = []
    with seldom_collected():
        for files in streamed(write, range(1 + len(agencies)), form.processes):
            found += files
            done(files)
    return found


def _prepare() -> None:
    """Load what writes once for all processes, and make ready what every PDF would make ready in its own fork."""
    from reports.pdf import prepare  # noqa: PLC0415

    for name in ("html", "mail", "xlsx"):
        import_module(f"reports.{name}")
    prepare()


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


def _write_province(view: ReportView, folder: Path, form: Variant, signer: Signer | None) -> list[ReportFile]:
    """The files of the province."""
    from reports.html import write_html  # noqa: PLC0415
    from reports.mail import write_letter  # noqa: PLC0415
    from reports.pdf import write_pdf  # noqa: PLC0415  # WeasyPrint takes a second to load, and only reports need it
    from reports.xlsx import write_province_book  # noqa: PLC0415

    name = view.period.slug
    made = [
        ReportFile(folder / f"bao-cao-{name}.pdf", WEEKLY_PDF),
        ReportFile(folder / f"bao-cao-{name}.html", PROVINCE_PAGE),
        ReportFile(folder / f"toan-tinh-{name}.xlsx", PROVINCE_BOOK),
        ReportFile(folder / f"thu-{name}.json", LETTER),
    ]
    write_signed(
        made[0].path, _confined(WEEKLY_PDF, lambda path: write_pdf(view, path, form)), signer, view.issuer.name
    )
    write_html(view, made[1].path)
    write_province_book(view, made[2].path)
    write_letter(view, made[3].path)
    return made


def _confined(edition: str, write: Callable[[Path], int]) -> Callable[[Path], None]:
    """Lays a PDF out in a fork that can do nothing else: its texts are strangers', its libraries written in C."""

    def confined(path: Path) -> None:
        in_fork(edition, partial(write, path), path.parent)

    return confined


def _write_agency(view: AgencyView, folder: Path, form: Variant, signer: Signer | None) -> list[ReportFile]:
    """The files of an agency."""
    from reports.mail import write_letter  # noqa: PLC0415
    from reports.pdf import write_agency_pdf  # noqa: PLC0415
    from reports.xlsx import write_agency_book  # noqa: PLC0415

    code, name = view.agency.code, view.period.slug
    made = [
        ReportFile(folder / f"{code}-{name}.pdf", AGENCY_PDF, code),
        ReportFile(folder / view.book_name, AGENCY_BOOK, code),
        ReportFile(folder / f"thu-{code}-{name}.json", LETTER, code),
    ]
    write_signed(
        made[0].path, _confined(AGENCY_PDF, lambda path: write_agency_pdf(view, path, form)), signer, view.issuer.name
    )
    write_agency_book(view, made[1].path)
    write_letter(view, made[2].path)
    return made
