"""The fast judge asked the oracle's way: one random province through conform, facts, rules, findings and outcomes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa

from audit.conform import Origin, PageItems, conform
from audit.facts import Facts, Frames
from audit.measures.outcomes import in_scope, outcomes, summed
from audit.normalise import Normaliser
from audit.part import judge_part
from audit.registry import Registry, new_form
from audit.rules import CATALOGUE
from audit.settings import Settings, load_settings
from audit.settings.agencies import AgenciesFile
from audit.settings.policy import Policy
from audit.settings.registers import DocumentTypes, SignersFile, TopicsFile
from audit.tables import LOG_TABLES, SCHEMAS, to_frame
from audit.working_time import WorkingCalendar
from tests.oracle import Case, judge

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True)
class Answer:
    """What a judge says: findings as (code, agency, finding_id) → what they are, outcomes as (code, agency) → counts."""

    findings: dict[tuple[str, str, str], dict[str, Any]]
    outcomes: dict[tuple[str, str], tuple[int, int, int, int, str]]


def oracle_answer(case: Case) -> Answer:
    """The oracle's answer."""
    told = judge(case)
    findings = {(row["code"], row["agency"], row["finding_id"]): _plain(row) for row in told.findings}
    return Answer(findings, told.outcomes)


def fast_answer(case: Case) -> Answer:
    """The product's answer."""
    facts = facts_of(case)
    part = judge_part(facts)
    found = {
        (row.code, row.agency, row.finding_id): _plain(row._asdict()) for row in part.findings.itertuples(index=False)
    }
    tallied = summed([part.tally])
    agencies = in_scope(facts.registry, facts.period, tallied)
    frame = outcomes(CATALOGUE, tallied, agencies, facts.policy, facts.period)
    counts = {
        (row.code, row.agency): (row.tested, row.breaches, row.findings, row.not_decided, row.outcome)
        for row in frame.itertuples(index=False)
    }
    return Answer(found, counts)


def facts_of(case: Case) -> Facts:
    """The facts of a case, as the engine would build them."""
    settings = _settings(case)
    registry, calendar = Registry(settings), WorkingCalendar(settings.calendar)
    tables = _tables(case, registry, Normaliser(settings.policy.placeholders.values))
    tables["files"] = tables["files"].assign(missing_components=tables["files"]["sha256"].map(case.texts))
    frames = Frames(**tables, coverage=_coverage(case), probes=_probes(case))
    local = case.as_of.astimezone(LOCAL)
    as_of = local.date()
    return Facts(settings, registry, calendar, frames, (case.start, case.end, as_of))


@cache
def _shipped() -> Settings:
    return load_settings()


def _settings(case: Case) -> Settings:
    shipped = _shipped()
    registered = AgenciesFile.model_validate(case.agencies)
    names = {name: agency.code for agency in registered.agencies for name in (agency.code, *agency.aliases)}
    signers = [
        {**signer, "agency": names.get(signer["agency"], new_form(signer["agency"]))} for signer in case.signers or []
    ]
    return shipped.model_copy(
        update={
            "province": registered.province,
            "agencies": registered.agencies,
            "calendar": type(shipped.calendar).model_validate(case.calendar),
            "policy": Policy.model_validate(case.policy),
            "topics": TopicsFile.model_validate({"topics": case.topics}).topics,
            "signers": SignersFile.model_validate({"signers": signers}).signers,
            "document_types": DocumentTypes.model_validate(case.document_types),
        }
    )


def _tables(case: Case, registry: Registry, normaliser: Normaliser) -> dict[str, pd.DataFrame]:
    parts: dict[str, list[pa.Table]] = {table: [SCHEMAS[table].empty_table()] for table in LOG_TABLES}
    for number, page in enumerate(case.logs, start=1):
        items = json.dumps(page["rows"], ensure_ascii=False, default=str).encode()
        origin = Origin(registry.canonical_code(page["agency"]), date.fromisoformat(page["day"]))
        found = conform(page["table"], [PageItems(f"{number:064x}", number, items)], origin, registry, normaliser)
        for name, part in found.tables.items():
            parts[name].append(part)
    return {table: to_frame(pa.concat_tables(found)) for table, found in parts.items()}


def _coverage(case: Case) -> pd.DataFrame:
    columns = ["agency", "day", "table", "state", "rows", "rejects", "pages", "failed_at", "reason"]
    frame = pd.DataFrame([{"rows": 0, "rejects": 0, "pages": 1, **row} for row in case.coverage], columns=columns)
    text = dict.fromkeys(("agency", "table", "state", "failed_at", "reason"), "str")
    return frame.assign(day=pd.to_datetime(frame["day"]).astype("datetime64[s]")).astype(text)


def _probes(case: Case) -> pd.DataFrame:
    columns = ["agency", "at", "ok", "latency_ms", "http_status", "error", "certificate_ends_at"]
    frame = pd.DataFrame(case.probes, columns=columns)
    for name in ("at", "certificate_ends_at"):
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return frame.astype({"agency": "str", "ok": "bool", "latency_ms": "Int64", "http_status": "Int64", "error": "str"})


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    names = (
        "sender",
        "number",
        "notation",
        "issued_date",
        "recipient",
        "extra",
        "severity",
        "topic",
        "anchored_at",
        "deadline_at",
    )
    return {name: _text(row.get(name)) for name in names}


def _text(value: Any) -> str:
    if isinstance(value, datetime | pd.Timestamp) and not pd.isna(value):
        return value.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return "" if pd.isna(value) else str(value)


def differences(one: Answer, other: Answer) -> list[str]:
    """Where two answers differ, a line each."""
    lines = []
    for key in sorted(one.findings.keys() | other.findings.keys()):
        first, second = one.findings.get(key), other.findings.get(key)
        if first is None or second is None:
            lines.append(
                f"{key[0]} {key[1]} {'only in the oracle' if second is None else 'only in the product'}: {first or second}"
            )
        elif first != second:
            changed = {name: (first[name], second[name]) for name in first if first[name] != second[name]}
            lines.append(f"{key[0]} {key[1]} {first['number']}: oracle, product {changed}")
    lines += [
        f"{code} {agency} counts: oracle {one.outcomes.get((code, agency))}, product {other.outcomes.get((code, agency))}"
        for code, agency in sorted(one.outcomes.keys() | other.outcomes.keys())
        if one.outcomes.get((code, agency)) != other.outcomes.get((code, agency))
    ]
    return lines
