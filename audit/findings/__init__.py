"""From what the rules say to the findings that people read: one row a finding, with key, delay, ground and evidence.

Everything here is of the size of the findings, not of the log. The order of rows, pages and agencies of the log changes
nothing: findings with one id are one finding, and their order is that of their contents.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import pandas as pd

from audit.facts import Facts
from audit.facts.arrays import Ints, known
from audit.facts.documents import NOT_URGENT, URGENCY_LEVELS, URGENCY_UNKNOWN
from audit.findings.evidence import evidence
from audit.findings.keys import LISTED, document_of, stacked, text_or_none
from audit.findings.topics import topic_ids
from audit.law import LawBook
from audit.rule import Rule, Severity, Verdicts
from audit.working_time import MINUTE, NAT, NO_DAY

COLUMNS: Final = (
    "finding_id",
    "rule",
    "code",
    "severity",
    "agency",
    "counterpart",
    "sender",
    "number",
    "notation",
    "issued_date",
    "recipient",
    "subject",
    "topic",
    "urgency",
    "anchored_at",
    "deadline_at",
    "observed_at",
    "delay_minutes",
    "extra",
    "detail",
    "basis",
    "evidence",
)
"""The keys of design.md section 4, in its order, less what the ledger adds."""

_ORDER: Final = (
    "severity",
    "rule",
    "agency",
    "sender",
    "issued_date",
    "number",
    "notation",
    "recipient",
    "extra",
    "finding_id",
)

ELAPSED_WHERE_URGENT: Final = frozenset({"late_forwarding"})
"""Rules whose limit is a day for ordinary documents and minutes, day and night, for urgent ones."""
_BY_EVENT: Final = frozenset("NRH")
_AT_PERIOD_END: Final = frozenset({"backlog", "urgent_backlog"})
"""Rules anchored at the end of the period (rules.md section 1, "In scope")."""
"""Groups whose findings cite what was in force on the day of the event, not of the document."""
_URGENCY_TEXT: Final = {level: text for text, level in URGENCY_LEVELS.items()}


def findings_of(facts: Facts, rules: tuple[Rule, ...], verdicts: Mapping[str, Verdicts], law: LawBook) -> pd.DataFrame:
    """The findings of all rules, each once.

    Args:
        facts: What was judged.
        rules: The catalogue, in its order.
        verdicts: By rule id; a rule without verdicts has no findings.
        law: What findings cite.

    Returns:
        `COLUMNS`, gravest first, then by rule, agency and document. Instants ``datetime64[us, UTC]`` (NaT = none),
        `delay_minutes` Int64 (working minutes, for urgent limits elapsed ones), `detail` a dict, `basis` a list of
        texts, `evidence` a list of dicts; other columns text, None where not applicable, `extra` ``""``.
    """
    found = stacked(facts, rules, verdicts)
    pair = found["pair"].to_numpy()
    found["subject"] = document_of(facts, found["document"].to_numpy(), pair, "subject")
    found["urgency"] = _urgency(facts, found["document"].to_numpy(), pair)
    found["topic"] = topic_ids(facts.settings.topics, found["subject"], found["issued_day"].to_numpy())
    found["severity"] = _severities(facts, rules, found)
    found["delay"] = _delays(facts, rules, found)
    found["finding_id"] = finding_ids(rules, found)
    found = _once(found)
    return _readable(facts, rules, found, law)


def finding_ids(rules: tuple[Rule, ...], found: pd.DataFrame) -> list[str]:
    """The first 16 hex digits of SHA-256 over what makes a finding that finding (rules.md section 1, *Finding id*)."""
    names = [rule.id for rule in rules]
    keys = zip(
        *(found[name] for name in ("rule", "agency_code", "sender_code", "issued_date", "number", "notation")),
        *(found[name] for name in ("recipient_code", "extra")),
        strict=True,
    )
    return [
        finding_id(names[rule], agency, sender, issued_date, number, notation, recipient, extra)
        for rule, agency, sender, issued_date, number, notation, recipient, extra in keys
    ]


def finding_id(rule: str, *key: str | None) -> str:
    """The id of one finding.

    Args:
        rule: The rule's id.
        key: Agency, sender, issued_date, number, notation, recipient, extra; None where not applicable.
    """
    agency, sender, issued_date, number, notation, recipient, extra = (part or "" for part in key)
    parts = (rule, agency, sender, issued_date, number, notation.casefold(), recipient, extra)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def _urgency(facts: Facts, document: Ints, pair: Ints) -> Ints:
    """The level: of a pair by the sender's register, else by the receipt; of a document by its own row."""
    of_document = np.append(facts.documents.urgency, URGENCY_UNKNOWN)[document]
    return np.where(pair >= 0, np.append(facts.pair_urgency, URGENCY_UNKNOWN)[pair], of_document)


def _severities(facts: Facts, rules: tuple[Rule, ...], found: pd.DataFrame) -> Ints:
    """The rule's severity, as urgency raises it; or the policy's, urgent or not. One step more for a priority topic."""
    override = [facts.policy.rule(rule.id).severity for rule in rules]
    of_policy = np.array([0 if text is None else Severity[text.upper()] for text in override], dtype=np.int64)
    follows = np.array([rule.follows_topic for rule in rules], dtype=bool)
    rule = found["rule"].to_numpy()
    raised = found["topic"].notna().to_numpy(dtype=bool) & follows[rule]
    severity = np.where(of_policy[rule] > 0, of_policy[rule], found["severity"].to_numpy())
    return np.asarray(np.minimum(severity + raised, Severity.CRITICAL), dtype=np.int64)


def _delays(facts: Facts, rules: tuple[Rule, ...], found: pd.DataFrame) -> Ints:
    """Minutes from the deadline to what was observed, or to `as_of` where it never was; NAT without a deadline."""
    rule, deadline = found["rule"].to_numpy(), found["deadline_at"].to_numpy()
    observed = found["observed_at"].to_numpy()
    until = np.where(known(observed), observed, facts.period.as_of_at)
    elapsed = np.array([one.elapsed for one in rules], dtype=bool)[rule]
    by_urgency = np.array([one.id in ELAPSED_WHERE_URGENT for one in rules], dtype=bool)[rule]
    elapsed |= by_urgency & (found["urgency"].to_numpy() > NOT_URGENT)
    has_deadline = known(deadline)
    start = np.where(has_deadline, deadline, until)
    minutes = np.where(elapsed, (until - start) // MINUTE, facts.calendar.working_minutes(start, until))
    return np.where(has_deadline, np.maximum(minutes, 0), NAT)


def _once(found: pd.DataFrame) -> pd.DataFrame:
    """One row an id: the earliest anchored, then the gravest."""
    shared = found["finding_id"].duplicated(keep=False)
    rivals = found[shared]
    rivals = rivals.assign(
        _graver=-rivals["severity"],
        _detail=[json.dumps(detail, sort_keys=True, default=str) for detail in rivals["detail"]],
    )
    ties = ["finding_id", "anchored_at", "_graver", "deadline_at", "observed_at", "_detail"]
    winners = rivals.sort_values(ties, kind="stable").drop_duplicates("finding_id").index
    return found.loc[found.index[~shared].union(winners)].reset_index(drop=True)


def in_order(findings: pd.DataFrame, rules: tuple[Rule, ...]) -> pd.DataFrame:
    """Findings of any shards in the order of `findings_of`: gravest first, then by rule, agency and document."""
    places = {rule.id: place for place, rule in enumerate(rules)}
    columns = {name: findings[name].fillna("").tolist() for name in _ORDER}
    columns["severity"] = [-Severity[text.upper()] for text in columns["severity"]]
    columns["rule"] = [places[rule] for rule in columns["rule"]]
    keys = list(zip(*(columns[name] for name in _ORDER), strict=True))
    return findings.iloc[sorted(range(len(keys)), key=keys.__getitem__)].reset_index(drop=True)


def _readable(facts: Facts, rules: tuple[Rule, ...], found: pd.DataFrame, law: LawBook) -> pd.DataFrame:
    rule = found["rule"].to_numpy()
    delay = found["delay"].to_numpy()
    texts: dict[str, Iterable[object]] = {
        "finding_id": found["finding_id"],
        "rule": [rules[place].id for place in rule],
        "code": [rules[place].code for place in rule],
        "severity": [Severity(value).text for value in found["severity"]],
        "agency": found["agency_code"],
        "counterpart": found["counterpart_code"],
        "sender": found["sender_code"],
        "recipient": found["recipient_code"],
        "urgency": [_URGENCY_TEXT.get(level) for level in found["urgency"]],
        "detail": [detail or {} for detail in found["detail"]],
        "basis": _basis(facts, rules, found, law),
        "evidence": evidence(facts, found["witness"].to_numpy(), found["pair"].to_numpy()),
    }
    texts |= {name: text_or_none(found[name]) for name in LISTED}
    columns = {name: pd.Series(list(values), dtype="object") for name, values in texts.items()}
    columns |= {name: _instants(found[name].to_numpy()) for name in ("anchored_at", "deadline_at", "observed_at")}
    columns["delay_minutes"] = pd.Series(np.where(delay == NAT, 0, delay), dtype="Int64").mask(delay == NAT)
    return in_order(pd.DataFrame({name: columns[name] for name in COLUMNS}), rules)


def _basis(facts: Facts, rules: tuple[Rule, ...], found: pd.DataFrame, law: LawBook) -> list[list[str]]:
    """What each finding cites: the law of the issue date; for groups N, R, H or where there is none of the anchor."""
    place = found["rule"].to_numpy()
    by_event = np.array([rule.group in _BY_EVENT for rule in rules], dtype=bool)[place]
    event_day = _anchor_days(facts, rules, found)
    issued_day = found["issued_day"].to_numpy()
    day = np.where(by_event | (issued_day == NO_DAY), event_day, issued_day).astype(np.int32)
    cited: list[list[str]] = [[] for _ in range(len(found))]
    for number in np.unique(place):
        of_rule = np.flatnonzero(place == number)
        texts = law.citations_for(rules[number].id, day[of_rule])
        for row, citations in zip(of_rule.tolist(), texts, strict=True):
            cited[row] = list(citations)
    return cited


def _anchor_days(facts: Facts, rules: tuple[Rule, ...], found: pd.DataFrame) -> Ints:
    """The local day of each anchor; a deadline or a period's end at 24:00 belongs to the day that it ends."""
    anchor = found["anchored_at"].to_numpy()
    at_period_end = np.array([rule.id in _AT_PERIOD_END for rule in rules], dtype=bool)[found["rule"].to_numpy()]
    ends = at_period_end | (anchor == found["deadline_at"].to_numpy())
    return np.where(ends, facts.day_of(anchor, at_end=True), facts.day_of(anchor))


def _instants(at: Ints) -> pd.Series:
    told = np.where(known(at), at, NAT)
    return pd.Series(told.astype("datetime64[us]")).dt.tz_localize("UTC")
