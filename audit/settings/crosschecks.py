"""What no file can know alone: that codes, rules and topics named in one place are there in another.

Every check works on what could be read of the files; a file that could not be read at all is left out here, as its own
mistakes say enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from audit.catalogue import CODE_OF, RULE_IDS
from audit.errors import Mistake
from audit.settings.agencies import AgenciesFile
from audit.settings.calendar import CalendarSettings
from audit.settings.deployment import AuditSettings
from audit.settings.explaining import shown
from audit.settings.labels import Labels
from audit.settings.law import Law
from audit.settings.policy import Policy
from audit.settings.registers import DocumentTypes, RecipientsFile, SignersFile, TopicsFile, WaiversFile


@dataclass(frozen=True)
class Parts:
    """The files as far as they could be read. `names`: attribute = name of the file."""

    agencies: AgenciesFile | None
    calendar: CalendarSettings | None
    policy: Policy | None
    topics: TopicsFile | None
    signers: SignersFile | None
    waivers: WaiversFile | None
    recipients: RecipientsFile | None
    document_types: DocumentTypes | None
    law: Law | None
    labels: Labels | None
    audit: AuditSettings | None
    names: dict[str, str]
    raw: dict[str, dict[str, Any]]


def check(parts: Parts) -> tuple[Mistake, ...]:
    """All mistakes between the files."""
    return (
        *_agency_names(parts),
        *_agency_links(parts),
        *_sources(parts),
        *_rules(parts),
        *_codes(parts),
        *_waivers(parts),
        *_deployment(parts),
        *_calendar(parts),
        *_law(parts),
        *_labels(parts),
    )


def _entries(parts: Parts, file: str, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The tables of a list as TOML has them, with their number from 1: the numbers that a person counts."""
    listed = parts.raw.get(file, {}).get(key, [])
    if isinstance(listed, list):
        for number, entry in enumerate(listed, 1):
            if isinstance(entry, dict):
                yield number, entry


def _codes_known(parts: Parts) -> frozenset[str]:
    return frozenset(
        code for _, entry in _entries(parts, "agencies", "agencies") if isinstance(code := entry.get("code"), str)
    )


def _unknown(parts: Parts, file: str, key: str, field: str, known: Iterable[str], what: str) -> Iterator[Mistake]:
    """A mistake for each entry whose `field` is a text that is not in `known`."""
    allowed = frozenset(known)
    for number, entry in _entries(parts, file, key):
        value = entry.get(field)
        if isinstance(value, str) and value not in allowed:
            yield Mistake(parts.names[file], f"{key}[{number}].{field}", shown(value), what)


def _agency_names(parts: Parts) -> Iterator[Mistake]:
    """Every code and alias means one agency."""
    file = parts.names["agencies"]
    codes: dict[str, int] = {}
    for number, entry in _entries(parts, "agencies", "agencies"):
        code = entry.get("code")
        if isinstance(code, str) and codes.setdefault(code, number) != number:
            allowed = f"a code of its own (agencies[{codes[code]}] has it)"
            yield Mistake(file, f"agencies[{number}].code", shown(code), allowed)
    owners: dict[str, int] = {}
    for number, entry in _entries(parts, "agencies", "agencies"):
        aliases = entry.get("aliases", [])
        for alias in aliases if isinstance(aliases, list) else []:
            if not isinstance(alias, str):
                continue
            owner = codes.get(alias, owners.setdefault(alias, number))
            if owner != number or alias in codes:
                allowed = f"an alias of one agency only (agencies[{owner}] has it)"
                yield Mistake(file, f"agencies[{number}].aliases", shown(alias), allowed)


def _agency_links(parts: Parts) -> Iterator[Mistake]:
    """`successor` and `log_of` lead to agencies of the registry, and not in a circle."""
    known = _codes_known(parts)
    for field in ("successor", "log_of"):
        yield from _unknown(parts, "agencies", "agencies", field, known, "the code of an agency of this file")
    file = parts.names["agencies"]
    entries = list(_entries(parts, "agencies", "agencies"))
    link = {entry.get("code"): entry.get("successor") for _, entry in entries if isinstance(entry.get("successor"), str)}
    holder = {entry.get("code"): entry.get("log_of") for _, entry in entries if isinstance(entry.get("log_of"), str)}
    for number, entry in entries:
        code, successor, log_of = entry.get("code"), entry.get("successor"), entry.get("log_of")
        if successor is not None and _leads_back(code, link):
            yield Mistake(file, f"agencies[{number}].successor", shown(successor), "a successor that does not lead back here")
        if isinstance(successor, str) and entry.get("valid_to") is None:
            allowed = "a last day, because the agency has a successor"
            yield Mistake(file, f"agencies[{number}].valid_to", "(missing)", allowed)
        if isinstance(log_of, str) and (log_of == code or log_of in holder):
            allowed = "another agency, which holds its log itself"
            yield Mistake(file, f"agencies[{number}].log_of", shown(log_of), allowed)


def _leads_back(code: object, link: dict[Any, Any]) -> bool:
    at, seen = link.get(code), set()
    while at is not None and at not in seen:
        if at == code:
            return True
        seen.add(at)
        at = link.get(at)
    return False


def _sources(parts: Parts) -> Iterator[Mistake]:
    """A source has what its kind needs; an agency that is to be pulled has a source."""
    if parts.agencies is None:
        return
    numbers = {entry.get("code"): number for number, entry in _entries(parts, "agencies", "agencies")}
    file = parts.names["agencies"]
    for agency in parts.agencies.agencies:
        place = f"agencies[{numbers[agency.code]}]"
        if agency.source is None:
            if agency.pulled:
                yield Mistake(file, f"{place}.pulled", "true", "false where there is no [agencies.source]")
            continue
        for key in agency.source.missing_keys:
            yield Mistake(file, f"{place}.source.{key}", "(missing)", f"must be given for kind {agency.source.kind!r}")
        if bool(agency.source.client_cert) != bool(agency.source.client_key):
            given, absent = ("client_cert", "client_key")[:: 1 if agency.source.client_cert else -1]
            yield Mistake(file, f"{place}.source.{absent}", "(missing)", f"must be given with {given}")


def _rules(parts: Parts) -> Iterator[Mistake]:
    """``[rules.<id>]`` and its extra keys."""
    rules = parts.raw.get("policy", {}).get("rules", {})
    if not isinstance(rules, dict):
        return
    for rule_id, table in rules.items():
        file, key = parts.names["policy"], f"rules.{rule_id}"
        if rule_id not in RULE_IDS:
            yield Mistake(file, key, "(table)", f"the id of a rule: {', '.join(RULE_IDS)}")
            continue
        for extra, owner in (("after_law", "missing_timestamp"), ("merge_series", "number_gap")):
            if isinstance(table, dict) and extra in table and rule_id != owner:
                yield Mistake(file, f"{key}.{extra}", shown(table[extra]), f"stands under rules.{owner} only")


def _codes(parts: Parts) -> Iterator[Mistake]:
    known = _codes_known(parts)
    if not known:
        return
    what = "the code of an agency of agencies.toml"
    for file in ("signers", "waivers", "recipients"):
        yield from _unknown(parts, file, file, "agency", known, what)


def _waivers(parts: Parts) -> Iterator[Mistake]:
    yield from _unknown(parts, "waivers", "waivers", "rule", RULE_IDS, f"the id of a rule: {', '.join(RULE_IDS)}")
    for number, entry in _entries(parts, "waivers", "waivers"):
        if not {"rule", "agency", "number", "notation", "issued_date"} & entry.keys():
            allowed = "at least one of rule, agency, number, notation, issued_date"
            yield Mistake(parts.names["waivers"], f"waivers[{number}]", "(table)", allowed)
    for file in ("topics",):
        seen: set[str] = set()
        for number, entry in _entries(parts, file, file):
            topic = entry.get("id")
            if isinstance(topic, str) and topic in seen:
                yield Mistake(parts.names[file], f"{file}[{number}].id", shown(topic), "an id of its own")
            seen.add(str(topic))


def _deployment(parts: Parts) -> Iterator[Mistake]:
    """``audit.toml`` agrees with the files beside it."""
    if parts.audit is None:
        return
    file, audit = parts.names["audit"], parts.audit
    if audit.province and parts.agencies and audit.province != parts.agencies.province.code:
        allowed = f"the province of agencies.toml, {parts.agencies.province.code}"
        yield Mistake(file, "province", shown(audit.province), allowed)
    if audit.time_zone and parts.calendar and audit.time_zone != parts.calendar.timezone:
        yield Mistake(file, "time_zone", shown(audit.time_zone), f"the zone of calendar.toml, {parts.calendar.timezone}")
    if audit.priority_topic and parts.topics is not None:
        topics = {entry.get("id") for _, entry in _entries(parts, "topics", "topics")}
        if audit.priority_topic not in topics:
            yield Mistake(file, "priority_topic", shown(audit.priority_topic), "the id of a topic of topics.toml")
    if audit.mail.enabled:
        for key in ("host", "sender"):
            if not getattr(audit.mail, key):
                yield Mistake(file, f"mail.{key}", "(missing)", "must be given where mail.enabled is true")
    if audit.mail.username and audit.mail.security == "none":
        yield Mistake(file, "mail.security", "'none'", "starttls or tls where a user name is given: the password would travel in clear")


def _calendar(parts: Parts) -> Iterator[Mistake]:
    """Days stand under their year, days off in the working week, days worked outside it."""
    if parts.calendar is None:
        return
    file, calendar = parts.names["calendar"], parts.calendar
    for key, listed, inside in (("days_off", calendar.days_off, True), ("saturdays_worked", calendar.saturdays_worked, False)):
        for year, days in listed.items():
            for day in days:
                if str(day.year) != year:
                    yield Mistake(file, f"{key}.{year}", day.isoformat(), f"days of {year}")
                elif (day.isoweekday() in calendar.working_weekdays) is not inside:
                    allowed = "days of the working week" if inside else "days outside the working week"
                    yield Mistake(file, f"{key}.{year}", day.isoformat(), allowed)


def _law(parts: Parts) -> Iterator[Mistake]:
    """Provisions stand in instruments, rules cite what is there, and every rule cites something."""
    if parts.law is None:
        return
    file = parts.names["law"]
    instruments = {entry.get("id") for _, entry in _entries(parts, "law", "instruments")}
    yield from _unknown(parts, "law", "provisions", "instrument", instruments, "the id of an instrument of this file")
    grounds: set[str] = set()
    for key in ("instruments", "provisions", "policies"):
        seen: set[str] = set()
        for number, entry in _entries(parts, "law", key):
            ground = str(entry.get("id"))
            if ground in seen or (key == "policies" and ground in grounds):
                yield Mistake(file, f"{key}[{number}].id", shown(ground), "an id of its own")
            seen.add(ground)
        grounds |= seen if key != "instruments" else set()
    for rule_id, cited in parts.law.rules.items():
        if rule_id not in RULE_IDS:
            yield Mistake(file, f"rules.{rule_id}", shown(list(cited)), "the id of a rule")
        for ground in cited:
            if ground not in grounds:
                yield Mistake(file, f"rules.{rule_id}", shown(ground), "the id of a provision or a policy of this file")
    for rule_id in RULE_IDS:
        if rule_id not in parts.law.rules:
            yield Mistake(file, f"rules.{rule_id}", "(missing)", "at least one provision or policy")
    if parts.policy is not None:
        for number, entry in _entries(parts, "law", "policies"):
            path = entry.get("key", "")
            if isinstance(path, str) and path and not _has(parts.policy, path):
                yield Mistake(file, f"policies[{number}].key", shown(path), "the path of a key of rules.toml, such as limits.undelivered_hours")


def _has(policy: Policy, path: str) -> bool:
    try:
        policy.at(path)
    except KeyError:
        return False
    return True


def _labels(parts: Parts) -> Iterator[Mistake]:
    """Every rule and every group has a name."""
    if parts.labels is None:
        return
    file = parts.names["labels"]
    for rule_id in RULE_IDS:
        if rule_id not in parts.labels.rules:
            yield Mistake(file, f"rules.{rule_id}", "(missing)", "title and remedy of the rule")
    for rule_id in parts.labels.rules:
        if rule_id not in RULE_IDS:
            yield Mistake(file, f"rules.{rule_id}", "(table)", "the id of a rule")
    for letter in dict.fromkeys(code[0] for code in CODE_OF.values()):
        if letter not in parts.labels.groups:
            yield Mistake(file, f"groups.{letter}", "(missing)", "the name of the group of rules")
