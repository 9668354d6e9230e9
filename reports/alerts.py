"""Alerts and morning digests: a few findings that somebody has to act on today, as a letter without files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from reports import text
from reports.mail import SUBJECT_LENGTH_MAX, Letter, one_line
from reports.rendering import environment

MOST_ROWS = 30
"""Findings told in one section; the rest is counted."""
_SUBJECT_CUT = 140


@dataclass(frozen=True, slots=True)
class Section:
    """Findings of one kind, worst first.

    Attributes:
        title: heading of the section.
        short: how the mail's subject counts them: `gửi lỗi mới`.
        rows: columns of `readable.readable_findings`.
        ahead: the deadline is still ahead; nothing is late yet.
    """

    title: str
    short: str
    rows: pd.DataFrame
    ahead: bool = False

    @property
    def size(self) -> int:
        """How many findings."""
        return len(self.rows)

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The first `MOST_ROWS` as the template prints them."""
        return [_row(each, ahead=self.ahead) for each in self.rows.head(MOST_ROWS).to_dict("records")]


@dataclass(frozen=True, slots=True)
class AlertView:
    """A mail about findings.

    Attributes:
        agency: whose findings: its name, or `""` for all agencies.
        issuer: who sends it.
        at: the instant the data speaks for, local wall time.
        provisional: of the running day; else a morning's digest.
        reminder: all that is told was told before.
        sections: those with findings.
        unanswered: names of agencies whose running day could not be had.
    """

    agency: str
    issuer: str
    at: datetime
    provisional: bool
    sections: tuple[Section, ...]
    reminder: bool = False
    unanswered: tuple[str, ...] = ()

    @property
    def at_text(self) -> str:
        """`15 giờ 30 phút ngày 08/02/2021`, `ngày 08/02/2021`."""
        return text.moment(self.at) if self.provisional else f"ngày {text.day(self.at.date())}"

    @property
    def subject(self) -> str:
        """`[TẠM TÍNH] Cảnh báo 15 giờ 30 phút ngày 08/02/2021, Sở Y tế: 02 gửi lỗi`."""
        mark = "[TẠM TÍNH] " if self.provisional else ""
        what = "Nhắc lại cảnh báo" if self.reminder else "Cảnh báo" if self.provisional else "Việc cần xử lý"
        counted = "; ".join(f"{text.count(section.size)} {section.short}" for section in self.sections)
        return f"{mark}{what} {self.at_text}, {self.agency or 'toàn tỉnh'}: {counted}"


def alert_letter(view: AlertView) -> Letter:
    """The letter; texts from logs are escaped in HTML and cannot steer the plain text."""
    templates, values = environment(), {"view": view}
    return Letter(
        subject=one_line(view.subject)[:SUBJECT_LENGTH_MAX],
        plain=templates.get_template("alert.txt.j2").render(values).strip() + "\n",
        html=templates.get_template("alert.html.j2").render(values),
    )


def sections_of(parts: Sequence[Section]) -> tuple[Section, ...]:
    """The sections that have findings."""
    return tuple(part for part in parts if part.size)


def _row(row: dict[Any, Any], *, ahead: bool) -> dict[str, Any]:
    deadline, issued = row["deadline"], row["issued_on"]
    return {
        "title": row["title"],
        "severity": row["severity_text"],
        "agency": row["agency_name"],
        "document": row["document"] or "không rõ số",
        "is_secret": row["is_secret"],
        "issued": "" if pd.isna(issued) else text.day(issued.date()),
        "subject": text.shorten(row["subject"], _SUBJECT_CUT),
        "sender": row["sender"],
        "recipient": row["recipient"],
        "deadline": "" if pd.isna(deadline) else text.moment(deadline.to_pydatetime()),
        "why": "" if ahead else row["why"],
        "remedy": row["remedy"],
        "finding_id": row["finding_id"],
    }
