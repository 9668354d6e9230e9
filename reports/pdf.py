"""The official PDF: A4, tagged, searchable, the same bytes for the same view. The only importer of WeasyPrint.

A report has at most `MOST_PAGES` pages and its page 1 holds the whole message. It is laid out with generous limits
first, part by part; where a part does not fit, the rows that would have fitted are measured in the layout itself
(`pdf_fit`), and that part alone is laid out again. Tables that are cut say so and name the sheet that holds the rest.

Nothing is fetched: the fetcher knows the bundled fonts and the report's own charts, and refuses every other address,
`file:` and `data:` included.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pydyf
from weasyprint import CSS, HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from audit.errors import RenderError
from reports.charts import HEIGHT, line_chart
from reports.parts import tasks
from reports.parts.gaps import untold
from reports.parts.trend import CHARTED, Series, followed_since
from reports.pdf_bytes import settle
from reports.pdf_fit import (
    AFTER_WORST,
    ANNEXES,
    BODY_END,
    FIRST_PAGE_END,
    PARTS,
    Anchors,
    Limits,
    NoticeLimits,
    fits,
    fitted,
    fitted_notice,
    lowered,
)
from reports.pdf_scopes import mark_scopes
from reports.placing import placed
from reports.rendering import FONTS, TEMPLATES, environment
from reports.view import AgencyView, ReportView
from reports.worst import gathered, single, told

Variant = Literal["pdf/ua-1", "pdf/a-2a", "pdf/a-3a"]

MOST_PAGES = 8
MOST_AGENCY_PAGES = 2
_BUNDLE = "bundle:"


_MOST_LAYOUTS = 12
_AGENCY_CHARTED = ("acknowledged_in_day_share", "compliance_index")


class Bundled(URLFetcher):  # type: ignore[misc]
    """Serves `bundle:<font file>` from the package and `bundle:<chart>` as given; everything else is refused."""

    def __init__(self, charts: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._charts = charts or {}

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:  # noqa: ARG002 - the base's signature
        """The font's or the chart's bytes. Raises `ValueError` for any other address."""
        name = url.removeprefix(_BUNDLE)
        if url.startswith(_BUNDLE) and name in _font_names():
            return URLFetcherResponse(url, (FONTS / name).read_bytes(), {"Content-Type": "font/ttf"})
        if url.startswith(_BUNDLE) and name in self._charts:
            return URLFetcherResponse(url, self._charts[name].encode(), {"Content-Type": "image/svg+xml"})
        raise ValueError("reports fetch nothing but their bundled fonts and their own charts")


@cache
def _font_names() -> frozenset[str]:
    return frozenset(path.name for path in FONTS.glob("*.ttf"))


def write_pdf(view: ReportView, path: Path, variant: Variant = "pdf/ua-1") -> int:
    """Writes the province's report and returns its number of pages.

    Raises:
        RenderError: page 1 or the whole does not fit even with the strictest limits.
    """
    report, limits = _Parts(view, variant), Limits()
    limits = fitted(limits, _anchors(report.laid_out(limits, rough=True))) or limits
    for _ in range(_MOST_LAYOUTS):
        document = report.laid_out(limits)
        if fits(_anchors(document), MOST_PAGES):
            return _write(document, path, variant)
        closer = fitted(limits, _anchors(document))
        if closer is None:
            break
        limits = closer
    raise RenderError("province_pdf", f"{view.period.slug} does not fit with the strictest limits")


class _Parts:
    """The province's report as parts, of which one is laid out again only where its own limits have changed."""

    def __init__(self, view: ReportView, variant: Variant) -> None:
        charted = [series for series in view.trend if series.indicator.id in CHARTED]
        self._made_at, self._variant = view.made_at, variant
        self._values = {
            "view": view,
            "charts": charted,
            "has_gaps": any(series.has_gaps for series in charted),
            "has_blanks": any(series.has_gaps for series in view.trend if series.indicator.id not in CHARTED),
            "followed_since": followed_since(view.trend),
            "charted": CHARTED,
            "first_page_end": FIRST_PAGE_END,
            "body_end": BODY_END,
            "tasks_sheet": tasks.SHEET,
            "worst": gathered(view.work, Limits().worst),
            "held": told,
            "open_of": _by_severity(view.work),
        }
        self._drawings = _drawn(charted)
        self._laid_out: dict[str, tuple[Any, Document]] = {}

    def laid_out(self, limits: Limits, *, rough: bool = False) -> Document:
        """The whole under these limits. A rough body is good for measuring what its tables have room for, no more."""
        documents: list[Document] = []
        number = 1
        for part in PARTS:
            begins = 1 if part in ANNEXES else number
            documents.append(self._part(part, limits, begins, rough=rough and part == "body"))
            number += len(documents[-1].pages) if documents[1:] else 1  # page 1 is one page, or is cut
        return documents[0].copy([page for document in documents for page in document.pages])

    def _part(self, part: str, limits: Limits, number: int, *, rough: bool) -> Document:
        """The part whose first page has this number: as it was laid out before, where nothing has changed for it."""
        given = (number, rough, *(getattr(limits, name) for name in PARTS[part]))
        if part not in self._laid_out or self._laid_out[part][0] != given:
            values = {**self._values, "part": part, "limits": limits, "number": number, "rough": rough}
            document = _render("province.html.j2", self._made_at, self._variant, values, self._drawings)
            self._laid_out[part] = given, document
        return self._laid_out[part][1]


def _anchors(document: Document) -> Anchors:
    """Where the blocks of each page came to lie."""
    return [page.anchors for page in document.pages]


def _drawn(charted: Iterable[Series], height: int = HEIGHT) -> dict[str, str]:
    """The drawing of each indicator, by the name under which a template asks for it."""
    return {f"{series.indicator.id}.svg": line_chart(series, height) for series in charted}


def write_agency_pdf(view: AgencyView, path: Path, variant: Variant = "pdf/ua-1") -> int:
    """Writes one agency's notice for its head and returns its number of pages (at most `MOST_AGENCY_PAGES`).

    Raises:
        RenderError: it does not fit even with the shortest list.
    """
    broken = sorted(
        (rule for rule in view.rules if rule.breaches.value), key=lambda rule: -rule.weight * (rule.breaches.value or 0)
    )
    counts = {
        "passed": sum(bool(rule.tested.value) and not rule.breaches.value for rule in view.rules),
        "untested": sum(not rule.tested.value for rule in view.rules),
    }
    values = {
        "view": view,
        "broken": broken,
        "counts": counts,
        "open_of": _by_severity(view.work),
        "after_worst": AFTER_WORST,
        "body_end": BODY_END,
    }
    limits = NoticeLimits()
    for _ in range(_MOST_LAYOUTS):
        document = _notice(view, variant, values, limits)
        if len(document.pages) <= MOST_AGENCY_PAGES:
            return _write(_on_one_page(view, variant, values, limits, document), path, variant)
        closer = fitted_notice(limits, _anchors(document), MOST_AGENCY_PAGES)
        if closer is None:
            break
        limits = closer
    raise RenderError("agency_pdf", f"{view.agency.code} has {len(document.pages)} pages with the shortest list")


def _notice(view: AgencyView, variant: Variant, values: dict[str, Any], limits: NoticeLimits) -> Document:
    charts = [series for series in view.trend if series.indicator.id in _AGENCY_CHARTED]
    worst = single(view.work, limits.worst)
    lacking = untold(view.gaps.days, view.work.head(limits.worst))
    shown = {
        "limits": limits,
        "lacking": lacking,
        "worst": worst,
        "past": single(view.past, limits.worst - len(worst)),
        "charts": charts,
    }
    drawings = _drawn(charts, limits.chart_height)
    return _render("agency.html.j2", view.made_at, variant, {**values, **shown}, drawings)


def _on_one_page(
    view: AgencyView, variant: Variant, values: dict[str, Any], limits: NoticeLimits, document: Document
) -> Document:
    """With lower charts, where that saves the second page; else as it is."""
    closer = lowered(limits, _anchors(document))
    if closer is None:
        return document
    tighter = _notice(view, variant, values, closer)
    return tighter if len(tighter.pages) == 1 else document


def prepare() -> None:
    """Does once what every layout begins with, for all processes that are forked from this one: a third of a notice.

    Templates are compiled, and the declarations of WeasyPrint's libraries are read, as far as a page of everything
    needs them. Fonts are not kept: their files are in a folder that a confined fork cannot read.
    """
    for name in environment().list_templates(extensions=["j2"]):
        environment().get_template(name)
    html = environment().get_template("prepare.html.j2").render()
    _write_with_passing_fonts(html, BytesIO(), "pdf/ua-1", finisher=_finish, pdf_variant="pdf/ua-1", pdf_tags=True)


def write_mark(path: Path, lines: tuple[str, ...]) -> tuple[float, float]:
    """Writes what is seen of a digital signature: a page as large as the mark, lines in 10 pt, upright, black.

    Returns:
        width and height in mm.
    """
    size = 90.0, 4.6 * len(lines)
    html = environment().get_template("mark.html.j2").render(lines=lines, width=size[0], height=size[1])
    _write_with_passing_fonts(html, path)
    return size


def _write_with_passing_fonts(
    html: str, target: Path | BytesIO, variant: Variant | None = None, **options: Any
) -> None:
    """For a process that forks, or is a fork itself: of its fonts no folder is left, which neither could clear away."""
    _lay_out(html, _Fonts(), variant).write_pdf(target, **options)
    gc.collect()  # what was laid out is a ring of objects, and holds the fonts


def _by_severity(findings: pd.DataFrame) -> dict[str, int]:
    """Findings by the word for their severity, all of them and not only those that are shown."""
    return {str(word): int(number) for word, number in findings["severity_text"].value_counts().items()}


def _render(
    template: str, made_at: datetime, variant: Variant, values: dict[str, Any], charts: Mapping[str, str] | None = None
) -> Document:
    created = made_at.strftime("%Y-%m-%dT%H:%M:%S+07:00")
    html = environment().get_template(template).render(created=created, **values)
    return _lay_out(html, _fonts(), variant, charts)


def _lay_out(
    html: str, fonts: _Fonts, variant: Variant | None = None, charts: Mapping[str, str] | None = None
) -> Document:
    return _Page(string=html, url_fetcher=Bundled(charts), base_url=_BUNDLE).render(
        font_config=fonts.configuration, stylesheets=[fonts.faces, _style()], pdf_variant=variant
    )


class _Page(HTML):  # type: ignore[misc]
    """A page of the elements that `browser.css` knows."""

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:  # noqa: ARG002 - the base's signature
        return [_browser()]


class _Fonts:
    """The bundled fonts, in a folder of their own that is there as long as this is."""

    def __init__(self) -> None:
        self.configuration = FontConfiguration()
        self.faces = CSS(filename=str(TEMPLATES / "fonts.css"), font_config=self.configuration, url_fetcher=Bundled())


def _fonts() -> _Fonts:
    """Those of this process, for all its reports: a confined fork cannot read the folder of the one it comes from."""
    return _fonts_of(os.getpid())


@cache
def _fonts_of(_process: int) -> _Fonts:
    return _Fonts()


@cache
def _browser() -> CSS:
    return CSS(filename=str(TEMPLATES / "browser.css"), url_fetcher=Bundled())


@cache
def _style() -> CSS:
    """The style sheet: forks take it over from who prepared it, since it needs no font to be read."""
    return CSS(filename=str(TEMPLATES / "official.css"), url_fetcher=Bundled())


def _write(document: Document, path: Path, variant: Variant) -> int:
    """Writes beside the target and renames, so that nobody ever opens half a report."""
    with placed(path) as part:
        document.write_pdf(part, finisher=_finish, pdf_variant=variant, pdf_tags=True, pdf_identifier=True)
    return len(document.pages)


def _finish(_document: Document, pdf: pydyf.PDF) -> None:
    mark_scopes(pdf)
    settle(pdf)
