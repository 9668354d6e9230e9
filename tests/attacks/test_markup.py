"""HTML, SVG and CSS in the texts of a log: nothing runs, nothing is fetched, no file gets into a report.

What a browser makes of the page is tested in tests/reports/test_html.py, the letters in tests/reports/test_mail.py.
"""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import jinja2
import pdfplumber
import pytest
import weasyprint

from reports import html, mail, pdf
from reports.inputs import ReportInputs
from reports.rendering import environment
from reports.view import ReportView, build_view
from tests.attacks.canary import SECRET, Canary, canary
from tests.reports.province import make_inputs

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def attacks(server: Canary, file: Path) -> list[str]:
    """Texts that make a browser or WeasyPrint ask the server or take the file, where they are taken for markup."""
    return [
        f"<img src='{server.url}/img'>",
        f"<link rel=stylesheet href='{server.url}/css'>",
        f"<style>@import url({server.url}/import); p {{ background: url({server.url}/background) }}</style>",
        f"<svg xmlns='http://www.w3.org/2000/svg'><image href='{server.url}/svg' width='9' height='9'/></svg>",
        f"<link rel=attachment href='{file.as_uri()}'>",
        f"<object data='{server.url}/object'></object><script src='{server.url}/script'></script>",
        f"<p style=\"background:url('{server.url}/style')\">x</p>",
        f"'\"><img src={server.url}/quoted>",
        "{{ 7 * 191 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    ]


@pytest.fixture(scope="module")
def secret_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("secret") / "secret.txt"
    path.write_text(SECRET)
    return path


def attachments(path: Path) -> bytes:
    """Everything that is embedded in a PDF, unpacked."""
    with pdfplumber.open(path) as read:
        found = [
            value
            for number in read.doc.xrefs[0].get_objids()
            if (stream := read.doc.getobj(number)) is not None and hasattr(stream, "get_data")
            for value in [stream.get_data()]
        ]
    return b"".join(found)


def view_of(server: Canary, file: Path) -> ReportView:
    given: ReportInputs = make_inputs(findings=60)
    texts = attacks(server, file)
    findings = given.findings.copy()
    for name in ("subject", "number", "notation"):
        findings[name] = [texts[row % len(texts)] for row in range(len(findings))]
    findings["detail"] = [
        json.dumps({**(json.loads(told) if isinstance(told, str) else {}), "error_message": texts[row % len(texts)]})
        for row, told in enumerate(findings["detail"])
    ]
    return build_view(type(given)(**{**{name: getattr(given, name) for name in given.__slots__}, "findings": findings}))


def test_the_danger_markup_in_a_text_fetches_and_takes_files(secret_file: Path, tmp_path: Path) -> None:
    """What a template without escaping and WeasyPrint's own fetcher would do."""
    with canary() as server:
        page = jinja2.Template("<p>{{ text }}</p>").render(text="".join(attacks(server, secret_file)))
        logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
        weasyprint.HTML(string=page).write_pdf(tmp_path / "naive.pdf")
        assert {"/img", "/css", "/import", "/svg"} <= set(server.asked)
    assert SECRET.encode() in attachments(tmp_path / "naive.pdf")


def test_reports_fetch_nothing_and_take_no_file(secret_file: Path, tmp_path: Path) -> None:
    with canary() as server:
        view = view_of(server, secret_file)
        worst = max(view.agencies.values(), key=lambda own: len(own.open_findings))
        pdf.write_agency_pdf(worst, tmp_path / "agency.pdf")
        page = html.page(view)
        letter = mail.letter_of(view)
        assert server.asked == []
    assert SECRET.encode() not in attachments(tmp_path / "agency.pdf")
    for text in (page, letter.html):
        assert not re.search(r"<(img|link|object|iframe|svg xmlns='|image|script src)", text)
        assert "1337" not in text
        assert SECRET not in text
    with pdfplumber.open(tmp_path / "agency.pdf") as read:
        assert "<style>@import" in "".join(sheet.extract_text() for sheet in read.pages), "it is there, as text"


@pytest.mark.slow
def test_no_text_of_a_log_keeps_the_province_from_its_report(secret_file: Path, tmp_path: Path) -> None:
    """Long numbers in every row of the annex once made the report a page too long, and so none at all."""
    with canary() as server:
        assert pdf.write_pdf(view_of(server, secret_file), tmp_path / "province.pdf") <= pdf.MOST_PAGES
        assert server.asked == []
    assert SECRET.encode() not in attachments(tmp_path / "province.pdf")


def test_even_unescaped_markup_fetches_nothing(secret_file: Path, tmp_path: Path) -> None:
    """The second wall: the fetcher, should a template ever forget to escape."""
    with canary() as server:
        page = "<p>x</p>" + "".join(attacks(server, secret_file))
        logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
        weasyprint.HTML(string=page, url_fetcher=pdf.Bundled(), base_url="bundle:").write_pdf(tmp_path / "x.pdf")
        assert server.asked == []
    assert SECRET.encode() not in attachments(tmp_path / "x.pdf")


def test_a_template_escapes_whatever_it_is_called() -> None:
    made = environment().from_string("<i title='{{ text }}'>{{ text }}</i>").render(text="'><b>&")
    assert made == "<i title='&#39;&gt;&lt;b&gt;&amp;'>&#39;&gt;&lt;b&gt;&amp;</i>"
