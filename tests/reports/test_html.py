"""The page: nothing runs but our own script, nothing is requested, and it works in a real browser where one is at hand."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reports import html
from reports.view import ReportView, build_view
from tests.reports.province import HOSTILE, make_inputs

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


class Elements(HTMLParser):
    """All start tags with their attributes, and the text of script and style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self.text = ""
        self._inside = ""
        self.source = page
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._inside = tag if tag in self.texts else ""
        if self._inside:
            self.texts[tag].append("")

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside:
            self.texts[self._inside][-1] += data
        else:
            self.text += data


@pytest.fixture(scope="module")
def page(files: Path) -> Elements:
    return Elements((files / "page.html").read_text("utf-8"))


def test_the_policy_allows_our_style_and_script_by_hash_and_nothing_else(page: Elements):
    policy = next(attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    digests = {
        name: base64.b64encode(hashlib.sha256(page.texts[name][0].encode()).digest()).decode()
        for name in ("style", "script")
    }
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digests['style']}'; script-src 'sha256-{digests['script']}'; base-uri 'none'; form-action 'none'"
    )
    assert [len(texts) for texts in page.texts.values()] == [1, 1]


def test_nothing_is_requested_and_nothing_runs_from_attributes(page: Elements):
    for tag, attrs in page.tags:
        assert tag not in {
            "img",
            "iframe",
            "object",
            "embed",
            "link",
            "base",
            "audio",
            "video",
            "source",
            "form" if "action" in attrs else "-",
        }
        assert not [name for name in attrs if name.startswith("on") or name in {"style", "src", "srcset", "formaction"}]
        assert (attrs.get("href") or "#").startswith("#")


def test_hostile_text_is_shown_as_text(page: Elements):
    assert "<script>alert('vb')</script><img src=http://evil.example/x.png onerror=alert(1)>" in page.text
    assert "{{ 7*7 }} {% raw %}" in page.text
    assert not set(page.text) & set("\u202e\u200b\x07")


def test_the_findings_table_holds_every_open_finding(page: Elements, view: ReportView):
    assert sum("data-severity" in attrs for tag, attrs in page.tags if tag == "tr") == len(view.open_findings)


def rows_of(page: Elements) -> list[list[str]]:
    """The cells of the findings, as text."""
    body = page.source.split('<table id="findings"')[1].split("<tbody>")[1].split("</tbody>")[0]
    plain = [re.sub(r"<[^>]+>", " ", cell) for cell in re.findall(r"<td.*?</td>", body, re.DOTALL)]
    cells = [" ".join(cell.split()) for cell in plain]
    return [cells[start : start + len(html.HEADS)] for start in range(0, len(cells), len(html.HEADS))]


def test_a_row_says_what_is_to_be_done_to_whom_and_by_when(page: Elements, view: ReportView):
    rows = rows_of(page)
    assert len({tuple(row) for row in rows}) == len(rows) == len(view.open_findings)
    names = ("Nơi gửi", "Nơi nhận", "Cách khắc phục", "Xong trước", "Ngày ban hành")
    sender, recipient, remedy, by, issued = (html.HEADS.index(name) for name in names)
    for row, (_, finding) in zip(rows, view.open_findings.iterrows(), strict=True):
        assert (row[sender], row[recipient], row[remedy]) == (
            finding["sender"], finding["recipient"], finding["remedy"],
        )  # fmt: skip
        asked = finding["act_by"] == finding["act_by"]
        assert row[by] == (f"{finding['act_by']:%d/%m/%Y %H:%M}" if asked else "Rút kinh nghiệm")
        assert row[issued] == (
            f"{finding['issued_on']:%d/%m/%Y}" if finding["issued_on"] == finding["issued_on"] else ""
        )


def test_what_the_report_asks_of_each_agency_is_on_the_page(page: Elements, view: ReportView):
    text = " ".join(page.text.split())
    for task in view.tasks:
        assert f"{task.name}{task.text}{task.urgent.text}{task.regular.text}{task.past.text}" in text
    for kind in view.topics[0].kinds:
        assert f"{kind.title}{kind.open.text}{kind.critical.text}{kind.places}" in text
    last = view.trend[0].points[-1]
    assert f"{last.tick}{last.start:%d/%m/%Y}{''.join(each.points[-1].figure.text for each in view.trend)}" in text


def test_every_box_that_scrolls_can_be_reached_and_has_a_name(page: Elements):
    boxes = [attrs for tag, attrs in page.tags if (attrs.get("class") or "").split()[:1] == ["scroll"]]
    assert len(boxes) >= 8
    assert all(
        attrs.get("tabindex") == "0" and attrs.get("role") == "region" and attrs.get("aria-label") for attrs in boxes
    )


def test_a_cut_table_says_so(monkeypatch, view: ReportView):
    monkeypatch.setattr(html, "MOST_ROWS", 20)
    text = Elements(html.page(view)).text
    assert f"20 trong tổng số {len(view.open_findings)}, còn lại trong Excel, trang tính “Việc cần xử lý”." in text


def test_it_can_be_read_by_everyone(page: Elements):
    tags = dict(page.tags)
    assert tags["html"]["lang"] == "vi"
    headers = [attrs for tag, attrs in page.tags if tag == "th"]
    assert all(attrs.get("scope") for attrs in headers)
    assert any(attrs.get("aria-live") == "polite" for _, attrs in page.tags)
    assert sum(tag == "svg" for tag, _ in page.tags) == sum(tag == "title" for tag, _ in page.tags) - 1 == 6


def test_an_empty_week_has_a_page(tmp_path: Path):
    html.write_html(build_view(make_inputs(findings=0)), tmp_path / "page.html")
    assert "0 việc." in (tmp_path / "page.html").read_text("utf-8")


PROBE = """
<script>
(function () {
  var form = document.getElementById("filters"), table = document.getElementById("findings"), out = [];
  function shown() { return Array.prototype.filter.call(table.tBodies[0].rows, function (r) { return !r.hidden; }).length; }
  function fire(type) { form.dispatchEvent(new Event(type, { bubbles: true })); }
  out.push("visible=" + !form.hidden, "all=" + shown());
  form.elements.search.value = "so y te covid"; fire("input"); out.push("search=" + shown());
  form.elements.search.value = ""; form.elements.severity.value = "Cao"; fire("input"); out.push("high=" + shown());
  out.push("status=" + document.getElementById("shown").textContent);
  form.elements.severity.value = ""; form.elements.topic.selectedIndex = 1; fire("input"); out.push("topic=" + shown());
  form.elements.topic.selectedIndex = 0; fire("input");
  form.elements.order.selectedIndex = 2; form.elements.order.dispatchEvent(new Event("change", { bubbles: true }));
  out.push("latest=" + table.tBodies[0].rows[0].cells[12].dataset.key);
  var button = table.querySelectorAll("th button")[1]; button.click();
  out.push("first=" + table.tBodies[0].rows[0].cells[1].textContent, "sort=" + button.closest("th").getAttribute("aria-sort"));
  button.click(); out.push("last=" + table.tBodies[0].rows[0].cells[1].textContent);
  out.push("alerted=" + (window.alerted || 0));
  var result = document.createElement("pre"); result.id = "result"; result.textContent = out.join("|"); document.body.appendChild(result);
}());
</script>
"""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium at hand")
def test_filter_search_and_sort_in_a_browser(files: Path, view: ReportView, tmp_path: Path):
    page = (files / "page.html").read_text("utf-8")
    assert "</body>" in page
    # The probe is let in by taking the policy out of a copy: what is tested here is the script, the policy is tested below.
    bare = re.sub(
        r'<meta http-equiv="Content-Security-Policy"[^>]*>',
        "<script>window.alert=function(){window.alerted=1}</script>",
        page,
    )
    (tmp_path / "probe.html").write_text(bare.replace("</body>", PROBE + "</body>"), encoding="utf-8")
    result = dict(
        part.split("=", 1)
        for part in re.search(r'<pre id="result">(.*?)</pre>', dump(tmp_path / "probe.html"))[1].split("|")
    )
    opened = view.open_findings
    topical = opened[(opened["agency"] == "H03.16") & opened["subject"].str.contains("COVID")]
    high = int((opened["severity"] == "high").sum())
    assert result["visible"] == "true"
    assert result["all"] == str(len(opened))
    assert int(result["search"]) >= len(topical) > 0
    assert result["high"] == str(high)
    assert result["topic"] == str(int((opened["topic"] != "").sum()))
    assert result["latest"] == str(int(opened["delay_minutes"].max()))
    assert result["status"] == f"Đang hiện {high} trong tổng số {len(opened)} việc."
    assert (result["first"], result["sort"]) == ("Ban Dân tộc", "ascending")
    assert result["last"].startswith(("Văn phòng", "Ủy ban"))
    assert result["alerted"] == "0"


NARROW = """
<script>
addEventListener("load", function () {
  var box = document.querySelector(".heat").parentNode, name = box.querySelector("tbody th"), out = [];
  out.push("width=" + innerWidth, "page=" + (document.documentElement.scrollWidth <= innerWidth));
  box.scrollLeft = 200;
  out.push("scrolled=" + box.scrollLeft, "readable=" + (name.clientWidth >= 130));
  var head = document.querySelector("#findings thead th button"), order = document.querySelector("#filters .order");
  head.focus();
  out.push("heads=" + (document.activeElement === head), "order=" + (order.offsetParent !== null));
  out.push("call=" + getComputedStyle(document.querySelector(".cards td")).display);
  out.push("beside=" + Math.round(name.getBoundingClientRect().left - box.getBoundingClientRect().left));
  parent.postMessage(out.join("|"), "*");
});
</script>
"""
TELEPHONE = """
<script>addEventListener("message", function (told) {
  var result = document.createElement("pre"); result.id = "result"; result.textContent = told.data; document.body.append(result);
});</script>
<iframe src="narrow.html" style="width: 390px; height: 844px; border: 0"></iframe>
"""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium at hand")
def test_on_a_telephone_the_map_scrolls_in_its_box_and_the_names_stay(files: Path, tmp_path: Path):
    """In a frame, since a window of Chromium without a screen is at least 500 px wide."""
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", (files / "page.html").read_text("utf-8"))
    (tmp_path / "narrow.html").write_text(bare.replace("</body>", NARROW + "</body>"), encoding="utf-8")
    (tmp_path / "telephone.html").write_text(TELEPHONE, encoding="utf-8")
    found = re.search(r'<pre id="result">(.*?)</pre>', dump(tmp_path / "telephone.html"))
    assert found
    told = dict(part.split("=", 1) for part in found[1].split("|"))
    assert told == {
        "width": "390", "page": "true", "scrolled": "200", "readable": "true", "beside": "0",
        "heads": "false", "order": "true", "call": "block",
    }  # fmt: skip


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium at hand")
def test_the_policy_lets_our_script_run_and_no_other(files: Path, tmp_path: Path):
    page = (files / "page.html").read_text("utf-8")
    injected = page.replace(
        "</main>", "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"></main>"
    )
    (tmp_path / "injected.html").write_text(injected, encoding="utf-8")
    document = dump(tmp_path / "injected.html")
    assert "<title>owned" not in document
    assert re.search(r'<form id="filters" class="filters">', document), "our own script ran and showed the filters"


def dump(path: Path) -> str:
    """The page's document after its scripts have run."""
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--virtual-time-budget=3000",
        "--dump-dom",
        path.as_uri(),
    ]
    environment = {"PATH": os.environ["PATH"], "HOME": str(path.parent)}
    return subprocess.run(command, capture_output=True, timeout=120, check=True, env=environment).stdout.decode()


def test_fixture_is_hostile_enough():
    assert len(HOSTILE) == 8
