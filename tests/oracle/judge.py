"""judge(case): every rule over every document, pair, message, row by row; findings, outcomes, rejects."""

import hashlib
import re
from typing import Any

from . import normalise as n
from . import (
    rules_authority,
    rules_backlog,
    rules_duplicates,
    rules_files,
    rules_information,
    rules_recall,
    rules_receiving,
    rules_refusal,
    rules_sending,
    rules_signatures,
    rules_statuses,
    rules_systems,
)
from .build import World, build
from .case import Case, Judgement
from .member import RULES, About, Charge, Member
from .unregistered import unregistered

STEPS = ("low", "medium", "high", "critical")
JUDGES = (
    rules_sending.RULES
    | rules_receiving.RULES
    | rules_backlog.RULES
    | rules_refusal.RULES
    | rules_statuses.RULES
    | rules_information.RULES
    | rules_authority.RULES
    | rules_signatures.RULES
    | rules_files.RULES
    | rules_duplicates.RULES
    | rules_recall.RULES
    | rules_systems.RULES
)


def judge(case: Case) -> Judgement:
    """Judges a case by rules.md alone."""
    world = build(case)
    seen = min(world.end, n.local_day(world.as_of))  # READING 64: what comes after `as_of` does not exist yet
    judged = {
        code: [*rule(world), *unregistered(world, code)] if _is_enabled(world, code) else []
        for code, rule in JUDGES.items()
    }
    blamed_by_any = {member.agency for members in judged.values() for member in members}
    rows = {*world.registry.in_scope(world.start, seen), *blamed_by_any}
    findings: dict[str, dict[str, Any]] = {}
    outcomes: dict[tuple[str, str], tuple[int, int, int, int, str]] = {}
    for code, members in judged.items():
        found = [
            (member.agency, _finding(world, code, member.agency, charge))
            for member in members
            for charge in member.charges
        ]
        for _, finding in found:
            known = findings.setdefault(finding["finding_id"], finding)
            if finding["anchored_at"] < known["anchored_at"]:  # one id is one finding: the first (READING 59)
                findings[finding["finding_id"]] = finding
        for agency in rows:
            ids = {finding["finding_id"] for blamed, finding in found if blamed == agency}
            outcomes[code, agency] = _outcome([member for member in members if member.agency == agency], len(ids))
    return Judgement([findings[one] for one in sorted(findings)], outcomes, world.rejects)


def _is_enabled(world: World, code: str) -> bool:
    return bool(world.policy["rules"].get(RULES[code][0], {}).get("enabled", True))


def _outcome(members: list[Member], findings: int) -> tuple[int, int, int, int, str]:
    """ "`tested` …; `breaches` = members with at least one finding; …; NOT_TESTED (`tested` = 0: never PASS)"."""
    tested = sum(member.decided for member in members)
    breaches = sum(bool(member.charges) for member in members)
    word = "NOT_TESTED" if not tested else "FAIL" if breaches else "PASS"
    return tested, breaches, findings, len(members) - tested, word


def _finding(world: World, code: str, agency: str, charge: Charge) -> dict[str, Any]:
    rule, base = RULES[code]
    about = charge.about
    topic = topic_of(world, about)
    severity = world.policy["rules"].get(rule, {}).get("severity") or charge.severity or base
    if topic is not None:  # "raises each of its findings one step, up to critical"
        severity = STEPS[min(STEPS.index(severity) + 1, len(STEPS) - 1)]
    return {
        "finding_id": finding_id(rule, agency, about, charge.extra),
        "rule": rule,
        "code": code,
        "severity": severity,
        "agency": agency,
        "sender": about.sender,
        "number": about.number,
        "notation": about.notation,
        "issued_date": about.issued_date,
        "recipient": about.recipient,
        "extra": charge.extra,
        "topic": topic,
        "anchored_at": charge.anchored_at,
        "deadline_at": charge.deadline_at,
    }


def finding_id(rule: str, agency: str, about: About, extra: str) -> str:
    """ "first 16 hex digits of SHA-256 over `rule id|agency|sender|issued_date|number|notation|recipient|extra`"."""
    notation = n.folded(about.notation)
    parts = (rule, agency, about.sender, about.issued_date, about.number, notation, about.recipient, extra)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def topic_of(world: World, about: About) -> str | None:
    """ "patterns on the folded subject, white space and dashes removed"; "a topic is in force on the issue date".

    READING 60: with no issue date, only a topic without validity is in force; the first topic that fits is the topic.
    """
    if about.subject is None:
        return None
    subject = n.dashes("".join(n.folded(about.subject).split())).replace("-", "")
    for topic in world.case.topics:
        begins, ends = n.day(topic.get("valid_from")), n.day(topic.get("valid_to"))
        if (begins or ends) and about.issued is None:
            continue
        if about.issued is not None and ((begins and about.issued < begins) or (ends and about.issued > ends)):
            continue
        if any(re.search(n.text(pattern) or "(?!)", subject, re.IGNORECASE) for pattern in topic["patterns"]):
            return str(topic["id"])
    return None
