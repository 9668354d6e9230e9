"""Workbooks: one for the province, one for each agency. They lay out the view; every number and text is the view's.

The same view gives the same bytes: creation time is the instant the data speaks for, and the archive's entries carry
one fixed date.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.packaging.relationship import Relationship
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.constants import REL_NS

from reports import text
from reports.placing import placed
from reports.view import AgencyView, ReportView
from reports.xlsx_detail import agencies_sheet, gaps_sheet, group_sheets, rules_sheet, worklist_sheet
from reports.xlsx_notes import ALL_AGENCIES
from reports.xlsx_overview import agency_overview, province_overview
from reports.xlsx_sheet import Sheet
from reports.xlsx_tasks import tasks_sheet
from reports.xlsx_trend import trend_sheet

_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_COMPRESSION = 4
_NO_ROWS = re.compile(rb"<sheetData\s*/>|<sheetData></sheetData>")
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"')


def write_province_book(view: ReportView, path: Path) -> None:
    """The workbook of all agencies."""
    book = _book(view.subject, view.issuer.name, ALL_AGENCIES)
    sheets = [
        province_overview(book, view),
        worklist_sheet(book, view),
        tasks_sheet(book, view),
        agencies_sheet(book, view),
        *group_sheets(book, view),
        trend_sheet(book, view),
        gaps_sheet(book, view.gaps),
        rules_sheet(book, view),
    ]
    _save(book, _headed(sheets, f"Các cơ quan trên địa bàn {view.issuer.area}", view), path, view.made_at)


def write_agency_book(view: AgencyView, path: Path) -> None:
    """One agency's workbook: its own data alone."""
    book = _book(view.subject, view.issuer.name, view.agency.code)
    sheets = [
        agency_overview(book, view),
        worklist_sheet(book, view),
        *group_sheets(book, view),
        trend_sheet(book, view),
        gaps_sheet(book, view.gaps),
        rules_sheet(book, view),
    ]
    _save(book, _headed(sheets, view.agency.name, view), path, view.made_at)


def _headed(sheets: list[Sheet], whose: str, view: ReportView | AgencyView) -> list[Sheet]:
    for sheet in sheets:
        sheet.page_heads(whose, f"{text.sentence(view.period.label)} · DỰ THẢO")
    return sheets


def _book(title: str, author: str, owner: str) -> Workbook:
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title, book.properties.creator, book.properties.lastModifiedBy = title, author, author
    book.properties.language, book.properties.category = "vi-VN", owner
    return book


class _Archive(ZipFile):
    """An archive whose entries all carry one date, so that equal content is equal bytes, and which fills the sheets
    with their rows.
    """

    def __init__(self, path: Path, sheets: Mapping[str, Sheet]) -> None:
        super().__init__(path, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION)
        self._sheets = sheets

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        """A part that openpyxl made in memory."""
        super().writestr(_entry(str(zinfo_or_arcname)), data, ZIP_DEFLATED, _COMPRESSION)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        """A sheet that openpyxl made on disk, without cells: its rows are put in."""
        sheet = self._sheets[str(arcname)]
        filled, found = _NO_ROWS.subn(
            lambda _: b"<sheetData>" + sheet.xml + b"</sheetData>", Path(filename).read_bytes(), count=1
        )
        if not found:
            raise ValueError(f"{arcname}: openpyxl no longer writes an empty sheet the way this module knows")
        filled = _DIMENSION.sub(f'<dimension ref="{sheet.extent}"'.encode(), filled, count=1)
        filled = filled.replace(b"<printOptions", _hyperlinks(sheet) + b"<printOptions", 1)
        super().writestr(_entry(str(arcname)), filled, ZIP_DEFLATED, _COMPRESSION)


def _hyperlinks(sheet: Sheet) -> bytes:
    """The element of the sheet's links; their addresses go into its relations, which openpyxl writes afterwards."""
    if not sheet.links:
        return b""
    made = []
    relations: Any = sheet.worksheet._rels  # type: ignore[attr-defined] # noqa: SLF001 - there is no public way
    for cell, url in sheet.links.items():
        relation: Any = Relationship(f"rId{len(relations) + 1}", type="hyperlink", TargetMode="External", Target=url)
        relations.append(relation)
        made.append(f'<hyperlink xmlns:r="{REL_NS}" r:id="{relation.Id}" ref="{cell}"/>')
    return f"<hyperlinks>{''.join(made)}</hyperlinks>".encode()


def _entry(name: str) -> ZipInfo:
    return ZipInfo(name, _ZIP_DATE)


def _save(book: Workbook, sheets: Sequence[Sheet], path: Path, made_at: datetime) -> None:
    """Writes beside the target and renames, so that nobody ever opens half a workbook."""
    book.properties.created = book.properties.modified = made_at
    parts = {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(sheets, start=1)}
    with placed(path) as part, _Archive(part, parts) as archive:
        ExcelWriter(book, archive).save()
