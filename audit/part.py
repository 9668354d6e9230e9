"""What one shard of the log contributes to a judgement, by all rules that are switched on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from audit.facts import Facts
from audit.facts.certificates import certificate_faults
from audit.facts.checked import is_checked
from audit.facts.documents import URGENCY_UNKNOWN
from audit.facts.signing import main_signatures
from audit.findings import findings_of
from audit.findings.suspected import suspected_ids
from audit.law import LawBook
from audit.measures.counts import Observations
from audit.measures.indicators import observe
from audit.measures.outcomes import tally
from audit.measures.systems import outage_frame, system_frame
from audit.rule import Rule, Verdicts
from audit.rules import CATALOGUE
from audit.working_time import NEVER

_OF_SYSTEMS: Final = frozenset({"agency", "day", "endpoint"})
"""Members that are no documents: group H."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one shard contributes to a judgement. Frames as in `Judgement`; `tally` as in `audit.measures.outcomes`.

    One part alone tells of outages and systems; those of the others are None.
    """

    findings: pd.DataFrame
    tally: pd.DataFrame
    observed: Observations
    outages: pd.DataFrame | None
    systems: pd.DataFrame | None
    notes: dict[str, int]
    suspected: frozenset[str] = frozenset()


def judge_part(facts: Facts, rules: tuple[Rule, ...] = CATALOGUE, *, systems: bool = True) -> Part:
    """Judge one shard by all rules that are switched on.

    Args:
        facts: Of the shard: all rows of some senders' documents, all coverage and probes.
        rules: The catalogue.
        systems: Whether the part tells of the agencies' systems (group H, availability, coverage), which are nobody's
            documents: exactly one shard does.
    """
    asked = rules if systems else tuple(rule for rule in rules if rule.member not in _OF_SYSTEMS)
    verdicts = judge_rules(facts, asked)
    found = findings_of(facts, rules, verdicts, LawBook(facts.settings.law, facts.policy))
    return Part(
        findings=found,
        tally=tally(rules, verdicts, found, facts.agencies.codes),
        observed=observe(facts, rules, verdicts, systems=systems),
        outages=outage_frame(facts) if systems else None,
        systems=system_frame(facts) if systems else None,
        notes=_notes(facts, systems=systems),
        suspected=suspected_ids(facts, rules, verdicts),
    )


def judge_rules(facts: Facts, rules: tuple[Rule, ...]) -> Mapping[str, Verdicts]:
    """The verdicts of the rules that are switched on, by id; without agencies that cannot tell what one asks."""
    return {
        rule.id: rule.judge(facts).without(facts.agencies.untold(rule.id))
        for rule in rules
        if facts.policy.rule(rule.id).enabled
    }


def _notes(facts: Facts, *, systems: bool) -> dict[str, int]:
    return {
        "unknown_urgency": _unknown_urgency(facts),
        "contradictions": _contradictions(facts),
        "source_contradictions": _source_contradictions(facts),
        "rejects": _rejects(facts) if systems else 0,
        "log_signatures": _log_signatures(facts),
        "untrusted_chains": _untrusted_chains(facts),
    }


def _unknown_urgency(facts: Facts) -> int:
    """Documents sent or received in the period whose urgency neither side's log tells readably."""
    pairs = facts.pairs
    moved = facts.period.holds_event(pairs.first_sent_at)
    moved |= facts.period.holds_event(pairs.arrived_at)
    unknown = facts.pair_urgency == URGENCY_UNKNOWN
    return len(np.unique(pairs.document[moved & unknown]))


def _contradictions(facts: Facts) -> int:
    """Pairs first sent in the period that are done in the sender's log, and failed or unknown in the recipient's."""
    pairs = facts.pairs
    sent = facts.period.holds_event(pairs.first_sent_at)
    return int((sent & pairs.any_done & (pairs.arrived_at == NEVER)).sum())


def _source_contradictions(facts: Facts) -> int:
    """Values of the period's log days that two logs of one agency tell differently."""
    start, end = facts.period.start_day, facts.period.end_day
    return int(((facts.contradicted_on >= start) & (facts.contradicted_on < end)).sum())


def _log_signatures(facts: Facts) -> int:
    """Signatures of documents first sent in the period, judged by the word of the agency's own system alone."""
    sent = facts.period.holds_event(facts.documents.first_sent_at)
    signatures = main_signatures(facts)
    claimed = ~is_checked(facts.frames.signatures)[signatures.row]
    return int((sent[signatures.document] & claimed).sum())


def _untrusted_chains(facts: Facts) -> int:
    """Verified signatures of documents first sent in the period that the CA which they name did not issue."""
    sent = facts.period.holds_event(facts.documents.first_sent_at)
    return int((sent[main_signatures(facts).document] & certificate_faults(facts).untrusted_chain).sum())


def _rejects(facts: Facts) -> int:
    """Rows of the period's log days that could not be read."""
    coverage = facts.frames.coverage
    day = coverage["day"].to_numpy(dtype="datetime64[s]").astype("datetime64[D]").astype(np.int64)
    last_day = min(facts.period.end_day, facts.period.as_of_day)
    inside = (day >= facts.period.start_day) & (day < last_day)
    return int(coverage.loc[inside, "rejects"].fillna(0).sum())
