"""Changes of a case under which laws must hold: the same province told in another order, in other spellings, with a day lost, cut in parts."""

from __future__ import annotations

import hashlib
import random
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from audit.normalise import HYPHEN_LIKE
from tests.oracle import Case
from tests.oracle import normalise as n
from tests.oracle.calendar import Calendar
from tests.oracle.policy import DEFAULTS
from tests.oracle.registry import Registry

Row = dict[str, Any]
CODE_FIELDS: Final = ("sender", "recipient", "from_org", "to_org")
PLACEHOLDERS: Final = DEFAULTS["placeholders"]["values"]
DAY: Final = timedelta(days=1)
EVENTS_OF_ROWS: Final = ("forwarded_at", "completed_at", "returned_at")
"""Events that are no row of their own."""


def reordered(case: Case, rng: random.Random) -> Case:
    """The same pages, rows and agencies in another order.

    The order of two versions of one row within a page says which is the newer: rows of one document keep theirs.
    """
    logs = [page | {"rows": _shuffled(page["rows"], rng)} for page in case.logs]
    agencies = case.agencies | {"agencies": _shuffled_list(case.agencies["agencies"], rng)}
    coverage, probes = _shuffled_list(case.coverage, rng), _shuffled_list(case.probes, rng)
    return replace(case, logs=_shuffled_list(logs, rng), agencies=agencies, coverage=coverage, probes=probes)


def _shuffled(rows: list[Row], rng: random.Random) -> list[Row]:
    places: dict[Any, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        number, _ = n.number_and_notation(row.get("number"), row.get("notation"), PLACEHOLDERS)
        places[number].append(place)
    order = list(places)
    slots = [number for number in order for _ in places[number]]
    rng.shuffle(slots)
    left = {number: iter(found) for number, found in places.items()}
    return [rows[next(left[number])] for number in slots]


def _shuffled_list(values: list[Any], rng: random.Random) -> list[Any]:
    return rng.sample(values, len(values))


def respelt(case: Case, spell: Callable[[str, Any], Any]) -> Case:
    """Every value of every row, also of files and signatures, as `spell` (field, value) writes it."""
    return replace(case, logs=[page | {"rows": [_respelt(row, spell) for row in page["rows"]]} for page in case.logs])


def _respelt(row: Row, spell: Callable[[str, Any], Any]) -> Row:
    return {name: _value(name, value, spell) for name, value in row.items()}


def _value(name: str, value: Any, spell: Callable[[str, Any], Any]) -> Any:
    if isinstance(value, dict):
        return _respelt(value, spell)
    if isinstance(value, list):
        return [_value(name, one, spell) for one in value]
    return spell(name, value)


def decomposed(name: str, value: Any) -> Any:
    """NFD where text may be written so."""
    del name
    return unicodedata.normalize("NFD", value) if isinstance(value, str) else value


def other_dashes(rng: random.Random) -> Callable[[str, Any], Any]:
    """Notations with the dashes that word processors put."""

    def spell(name: str, value: Any) -> Any:
        if name == "notation" and isinstance(value, str):
            return "".join(rng.choice(HYPHEN_LIKE) if letter == "-" else letter for letter in value)
        return value

    return spell


def other_zeros(name: str, value: Any) -> Any:
    """`04` and `4` are one number, and one code of a status."""
    if name == "status_code" and isinstance(value, str) and value.strip().isdecimal():
        return value.strip().lstrip("0") or "0"
    if name == "number" and isinstance(value, str) and value.strip().isdecimal() and len(value.strip()) < 10:
        return f"0{value.strip()}"
    return value


def by_alias(case: Case, rng: random.Random) -> Callable[[str, Any], Any]:
    """Codes written as one of the agency's aliases."""
    aliases = {entry["code"]: entry.get("aliases", []) for entry in case.agencies["agencies"]}

    def spell(name: str, value: Any) -> Any:
        if name in (*CODE_FIELDS, "recipients") and aliases.get(value):
            return rng.choice(aliases[value])
        return value

    return spell


def seen_on(case: Case, day: date) -> Case:
    """The same question, asked at the end of the day before."""
    return replace(case, as_of=n.start_of_day(day))


def without_what_came_later(case: Case) -> Case:
    """Nothing of what came after `as_of`: later log days, their coverage, later probes."""
    first_unseen = case.as_of.astimezone(n.LOCAL).date()
    end = n.start_of_day(first_unseen)
    return replace(
        case,
        logs=[page for page in case.logs if page["day"] < first_unseen.isoformat()],
        coverage=[entry for entry in case.coverage if entry["day"] < first_unseen.isoformat()],
        probes=[probe for probe in case.probes if probe["at"] <= end],
    )


def with_a_future(case: Case) -> Case:
    """The rows tell of what happens after `as_of`, too: what is still open ends then, and more is sent and answered."""
    later = n.start_of_day(case.as_of.astimezone(n.LOCAL).date()) + timedelta(minutes=1)
    logs = [
        page | {"rows": [told for row in page["rows"] for told in _with_a_future(page["table"], row, later)]}
        for page in case.logs
    ]
    return replace(case, logs=logs)


def _with_a_future(table: str, row: Row, later: datetime) -> Iterator[Row]:
    """The row, and the next one of its kind; a withdrawn row and one of a table without instants stay alone."""
    own: Row = {}
    if table == "receipts":
        own |= {name: later for name in EVENTS_OF_ROWS if row.get(name) is None}
    if table in {"sends", "receipts"} and row.get("state") in {None, "processing", "initial"}:
        own |= {"state": "done", "state_at": later}
    yield row | own
    following = {
        "sends": {"attempt": 90, "sent_at": later, "state": "fail", "state_at": later},
        "receipts": {"axis_doc_id": "later", "arrived_at": later, "state": "fail", "state_at": later},
        "statuses": {"status_code": "02", "at": later},
    }
    if table in following and not row.get("deleted"):
        yield row | following[table]


def with_lost_day(case: Case, rng: random.Random) -> tuple[Case, date]:
    """One agency's log of one day could not be had, one that told no entry of the register anew; and which day."""
    corrected = _corrected(case)
    days = [(entry["agency"], entry["day"]) for entry in case.coverage]
    agency, day = rng.choice([one for one in days if one not in corrected])
    lost = {"state": "missing", "failed_at": "agency"}
    coverage = [entry | lost if (entry["agency"], entry["day"]) == (agency, day) else entry for entry in case.coverage]
    logs = [page for page in case.logs if (page["agency"], page["day"]) != (agency, day)]
    return replace(case, logs=logs, coverage=coverage), date.fromisoformat(day)


def _corrected(case: Case) -> set[tuple[str, str]]:
    """Agencies and days whose log tells an entry of the register that an earlier day told, too."""
    first: dict[tuple[str, str], str] = {}
    entries = [
        (page["agency"], page["day"], row["document_uid"])
        for page in case.logs
        if page["table"] == "documents"
        for row in page["rows"]
    ]
    for agency, day, uid in entries:
        first[agency, uid] = min(day, first.get((agency, uid), day))
    return {(agency, day) for agency, day, uid in entries if day > first[agency, uid]}


def with_doubtful_day(case: Case, rng: random.Random) -> Case:
    """One agency's log of one day is not whole, though all rows that it had before are in hand."""
    agency, day = rng.choice([(entry["agency"], entry["day"]) for entry in case.coverage])
    lost = {"state": "partial", "failed_at": "ours"}
    coverage = [entry | lost if (entry["agency"], entry["day"]) == (agency, day) else entry for entry in case.coverage]
    return replace(case, coverage=coverage)


def halves(case: Case, rng: random.Random) -> Iterator[Case]:
    """The period cut at a day within, both parts seen from the same moment."""
    middle = case.start + DAY * rng.randint(1, (case.end - case.start).days - 1)
    yield replace(case, end=middle)
    yield replace(case, start=middle)


def made_compliant(case: Case, rng: random.Random) -> tuple[Case, dict[str, str]] | None:
    """One document of the province told anew, as a good office would have handled it, and its key; None where none can be.

    It keeps its number, date, kind and subject; everything that was told of it is taken out, and in its place comes a document that was
    signed by both parties, sent, received, answered and completed on its day of issue, in complete logs.
    """
    registry = Registry(case.agencies, PLACEHOLDERS)
    chosen = [row for row in _register(case) if _can_be_mended(case, registry, row)]
    if not chosen:
        return None
    told = rng.choice(chosen)
    logs = [
        page | {"rows": [row for row in page["rows"] if not _same_document(registry, row, told)]} for page in case.logs
    ]
    number, notation = n.number_and_notation(told.get("number"), told.get("notation"), PLACEHOLDERS)
    key = {"sender": registry.canonical(told["sender"]), "number": number, "notation": notation}
    return replace(case, logs=[*logs, *_ideal(case, registry, told)]), {name: str(part) for name, part in key.items()}


def _register(case: Case) -> list[Row]:
    return [row for page in case.logs if page["table"] == "documents" for row in page["rows"]]


def _can_be_mended(case: Case, registry: Registry, told: Row) -> bool:
    """Its key is whole and its own, it is a letter of its sender's, and the logs of its day are complete on all sides."""
    sender, on = registry.canonical(told.get("sender")), n.day(told.get("issued_date"))
    number, notation = n.number_and_notation(told.get("number"), told.get("notation"), PLACEHOLDERS)
    recipients = _recipients(registry, told)
    if sender is None or on is None or not number or not notation or not number.isdecimal() or not recipients:
        return False
    own = next(
        (entry["notations"] for entry in case.agencies["agencies"] if entry["code"] == sender and entry["notations"]),
        [],
    )
    is_letter = told.get("doc_type") == "Công văn" and notation in {f"{one}-VX" for one in own}
    complete = {(entry["agency"], entry["day"]) for entry in case.coverage}
    complete -= {(entry["agency"], entry["day"]) for entry in case.coverage if entry["state"] != "complete"}
    every = {sender, *recipients}
    return (
        is_letter
        and Calendar(case.calendar).is_working_day(on)
        and all(_is_plain(case, code) and (code, on.isoformat()) in complete for code in every)
        and sender not in recipients
        and sum(_shares_number(registry, row, sender, number) for row in _register(case)) == 1
    )


def _is_plain(case: Case, code: str) -> bool:
    """An agency with a log of its own, of all tables, that exists all the time."""
    odd = ("valid_to", "log_of", "tables", "pulled")
    entries = [entry for entry in case.agencies["agencies"] if entry["code"] == code]
    return bool(entries) and not any(name in entries[0] for name in odd)


def _shares_number(registry: Registry, row: Row, sender: str, number: str) -> bool:
    other, _ = n.number_and_notation(row.get("number"), row.get("notation"), PLACEHOLDERS)
    return registry.canonical(row.get("sender")) == sender and other == number


def _same_document(registry: Registry, row: Row, told: Row) -> bool:
    """Whether a row of any table speaks of the document: by number, notation and one side."""
    keys = [n.number_and_notation(one.get("number"), one.get("notation"), PLACEHOLDERS) for one in (row, told)]
    one, other = ((number, n.folded(notation or "")) for number, notation in keys)
    sides = {registry.canonical(row.get(name)) for name in ("sender", "from_org", "to_org") if row.get(name)}
    return one == other and registry.canonical(told["sender"]) in sides


def _recipients(registry: Registry, told: Row) -> list[str]:
    listed = told.get("recipients")
    codes = [registry.canonical(code) for code in listed] if isinstance(listed, list) else []
    return sorted({code for code in codes if code})


def _ideal(case: Case, registry: Registry, told: Row) -> list[dict[str, Any]]:
    """The pages that tell of the document as it should have been."""
    sender, on = str(registry.canonical(told["sender"])), n.day(told["issued_date"])
    assert on is not None
    key = {name: told.get(name) for name in ("document_uid", "number", "notation")}
    key |= {"sender": sender, "issued_date": on.isoformat()}
    digest = hashlib.sha256(f"{sender} {told.get('number')} {on}".encode()).hexdigest()
    recipients = _recipients(registry, told)
    pages = [_page(sender, "documents", on, [key | _register_entry(case, told, sender, on, digest, recipients)])]
    for number, recipient in enumerate(recipients, start=1):
        message = key | {"recipient": recipient, "axis_doc_id": f"{digest[:8]}-{number}", "business_type": 0}
        done = {"state": "done", "state_at": f"{on}T10:00:05+07:00"}
        pages.append(_page(sender, "sends", on, [message | {"attempt": 1, "sent_at": f"{on}T10:00:00+07:00"} | done]))
        handled = {"forwarded_at": f"{on}T14:00:00+07:00", "completed_at": f"{on}T16:00:00+07:00"}
        came = {
            "arrived_at": f"{on}T10:00:05+07:00",
            "needs_reply": True,
            "urgency": "thuong",
            "received_file_sha256": digest,
        }
        pages.append(_page(recipient, "receipts", on, [message | came | done | handled]))
        of_document = {name: value for name, value in key.items() if name != "sender"}
        answers = [
            of_document
            | {
                "from_org": recipient,
                "to_org": sender,
                "status_code": code,
                "at": f"{on}T{at}:00+07:00",
                "description": "Theo quy trình",
            }
            for code, at in (("03", "10:30"), ("04", "14:00"), ("06", "16:00"))
        ]
        pages += [_page(side, "statuses", on, answers) for side in (sender, recipient)]
    return pages


def _register_entry(case: Case, told: Row, sender: str, on: date, digest: str, recipients: list[str]) -> Row:
    signer = _signer(case, sender, on)
    person = {
        "party": "person",
        "subject": f"CN={signer}",
        "serial": "5402",
        "signed_at": f"{on}T09:00:00+07:00",
        "covers_file": False,
    }
    seal = {
        "party": "agency",
        "subject": "CN=CƠ QUAN",
        "serial": "7A31",
        "signed_at": f"{on}T09:30:00+07:00",
        "covers_file": True,
    }
    good = {
        "issuer": "CA phục vụ các cơ quan Nhà nước", "valid_from": "2019-01-01T00:00:00+07:00", "valid_to": "2029-01-01T00:00:00+07:00",
        "timestamp_at": f"{on}T09:31:00+07:00", "intact": True, "valid": True, "revoked_at": None,
    }  # fmt: skip
    main = {
        "name": "van-ban.pdf",
        "role": "main",
        "content_type": "application/pdf",
        "size_bytes": 1000,
        "sha256": digest,
    }
    return {
        "doc_type": told.get("doc_type"), "subject": told.get("subject") or "V/v báo cáo", "signer_name": signer, "signer_position": "GIÁM ĐỐC",
        "signed_at": f"{on}T09:00:00+07:00", "urgency": "thuong", "secrecy": "thuong", "page_count": 2, "declared_file_count": 1,
        "recipients": recipients, "files": [main | {"signatures": [person | good, seal | good]}],
    }  # fmt: skip


def _signer(case: Case, sender: str, on: date) -> str:
    """Somebody who may sign for the agency that day."""
    registry = Registry(case.agencies, PLACEHOLDERS)
    mine = [entry for entry in case.signers or [] if registry.canonical(entry["agency"]) == sender]
    valid = [str(entry["name"]) for entry in mine if on <= (n.day(entry.get("valid_to")) or date.max)]
    return (valid or ["Lò Thị Mẩy"])[0]


def _page(agency: str, table: str, on: date, rows: list[Row]) -> dict[str, Any]:
    return {"agency": agency, "day": on.isoformat(), "table": table, "rows": rows}
