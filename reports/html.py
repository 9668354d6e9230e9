"""One self-contained page of HTML: the view with a table of findings to filter, sort and search.

No request leaves it: style and script stand in the page, and the content security policy allows exactly those two by
their hashes and nothing else, so that a text from a log could not run or call home even if escaping failed. Without
script the page is complete and printable.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from reports.charts import line_chart
from reports.parts.trend import CHARTED
from reports.placing import placed
from reports.rendering import TEMPLATES, environment
from reports.view import ReportView

MOST_ROWS = 2000
"""Findings in the page, worst first; the rest is in the workbook, and the page says so."""

HEADS = (
    "Mức độ", "Cơ quan phải xử lý", "Vi phạm", "Số, ký hiệu", "Ngày ban hành", "Trích yếu", "Nơi gửi", "Nơi nhận",
    "Vì sao", "Cách khắc phục", "Xong trước", "Thời hạn theo quy định", "Đã chậm", "Trạng thái",
)  # fmt: skip
"""Of the table of findings; each column sorts."""
_ORDERS = (
    ("Mức độ, nặng nhất trước", "Mức độ", "ascending"),
    ("Xong trước, gần nhất trước", "Xong trước", "ascending"),
    ("Đã chậm, lâu nhất trước", "Đã chậm", "descending"),
    ("Cơ quan phải xử lý", "Cơ quan phải xử lý", "ascending"),
    ("Ngày ban hành, mới nhất trước", "Ngày ban hành", "descending"),
    ("Số, ký hiệu", "Số, ký hiệu", "ascending"),
)
"""What a telephone, which shows cards and no heads, offers to sort by: the first is the order in which rows stand."""
_NOTHING_BY_THEN = "9"
"""Sorts what has no date behind what has one."""


def write_html(view: ReportView, path: Path) -> None:
    """Writes the page beside the target and renames."""
    with placed(path) as part:
        part.write_text(page(view), encoding="utf-8", newline="\n")


def page(view: ReportView) -> str:
    """The page as text."""
    style, script = ((TEMPLATES / name).read_text("utf-8") for name in ("page.css", "page.js"))
    allowed = f"style-src '{_hash(style)}'; script-src '{_hash(script)}'"
    values = {
        "view": view,
        "style": Markup(style),  # noqa: S704 - our own file, hashed into the policy
        "script": Markup(script),  # noqa: S704 - the same
        "policy": f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'",
        "charts": [line_chart(series) for series in view.trend if series.indicator.id in CHARTED],
        "has_gaps": any(series.has_gaps for series in view.trend if series.indicator.id in CHARTED),
        "rows": _rows(view),
        "most_rows": MOST_ROWS,
        "heads": HEADS,
        "orders": [(told, HEADS.index(head), way) for told, head, way in _ORDERS],
    }
    return environment().get_template("page.html.j2").render(values)


def _hash(text: str) -> str:
    """The CSP source expression of an inline element with this text."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _rows(view: ReportView) -> list[dict[str, Any]]:
    """Open findings with the keys that sorting and filtering need."""
    rows = view.open_findings.head(MOST_ROWS)
    learn = view.labels["duties"]["learn"]
    shown = rows.assign(
        issued_text=_told(rows["issued_on"], "%d/%m/%Y"),
        issued_key=_told(rows["issued_on"], "%Y%m%d"),
        act_text=_told(rows["act_by"], _MOMENT, learn),
        act_key=_told(rows["act_by"], "%Y%m%d%H%M", _NOTHING_BY_THEN),
        deadline_text=_told(rows["deadline"], _MOMENT),
        deadline_key=_told(rows["deadline"], "%Y%m%d%H%M"),
        delay_text=rows["delay_text"].mask(rows["delay_minutes"] == 0, _OVERDUE),
        delay_key=rows["delay_minutes"].fillna(-1).astype("int64"),
    )
    return [{str(key): value for key, value in row.items()} for row in shown.to_dict("records")]


_MOMENT = "%d/%m/%Y %H:%M"
_OVERDUE = "quá hạn, chưa qua giờ làm việc nào"


def _told(instants: pd.Series, form: str, nothing: str = "") -> pd.Series:
    told: pd.Series = instants.dt.strftime(form).astype(object).where(instants.notna(), nothing)
    return told
