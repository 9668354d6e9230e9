"""Rows of the wire in, findings and counts out: the one way in which rules are tested.

The rows go through the real `conform`, the real `Facts` and the real rule. `document`, `send`, `receipt` and `status` fill in what a case
does not care about, so that the rows as they stand are a document that breaks no rule::

    judge_case(Case("unsigned", [document(files=[file(signatures=[])]), send()]), "unsigned")
    == Judged(findings=(("H03.02", "12/SNV-VP", "", ""),), counts={"H03.02": (1, 1, 0)})

The province is the shipped one (34 agencies around H03), every agency pulled; the log is complete from `COVERED_FROM` to `as_of` unless
a case says otherwise. The default week is that of 1 to 7 February 2021 (Monday to Sunday). Times without an offset are local.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from audit.conform import Origin, PageItems, conform
from audit.facts import Facts, Frames
from audit.facts.checked import Verified
from audit.log_table import LogTable
from audit.normalise import Normaliser
from audit.registry import Registry
from audit.rule import Severity, Verdicts
from audit.rules import RULES
from audit.settings import Agency, Settings, Signer, load_settings
from audit.settings.policy import Policy
from audit.shards import LARGE_TABLES
from audit.signatures import FileFacts
from audit.tables import LOG_TABLES, SCHEMAS, WIRE_TABLES, to_frame
from audit.working_time import NAT, WorkingCalendar, date_of

SENDER: Final = "H03.02"
"""Sở Nội vụ, notation SNV."""
RECIPIENT: Final = "H03.03"
"""Sở Tư pháp, notation STP."""
COVERED_FROM: Final = date(2021, 1, 1)
ISSUER: Final = "CN=CA phục vụ các cơ quan Nhà nước G2, O=Ban Cơ yếu Chính phủ, C=VN"
SIGNER: Final = "Lò Thị Mẩy"

_KEY: Final[Mapping[str, Any]] = {"sender": SENDER, "number": "12", "notation": "SNV-VP", "issued_date": "2021-02-02"}


class Row(NamedTuple):
    """A row of the wire, and in whose log of which day it stands."""

    log: str
    day: date
    table: str
    fields: Mapping[str, Any]


def document(log: str | None = None, day: str | None = None, **fields: Any) -> Row:
    """An entry of the outgoing register: by default 12/SNV-VP of 2 February 2021, complete and signed by both parties.

    Args:
        log: whose log; by default the sender's. day: log day; by default the day of issue.
        fields: as in log-api.md; None where the system tells nothing.
    """
    row = _KEY | {
        "doc_type": "Công văn", "subject": "V/v báo cáo công tác tháng 01", "signer_name": SIGNER, "signer_position": "GIÁM ĐỐC",
        "signer_competence": None, "signed_at": f"{fields.get('issued_date', _KEY['issued_date'])} 09:00", "urgency": "thuong",
        "secrecy": "thuong", "page_count": 2, "declared_file_count": 1, "recipients": [RECIPIENT], "files": [file()],
    } | fields  # fmt: skip
    return _row("documents", log or row["sender"], day or row["issued_date"], row)


def file(**fields: Any) -> dict[str, Any]:
    """The main file, a PDF signed by person and agency. A hash is made of its name, so that equal names have equal content."""
    name = fields.get("name", "van-ban.pdf")
    return {
        "name": name, "role": "main", "content_type": "application/pdf", "size_bytes": 182_334, "sha256": sha256(str(name)),
        "signatures": [signature("person"), signature("agency")],
    } | fields  # fmt: skip


def signature(party: str | None = "person", **fields: Any) -> dict[str, Any]:
    """A good signature of the signer at 9:00, or of the agency at 9:30, which covers the file."""
    of_agency = party == "agency"
    return {
        "party": party, "subject": "CN=SỞ NỘI VỤ, O=Bắc Kạn, C=VN" if of_agency else f"CN={SIGNER}, O=UBND tỉnh Bắc Kạn, C=VN",
        "serial": "7A31" if of_agency else "5402", "issuer": ISSUER, "valid_from": "2019-05-02 00:00", "valid_to": "2024-05-01 00:00",
        "signed_at": "2021-02-02 09:30" if of_agency else "2021-02-02 09:00", "timestamp_at": "2021-02-02 09:31",
        "intact": True, "valid": True, "covers_file": of_agency, "revoked_at": None,
    } | fields  # fmt: skip


def sha256(text: str) -> str:
    """The hash of some content."""
    return hashlib.sha256(text.encode()).hexdigest()


def send(log: str | None = None, day: str | None = None, **fields: Any) -> Row:
    """An attempt to send 12/SNV-VP to H03.03: the first, on 2 February at 10:00, done at once, without an axis id."""
    sent_at = fields.get("sent_at", "2021-02-02 10:00")
    row = (
        _KEY
        | {
            "recipient": RECIPIENT,
            "attempt": 1,
            "business_type": 0,
            "sent_at": sent_at,
            "state": "done",
            "state_at": sent_at,
        }
        | fields
    )
    return _row("sends", log or row["sender"], day or sent_at, row)


def receipt(log: str | None = None, day: str | None = None, **fields: Any) -> Row:
    """H03.03's entry of 12/SNV-VP: arrived on 2 February at 10:01, state done; nothing else is told."""
    arrived_at = fields.get("arrived_at", "2021-02-02 10:01")
    row = (
        _KEY
        | {
            "recipient": RECIPIENT,
            "business_type": 0,
            "arrived_at": arrived_at,
            "state": "done",
            "state_at": arrived_at,
        }
        | fields
    )
    return _row("receipts", log or row["recipient"], day or arrived_at or row["state_at"], row)


def status(code: str | None, at: str, log: str | None = None, day: str | None = None, **fields: Any) -> Row:
    """A status of H03.03 about 12/SNV-VP of H03.02, in the issuer's own log."""
    row = _KEY | {"from_org": RECIPIENT, "to_org": SENDER, "status_code": code, "at": at} | fields
    return _row(
        "statuses", log or row["from_org"], day or at, {name: value for name, value in row.items() if name != "sender"}
    )


@dataclass(frozen=True, slots=True)
class Case:
    """Some rows, and what they are judged by.

    Attributes:
        name: what the case shows.
        rows: of the wire.
        start, end, as_of: local days; the period is [start, end), seen at 0:00 of `as_of` (by default `end`).
        gaps: days that are not complete, `"H03.02 2021-02-03"` for all tables, `"H03.02 2021-02-03 sends"` for one.
        covered_from: the first complete day.
        policy: keys of rules.toml that differ from the shipped ones.
        agencies: keys of the registry that differ, by code; a code that is not there is added.
        signers: `signers.toml`.
        probes: rows of design.md section 3, times as text.
        rejects: how many of the rows cannot be read.
    """

    name: str
    rows: Sequence[Row] = ()
    start: str = "2021-02-01"
    end: str = "2021-02-08"
    as_of: str = ""
    gaps: Sequence[str] = ()
    covered_from: date = COVERED_FROM
    policy: Mapping[str, Any] = field(default_factory=dict)
    agencies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    signers: Sequence[Mapping[str, Any]] = ()
    probes: Sequence[Mapping[str, Any]] = ()
    rejects: int = 0


class Judged(NamedTuple):
    """What a rule said.

    Attributes:
        findings: (agency, number/notation, recipient, extra) of each, sorted; empty texts where not applicable.
        counts: (tested, breaches, not_decided) of each agency that has a member.
    """

    findings: tuple[tuple[str, str, str, str], ...]
    counts: dict[str, tuple[int, int, int]]


def judge_case(case: Case, rule_id: str) -> Judged:
    """The answer of one rule to one case."""
    facts = facts_of(case)
    return judged(facts, RULES[rule_id].judge(facts))


def facts_of(case: Case) -> Facts:
    """The facts of a case, as the engine would build them."""
    settings, registry, calendar = _judged_by(case)
    start, end = date.fromisoformat(case.start), date.fromisoformat(case.end)
    as_of = date.fromisoformat(case.as_of or case.end)
    tables = _conformed(case, registry, Normaliser(settings.policy.placeholders.values))
    frames = Frames(
        **tables,
        coverage=_coverage(case, registry, as_of),
        probes=_probes(case.probes) if case.probes else _no_probes(),
    )
    return Facts(settings, registry, calendar, frames, (start, end, as_of))


def verified_facts(case: Case, known: Mapping[str, FileFacts] | None) -> Facts:
    """As `facts_of`, where these files were verified (by SHA-256); None: no verification was asked for."""
    facts = facts_of(case)
    frames = replace(facts.frames, verified=None if known is None else Verified.of(known))
    dates = (date.fromisoformat(case.start), date.fromisoformat(case.end), date.fromisoformat(case.as_of or case.end))
    return Facts(facts.settings, facts.registry, facts.calendar, frames, dates)


def judged(facts: Facts, verdicts: Verdicts) -> Judged:
    """The verdicts as plain values, after a look at what every rule must keep to."""
    members, findings = verdicts.members, verdicts.findings
    _check(verdicts)
    keys, codes = facts.keys, facts.agencies.codes
    found = []
    for row, (member, extra) in enumerate(zip(findings.member, findings.extra, strict=True)):
        document = members.document[member]
        parts = (keys.number[document], keys.notation[document]) if document >= 0 else ("", "")
        if "number" in findings.own:
            parts = (findings.own["number"][row], findings.own["notation"][row])
        recipient = codes[findings.recipient[row]] if findings.recipient[row] >= 0 else ""
        number = "/".join(str(part) for part in parts if part)
        found.append((codes[members.agency[member]], number, recipient, extra))
    counts = {
        codes[agency]: (int(part.decided.sum()), int(part.breach.sum()), int((~part.decided).sum()))
        for agency in np.unique(members.agency)
        for part in [members.take(members.agency == agency)]
    }
    return Judged(tuple(sorted(found)), counts)


def details(case: Case, rule_id: str) -> list[dict[str, Any]]:
    """The details of a case's findings, in their order."""
    return list(RULES[rule_id].judge(facts_of(case)).findings.detail)


def severities(case: Case, rule_id: str) -> list[str]:
    """The severities of the members in breach, in their order."""
    members = RULES[rule_id].judge(facts_of(case)).members
    return [Severity(value).text for value in members.severity[members.breach]]


def deadlines(case: Case, rule_id: str) -> list[str]:
    """The deadlines of the members, local time, `2021-02-03T11:30:00`; empty where there is none."""
    return _instants(case, rule_id, "deadline_at")


def observed(case: Case, rule_id: str) -> list[str]:
    """When what was waited for came about, as `deadlines`."""
    return _instants(case, rule_id, "observed_at")


def _instants(case: Case, rule_id: str, column: str) -> list[str]:
    facts = facts_of(case)
    return [_local(facts, at) for at in getattr(RULES[rule_id].judge(facts).members, column).tolist()]


def _local(facts: Facts, at: int) -> str:
    return "" if at == NAT else str(np.datetime64(at + facts.calendar.offset, "us").astype("datetime64[s]"))


def _check(verdicts: Verdicts) -> None:
    """What holds for every rule: breaches are decided, have findings, and nobody else has; details are JSON."""
    members, findings = verdicts.members, verdicts.findings
    sizes = {len(getattr(part, name)) for part in (members,) for name in part.__slots__}
    assert sizes == {len(members)}, "columns of members of different lengths"
    assert (members.agency >= 0).all(), "a member without an agency"
    assert (members.decided | ~members.breach).all(), "a breach that was not decided"
    assert set(findings.member) == set(np.flatnonzero(members.breach)), (
        "breaches and findings are not of the same members"
    )
    numbers = findings.own.get("number", [""] * len(findings))
    identities = list(zip(findings.member, findings.recipient, findings.extra, numbers, strict=True))
    assert len(identities) == len(set(identities)), "two findings with one identity"
    for detail in findings.detail:
        json.dumps(detail)


def _row(table: str, log: str, day: str, fields: Mapping[str, Any]) -> Row:
    told = {name: value for name, value in fields.items() if value is not None}
    return Row(log, date.fromisoformat(day[:10]), table, told)


@cache
def _shipped() -> Settings:
    return load_settings()


_JUDGED_BY: Final[dict[str, tuple[Settings, Registry, WorkingCalendar]]] = {}


def _judged_by(case: Case) -> tuple[Settings, Registry, WorkingCalendar]:
    """Settings, registry and calendar of a case, made once for all cases that change the shipped settings alike."""
    changes = repr((case.agencies, case.policy, case.signers))
    if changes not in _JUDGED_BY:
        settings = _settings(case)
        _JUDGED_BY[changes] = settings, Registry(settings), WorkingCalendar(settings.calendar)
    return _JUDGED_BY[changes]


def _settings(case: Case) -> Settings:
    shipped = _shipped()
    agencies = {
        agency.code: {"pulled": True} | agency.model_dump(exclude_none=True, exclude={"source"})
        for agency in shipped.agencies
    }
    for code, changes in case.agencies.items():
        agencies[code] = (
            {"code": code, "name": code, "kind": "department", "pulled": True} | agencies.get(code, {}) | dict(changes)
        )
    policy = shipped.policy.model_dump(mode="python", exclude_unset=True)
    for section, changes in case.policy.items():
        policy[section] = policy.get(section, {}) | changes
    return shipped.model_copy(
        update={
            "agencies": tuple(Agency.model_validate(agency) for agency in agencies.values()),
            "policy": Policy.model_validate(policy),
            "signers": tuple(Signer.model_validate(signer) for signer in case.signers),
        }
    )


def _conformed(case: Case, registry: Registry, normaliser: Normaliser) -> dict[str, Any]:
    pulls: dict[tuple[str, date, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in case.rows:
        pulls[row.log, row.day, row.table].append(row.fields)
    parts: dict[str, list[pa.Table]] = {table: [SCHEMAS[table].empty_table()] for table in LOG_TABLES}
    rejects = 0
    for (log, day, table), rows in pulls.items():
        items = json.dumps(rows, ensure_ascii=False).encode()
        page = PageItems(sha256(f"{log} {day} {table}"), 1, items)
        found = conform(table, [page], Origin(log, day), registry, normaliser)
        rejects += found.rejects.num_rows
        for name, part in found.tables.items():
            parts[name].append(part)
    assert rejects == case.rejects, f"{rejects} rows could not be read"
    return {
        table: _read(table, pa.concat_tables(found)) if len(found) > 1 else _empty(table)
        for table, found in parts.items()
    }


def _read(table: str, rows: pa.Table) -> pd.DataFrame | LogTable:
    return LogTable.of_arrow(table, rows) if table in LARGE_TABLES else to_frame(rows)


@cache
def _empty(table: str) -> pd.DataFrame | LogTable:
    return _read(table, SCHEMAS[table].empty_table())


@cache
def _complete(codes: tuple[str, ...], first: date, as_of: date) -> pd.DataFrame:
    days = [first + timedelta(days=number) for number in range((as_of - first).days)]
    names = pd.MultiIndex.from_product([codes, days, WIRE_TABLES], names=["agency", "day", "table"])
    frame = names.to_frame(index=False).astype({"agency": "str", "day": "datetime64[s]", "table": "str"})
    return frame.assign(state="complete", rows=0, rejects=0, pages=1, failed_at=None, reason=None)


def _coverage(case: Case, registry: Registry, as_of: date) -> pd.DataFrame:
    frame = _complete(registry.codes, case.covered_from, as_of).copy()
    for gap in case.gaps:
        agency, day, *table = gap.split()
        hit = (
            (frame["agency"] == agency)
            & (frame["day"] == np.datetime64(day))
            & frame["table"].isin(table or WIRE_TABLES)
        )
        assert hit.any(), f"no such day: {gap}"
        frame.loc[hit, ["state", "failed_at", "reason"]] = ["missing", "agency", "timeout"]
    return frame.astype({"failed_at": "str", "reason": "str"}) if case.gaps else frame


@cache
def _no_probes() -> pd.DataFrame:
    return _probes(())


def _probes(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    defaults = {
        "agency": SENDER,
        "ok": True,
        "latency_ms": 100,
        "http_status": 200,
        "error": None,
        "certificate_ends_at": None,
    }
    columns = ["agency", "at", "ok", "latency_ms", "http_status", "error", "certificate_ends_at"]
    frame = pd.DataFrame([defaults | dict(row) for row in rows], columns=columns)
    for name in ("at", "certificate_ends_at"):
        local = pd.to_datetime(frame[name].astype("str").where(frame[name].notna()), format="ISO8601")
        frame[name] = local.dt.tz_localize("Asia/Ho_Chi_Minh").dt.tz_convert("UTC").astype("datetime64[us, UTC]")
    return frame.astype({"agency": "str", "ok": "bool", "latency_ms": "Int64", "http_status": "Int64", "error": "str"})


def day_text(day: int) -> str:
    """A day number as people write it."""
    return date_of(day).isoformat()
