"""Short stories for the oracle's own tests: who sent what to whom in the first week of March 2021 (Monday 1 to Sunday 7).

`good()` is a document 12/VP-TH of H03.01 to H03.02 that breaks no rule; every builder takes the fields that a case is about.
Instants are written `"02 09:30"`: 2 March 2021, 09:30 local.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain
from typing import Any, NamedTuple

from . import normalise as n
from .case import Case, Judgement
from .judge import judge
from .random_agencies import load, plain
from .registry import TABLES

A, B, C = "H03.01", "H03.02", "H03.03"
MONDAY = date(2021, 3, 1)
KEY = {"document_uid": "A-12", "sender": A, "number": "12", "notation": "VP-TH", "issued_date": "2021-03-02"}


class Line(NamedTuple):
    """A row, and in whose log of which day it stands."""

    log: str
    day: str
    table: str
    row: dict[str, Any]


def t(when: str) -> str:
    """`"02 09:30"` as the wire writes it; with a month: `"02-26 09:30"`."""
    day, clock = when.split()
    return f"2021-{day if '-' in day else '03-' + day}T{clock if clock.count(':') == 2 else clock + ':00'}+07:00"


def day(when: str) -> str:
    """The day of an instant."""
    return t(when)[:10]


def signature(party: str, when: str = "02 09:00", **over: Any) -> dict[str, Any]:
    """A signature with which nothing is wrong."""
    name = "CN=Lò Văn Páo, O=UBND tỉnh" if party == "person" else "CN=VĂN PHÒNG"
    return {
        "party": party,
        "subject": name,
        "serial": f"serial-{party}",
        "issuer": "CN=CA phục vụ các cơ quan Nhà nước G2",
        "valid_from": "2019-01-01T00:00:00+07:00",
        "valid_to": "2024-01-01T00:00:00+07:00",
        "signed_at": t(when),
        "timestamp_at": t(when),
        "intact": True,
        "valid": True,
        "covers_file": party == "agency",
        "revoked_at": None,
        **over,
    }


def file(**over: Any) -> dict[str, Any]:
    """A main file signed by both parties, the agency last."""
    both = [signature("person"), signature("agency", "02 09:02")]
    return {
        "name": "12.pdf",
        "role": "main",
        "content_type": "application/pdf",
        "size_bytes": 9,
        "sha256": "aa",
        "signatures": both,
        **over,
    }


def document(log: str = A, on: str = "2021-03-02", **over: Any) -> Line:
    """A register row."""
    row = {
        **KEY,
        "doc_type": "Công văn",
        "subject": "V/v gửi, nhận văn bản",
        "signer_name": "Lò Văn Páo",
        "signer_position": "CHÁNH VĂN PHÒNG",
        "signer_competence": "TL. CHỦ TỊCH",
        "signed_at": t("02 09:00"),
        "urgency": "thuong",
        "secrecy": "thuong",
        "page_count": 2,
        "declared_file_count": 1,
        "recipients": [B],
        "files": [file()],
        **over,
    }
    return Line(log, on, "documents", row)


def send(when: str = "02 09:05", state: str | None = "done", log: str = A, on: str | None = None, **over: Any) -> Line:
    """An attempt to send; `done` at once."""
    row = {**KEY, "recipient": B, "axis_doc_id": "m1", "attempt": 1, "business_type": 0, "sent_at": t(when)}
    return Line(log, on or day(when), "sends", {**row, "state": state, "state_at": t(when), **over})


def receipt(when: str = "02 09:06", log: str = B, on: str | None = None, **over: Any) -> Line:
    """A message in the incoming register."""
    row = {
        **KEY,
        "recipient": B,
        "axis_doc_id": "m1",
        "business_type": 0,
        "arrived_at": t(when),
        "state": "done",
        "state_at": t(when),
    }
    return Line(log, on or day(when), "receipts", {**row, **over})


def status(code: Any, when: str, logs: Iterable[str] = (A, B), **over: Any) -> list[Line]:
    """A status of the recipient's, in the logs of both sides."""
    row = {
        **KEY,
        "from_org": B,
        "to_org": A,
        "axis_doc_id": None,
        "status_code": code,
        "at": t(when),
        "description": None,
        **over,
    }
    return [Line(log, day(when), "statuses", row) for log in logs]


def answered(*codes: str, when: str = "02 09:10") -> list[Line]:
    """The statuses that close a pair: acknowledged, forwarded, completed."""
    return list(chain.from_iterable(status(code, when) for code in codes or ("03", "04", "06")))


def good(**over: Any) -> list[Line]:
    """A document that breaks no rule; `over` are fields of its register row."""
    return [document(**over), send(), receipt(), *answered()]


def agencies(**more: dict[str, Any]) -> dict[str, Any]:
    """Three agencies; `more` sets fields of one of them: `A={"pulled": False}`."""
    listed = [
        plain(A, "department", ["VP"], aliases=["OLD-01"]),
        plain(B, "department", ["SYT"]),
        plain(C, "department", ["TTr"]),
    ]
    for entry, name in zip(listed, "ABC", strict=True):
        entry.update(more.get(name, {}))
    return {"province": {"code": "H03"}, "agencies": [*listed, more["D"]] if "D" in more else listed}


def covered(first: str = "2021-02-01", last: str = "2021-03-31") -> list[dict[str, Any]]:
    """Complete days of all tables of all agencies."""
    begins, ends = date.fromisoformat(first), date.fromisoformat(last)
    days = [(begins + timedelta(days=i)).isoformat() for i in range((ends - begins).days + 1)]
    codes = (A, B, C, "H03.04")
    return [
        {"agency": code, "day": on, "table": table, "state": "complete", "failed_at": None}
        for code in codes
        for on in days
        for table in TABLES
    ]


def lost(agency: str, on: str, table: str, failed_at: str | None = "ours") -> list[dict[str, Any]]:
    """Full coverage but for one table of one day."""
    gone = {"agency": agency, "day": on, "table": table}
    return [
        {**entry, "state": "missing", "failed_at": failed_at} if gone.items() <= entry.items() else entry
        for entry in covered()
    ]


def case(*lines: Line, **over: Any) -> Case:
    """A case of that week, seen at its end; `over` are fields of Case, and `seen` a day at whose start the audit looks."""
    logs = [{"agency": line.log, "day": line.day, "table": line.table, "rows": [line.row]} for line in lines]
    seen = n.start_of_day(date.fromisoformat(over.pop("seen", "2021-03-08")))
    facts = {"calendar": load("calendar.toml"), "document_types": load("document_types.toml")}
    default = {
        "agencies": agencies(),
        "coverage": covered(),
        "start": MONDAY,
        "end": MONDAY + timedelta(days=7),
        "as_of": seen,
    }
    return Case(**{**facts, **default, "logs": logs, **over})


@dataclass
class Try:
    """One case of one rule: the lines, and what must come of them."""

    code: str
    name: str
    lines: list[Line]
    finds: list[tuple[str, str]] = field(default_factory=list)  # (agency, extra)
    counts: tuple[str, int, int] | None = None  # (agency, tested, not decided)
    options: dict[str, Any] = field(default_factory=dict)

    def check(self) -> None:
        """Judges and compares."""
        judgement = judge(case(*self.lines, **self.options))
        assert of(judgement, self.code) == self.finds
        if self.counts is not None:
            agency, tested, not_decided = self.counts
            outcome = judgement.outcomes[self.code, agency]
            assert (outcome[0], outcome[3]) == (tested, not_decided)


def of(judgement: Judgement, code: str) -> list[tuple[str, str]]:
    """Agency and extra of a rule's findings."""
    return sorted((finding["agency"], finding["extra"]) for finding in judgement.findings if finding["code"] == code)
