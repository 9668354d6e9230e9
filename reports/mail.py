"""The letters that go with the reports: what page 1 says, as plain text and as HTML, finished when the report is made.

A letter is kept as a file beside the report, so that what is mailed later is what was reported, to the letter.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from reports import text
from reports.placing import placed
from reports.rendering import environment
from reports.view import AgencyView, ReportView

SUBJECT_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail without addressee and files.

    Attributes:
        subject: one line.
        plain: the text for readers without HTML.
        html: the same, laid out; no image, no style from elsewhere, no link.
    """

    subject: str
    plain: str
    html: str


def letter_of(view: ReportView | AgencyView) -> Letter:
    """The letter of an edition: verdict, the six figures, the sentences, what is proposed or to be done."""
    paper = "báo cáo" if isinstance(view, ReportView) else view.addressing.paper
    # what a department asks of the province's leaders, or of the agency above
    verb = "Kính đề nghị" if isinstance(view, ReportView) or view.addressing.is_report else "Đề nghị"
    context = {"view": view, "asks": _asks(view), "verb": verb, "addressee": _addressee(view), "paper": paper}
    templates = environment()
    return Letter(
        subject=one_line(f"[DỰ THẢO] {view.subject}")[:SUBJECT_LENGTH_MAX],
        plain=templates.get_template("letter.txt.j2").render(context).strip() + "\n",
        html=templates.get_template("letter.html.j2").render(context),
    )


def write_letter(view: ReportView | AgencyView, path: Path) -> None:
    """Keep the letter as JSON; the same view gives the same bytes."""
    with placed(path) as part:
        part.write_text(json.dumps(asdict(letter_of(view)), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_letter(path: Path) -> Letter:
    """A letter as it was kept.

    Raises:
        OSError: it is not there.
        ValueError: it is not a letter.
    """
    try:
        return Letter(**json.loads(path.read_text(encoding="utf-8")))
    except TypeError as error:
        raise ValueError(f"{path.name} is not a letter") from error


def one_line(words: str) -> str:
    """Text for a mail header: what could begin another header is a blank."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())


def _addressee(view: ReportView | AgencyView) -> str:
    return "; ".join(view.issuer.addressees) if isinstance(view, ReportView) else text.sentence(view.addressing.whom)


def _asks(view: ReportView | AgencyView) -> str:
    if isinstance(view, ReportView):
        return view.proposals
    if view.task is None:
        return ""
    return f"{view.addressing.whom}: {view.task.text} {view.task.by}".rstrip()
