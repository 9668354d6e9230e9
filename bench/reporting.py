"""Make reports of an invented week, in a process of its own: `python -m bench.reporting warm|terrible [FINDINGS]`.

The invented province of the reports' tests: 34 agencies and, unless told otherwise, 20 000 findings, nearly all still
open. `warm`: the weekly PDF once more by a process that has made one. `terrible`: everything that the weekly job writes
of it, as it writes it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from audit.garbage import seldom_collected
from audit.pipeline.reporting import write_files
from audit.settings.deployment import Report
from bench.measure import Taken, report, timed
from reports.pdf import write_pdf
from reports.view import ReportView, build_view
from tests.reports.province import make_inputs

FINDINGS = 20_000


def main() -> None:
    """Time one of them."""
    findings = int(sys.argv[2]) if len(sys.argv) > 2 else FINDINGS
    begin = time.perf_counter()
    view = build_view(make_inputs(findings=findings))
    steps = {"dựng nội dung": round(time.perf_counter() - begin, 2)}
    with tempfile.TemporaryDirectory() as name:
        if sys.argv[1] == "warm":
            taken, files = _warm(view, Path(name) / "report.pdf"), 1
        else:
            with timed() as taken:
                files = len(write_files(view, view.agencies, Path(name), Report(), None))
    report(taken, findings=findings, files=files, steps=steps)


def _warm(view: ReportView, path: Path) -> Taken:
    with seldom_collected():
        write_pdf(view, path)
        with timed() as taken:
            write_pdf(view, path)
    return taken


if __name__ == "__main__":
    main()
