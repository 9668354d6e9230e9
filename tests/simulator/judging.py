"""A simulated province before the oracle: its rows, its coverage as a good pull would have it, its probes."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, time, timedelta
from typing import Any

from audit.settings import SHIPPED, load_settings
from audit.simulator import TABLES, Province
from tests.oracle import Case
from tests.oracle.judge import judge

HOST = "127.0.0.1"


def judged(province: Province, start: date, end: date, as_of: date | None = None) -> dict[str, dict[str, Any]]:
    """What the oracle finds for ``[start, end)`` looking at 24:00 of the day before `as_of`, by finding id."""
    return {
        finding["finding_id"]: finding for finding in judge(oracle_case(province, start, end, as_of or end)).findings
    }


def oracle_case(province: Province, start: date, end: date, as_of: date) -> Case:
    """The oracle's case of a province and a period."""
    seen = datetime.combine(as_of, time())
    signers = [
        {**entry, "valid_from": _text(entry.get("valid_from")), "valid_to": _text(entry.get("valid_to"))}
        for entry in province.signers
    ]
    return Case(
        agencies=_agencies(province),
        calendar=_toml("calendar.toml"),
        document_types=_toml("document_types.toml"),
        start=start,
        end=end,
        as_of=datetime.fromisoformat(f"{seen.isoformat()}+07:00"),
        topics=_toml("topics.toml")["topics"],
        signers=signers,
        logs=logs(province),
        coverage=coverage(province),
        probes=province.probes,
        texts=texts(province),
    )


def texts(province: Province) -> dict[str, str | None]:
    """What the text of the files lacks that can be fetched."""
    files = [document.main for document in province.documents if document.files]
    known = {sha256 for papers in province.papers.values() for sha256 in papers}
    return {
        file.sha256: None if file.scanned or file.damaged else file.without for file in files if file.sha256 in known
    }


def logs(province: Province) -> list[dict[str, Any]]:
    """Every row that a pull brings: nothing of a service that is down, half of one that goes in circles."""
    found = []
    broken = {
        (failure.agency, failure.day, table): failure.kind for failure in province.failures for table in failure.tables
    }
    for day in province.days():
        for agency in province.offices:
            if agency in province.unpulled:
                continue
            for table in TABLES:
                kind = broken.get((agency, day, table))
                rows = [] if kind == "down" else province.rows(agency, day, table)
                if rows:
                    found.append({"agency": agency, "day": day.isoformat(), "table": table, "rows": rows})
    return found


def coverage(province: Province) -> list[dict[str, Any]]:
    """Complete but for the failures of the province; nothing of agencies that are not pulled."""
    broken = {
        (failure.agency, failure.day, table): failure.kind for failure in province.failures for table in failure.tables
    }
    states = {None: "complete", "down": "missing", "loop": "partial"}
    found = []
    for day in province.days():
        for agency in province.offices:
            for table in TABLES:
                if agency not in province.unpulled:
                    kind = broken.get((agency, day, table))
                    entry: dict[str, Any] = {
                        "agency": agency,
                        "day": day.isoformat(),
                        "table": table,
                        "state": states[kind],
                    }
                    found.append(entry | {"failed_at": "agency" if kind else None})
    return found


def _agencies(province: Province) -> dict[str, Any]:
    shipped = load_settings(None).province
    agencies = []
    for agency in province.agencies:
        entry = agency.model_dump(mode="json", exclude={"source", "pulled"}, exclude_none=True)
        entry["pulled"] = agency.code not in province.unpulled
        entry["source"] = {"kind": "log_api", "base_url": f"http://{HOST}:1", "token": "env:NONE"}
        agencies.append(entry)
    return {"province": shipped.model_dump(mode="json", exclude_none=True), "agencies": agencies}


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((SHIPPED / name).read_text(encoding="utf-8"))


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def week_after(start: date) -> date:
    """Seven days later."""
    return start + timedelta(days=7)
