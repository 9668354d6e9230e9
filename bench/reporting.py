"""Make the reports of a terrible week, in a process of its own: `python -m bench.reporting [FINDINGS]`, a line of JSON.

The invented province of the reports' tests: 34 agencies and, unless told otherwise, 20 000 findings, nearly all still
open. Made are the view, the PDF, the page, the province's book and the 34 agencies' books, one after the other on one
core.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.measure import report, timed
from reports.html import write_html
from reports.pdf import write_pdf
from reports.view import build_view
from reports.xlsx import write_agency_book, write_province_book
from tests.reports.province import make_inputs

FINDINGS = 20_000


def main() -> None:
    """Time each step."""
    findings = int(sys.argv[1]) if len(sys.argv) > 1 else FINDINGS
    inputs = make_inputs(findings=findings)
    steps: dict[str, float] = {}

    def step(name: str, work: Callable[[], object]) -> None:
        begin = time.perf_counter()
        work()
        steps[name] = round(time.perf_counter() - begin, 2)

    with tempfile.TemporaryDirectory() as name, timed() as taken:
        folder = Path(name)
        begin = time.perf_counter()
        view = build_view(inputs)
        steps["view"] = round(time.perf_counter() - begin, 2)
        step("pdf", lambda: write_pdf(view, folder / "report.pdf"))
        step("page", lambda: write_html(view, folder / "report.html"))
        step("province_book", lambda: write_province_book(view, folder / "province.xlsx"))
        step(
            "agency_books",
            lambda: [write_agency_book(own, folder / f"{code}.xlsx") for code, own in view.agencies.items()],
        )
    report(taken, findings=findings, steps=steps)


if __name__ == "__main__":
    main()
