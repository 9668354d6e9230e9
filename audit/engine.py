"""The judge: the log of all days before `as_of` → findings, outcomes and indicators of a period.

Pure: no clock, no ledger, no network. A *part* is what one shard of the log contributes; parts add up (`merged`), so
that shards may be judged anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from audit.facts import Facts, Frames
from audit.facts.certificates import certificate_faults
from audit.facts.checked import Verified, is_checked
from audit.facts.documents import URGENCY_UNKNOWN
from audit.facts.period import Period
from audit.facts.rows import Moment
from audit.facts.signing import main_signatures
from audit.findings import findings_of, in_order
from audit.findings.suspected import suspected_ids
from audit.law import LawBook
from audit.log import Log
from audit.log_table import read_rows
from audit.measures.counts import Observations
from audit.measures.index import weights
from audit.measures.indicators import indicators, observe
from audit.measures.outcomes import in_scope, outcomes, summed, tally
from audit.measures.systems import outage_frame, system_frame
from audit.registry import Registry
from audit.rule import Rule, Verdicts
from audit.rules import CATALOGUE
from audit.settings import Settings
from audit.shards import LARGE_TABLES, ShardedLog
from audit.verified_files import VerifiedFiles
from audit.workers import each
from audit.working_time import NEVER, WorkingCalendar

SHARD_BYTES: Final = 64 * 1024 * 1024
"""Size of the log's files that make one shard: about 1.5 million rows, whose columns the allocator keeps at hand."""
SHARDS_MOST: Final = 250

_OF_SYSTEMS: Final = frozenset({"agency", "day", "endpoint"})
"""Members that are no documents: group H."""


@dataclass(frozen=True, slots=True)
class JudgeInputs:
    """What is judged, and by what.

    Attributes:
        settings, registry, calendar: What it is judged by.
        log: The log; days before `as_of` are read.
        coverage: agency, day, table, state, rows, rejects, pages, failed_at, reason.
        probes: agency, at, ok, latency_ms, http_status, error, certificate_ends_at; what is later than `as_of` is not
            looked at. It should reach back before the period: an outage counts where it began.
        verified: What was verified of files; None: the log's word is all there is.
    """

    settings: Settings
    registry: Registry
    calendar: WorkingCalendar
    log: Log
    coverage: pd.DataFrame
    probes: pd.DataFrame
    verified: VerifiedFiles | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a period looks like at `as_of`.

    Attributes:
        findings: `audit.findings.COLUMNS`, gravest first.
        outcomes: `audit.measures.outcomes.COLUMNS`: every rule × every agency in scope.
        indicators: agency (`""` = the province), indicator, value, numerator, denominator.
        outages: agency, started_at, ended_at, working_minutes.
        systems: One row a probed agency, see `audit.measures.systems.system_frame`.
        notes: Counts that readers must know: unknown_urgency (documents judged as not urgent because nobody can tell),
            contradictions (pairs that the sender's log calls delivered and the recipient's log does not),
            source_contradictions (values that two logs of one agency tell differently), rejects (rows of the period
            that could not be read), log_signatures (signatures judged by the log's claims, not verified),
            untrusted_chains (verified signatures whose chain does not lead to the CA that they name).
        suspected: Ids of what would be findings if nothing else came, of members that could not be decided: an open
            finding among them is not resolved by not being found.
    """

    findings: pd.DataFrame
    outcomes: pd.DataFrame
    indicators: pd.DataFrame
    outages: pd.DataFrame
    systems: pd.DataFrame
    notes: dict[str, int]
    suspected: frozenset[str] = frozenset()


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


def judge(inputs: JudgeInputs, start: date, end: date, as_of: date) -> Judgement:
    """Judge the local days ``[start, end)`` as they look at the beginning of `as_of` (the end of the day before).

    Raises:
        ValueError: `end` is not after `start`.
        DataError: The log was written by another version.
    """
    if start >= end:
        raise ValueError(f"a period ends after it starts, not {start} to {end}")
    days = [day for day in inputs.log.days() if day < as_of]
    count = _shards(inputs, days)
    if count == 1:
        facts = read_facts(inputs, start, end, as_of)
        return merged([judge_part(facts)], inputs, facts.period)
    return _judge_shards(inputs, (start, end, as_of), days, count)


def _shards(inputs: JudgeInputs, days: Sequence[date]) -> int:
    """How many shards: as many as the settings say, else so many that what one needs stays small."""
    wanted = inputs.settings.audit.judge
    if wanted.shards:
        return min(wanted.shards, SHARDS_MOST)
    by_size = -(-inputs.log.size_bytes(LARGE_TABLES, days) // SHARD_BYTES)
    return 1 if by_size <= 1 else min(max(by_size, wanted.workers), SHARDS_MOST)


def _judge_shards(inputs: JudgeInputs, dates: tuple[date, date, date], days: Sequence[date], count: int) -> Judgement:
    period = Period.of(inputs.calendar, *dates)
    moment = Moment(period.as_of_day, period.as_of_at)
    sharded = ShardedLog(inputs.log, days, count, inputs.registry, moment)
    store = inputs.verified
    verified = None if store is None else Verified.of(store.known(sharded.files["sha256"].dropna()))

    def judged(shard: int) -> Part:
        frames = Frames(**sharded.tables(shard), coverage=inputs.coverage, probes=inputs.probes, verified=verified)
        facts = Facts(inputs.settings, inputs.registry, inputs.calendar, frames, dates)
        return judge_part(facts, systems=shard == 0)

    return merged(each(judged, count, inputs.settings.audit.judge.workers), inputs, period)


def read_facts(inputs: JudgeInputs, start: date, end: date, as_of: date) -> Facts:
    """The facts of the whole log before `as_of`."""
    days = [day for day in inputs.log.days() if day < as_of]
    documents, files, signatures = (inputs.log.read(table, days) for table in ("documents", "files", "signatures"))
    sends, receipts, statuses = (read_rows(inputs.log, table, days) for table in ("sends", "receipts", "statuses"))
    store = inputs.verified
    verified = None if store is None else Verified.of(store.known(files["sha256"].dropna()))
    frames = Frames(
        documents, files, signatures, sends, receipts, statuses, inputs.coverage, inputs.probes, verified=verified
    )
    return Facts(inputs.settings, inputs.registry, inputs.calendar, frames, (start, end, as_of))


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


def merged(
    parts: Sequence[Part], inputs: JudgeInputs, period: Period, rules: tuple[Rule, ...] = CATALOGUE
) -> Judgement:
    """The judgement that the parts of all shards make. The order of the parts does not matter."""
    counts = summed([part.tally for part in parts])
    observed = Observations.summed([part.observed for part in parts])
    policy = inputs.settings.policy
    agencies = in_scope(inputs.registry, period, set(counts["agency"]))
    return Judgement(
        findings=in_order(pd.concat([part.findings for part in parts], ignore_index=True), rules),
        outcomes=outcomes(rules, counts, inputs.registry, policy, period),
        indicators=indicators(observed, counts, agencies, weights(rules, policy), policy),
        outages=pd.concat([part.outages for part in parts if part.outages is not None], ignore_index=True),
        systems=pd.concat([part.systems for part in parts if part.systems is not None], ignore_index=True),
        notes={name: sum(part.notes[name] for part in parts) for name in parts[0].notes},
        suspected=frozenset().union(*(part.suspected for part in parts)),
    )


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
    moved = facts.period.holds_event(pairs["first_sent_at"].to_numpy())
    moved |= facts.period.holds_event(pairs["arrived_at"].to_numpy())
    unknown = facts.pair_urgency == URGENCY_UNKNOWN
    return len(np.unique(pairs["document"].to_numpy()[moved & unknown]))


def _contradictions(facts: Facts) -> int:
    """Pairs first sent in the period that are done in the sender's log, and failed or unknown in the recipient's."""
    pairs = facts.pairs
    sent = facts.period.holds_event(pairs["first_sent_at"].to_numpy())
    return int((sent & pairs["any_done"].to_numpy() & (pairs["arrived_at"].to_numpy() == NEVER)).sum())


def _source_contradictions(facts: Facts) -> int:
    """Values of the period's log days that two logs of one agency tell differently."""
    start, end = facts.period.start_day, facts.period.end_day
    return int(((facts.contradicted_on >= start) & (facts.contradicted_on < end)).sum())


def _log_signatures(facts: Facts) -> int:
    """Signatures of documents first sent in the period, judged by the word of the agency's own system alone."""
    sent = facts.period.holds_event(facts.documents["first_sent_at"].to_numpy())
    signatures = main_signatures(facts)
    claimed = ~is_checked(facts.frames.signatures)[signatures.row]
    return int((sent[signatures.document] & claimed).sum())


def _untrusted_chains(facts: Facts) -> int:
    """Verified signatures of documents first sent in the period that the CA which they name did not issue."""
    sent = facts.period.holds_event(facts.documents["first_sent_at"].to_numpy())
    return int((sent[main_signatures(facts).document] & certificate_faults(facts).untrusted_chain).sum())


def _rejects(facts: Facts) -> int:
    """Rows of the period's log days that could not be read."""
    coverage = facts.frames.coverage
    day = coverage["day"].to_numpy(dtype="datetime64[s]").astype("datetime64[D]").astype(np.int64)
    last_day = min(facts.period.end_day, facts.period.as_of_day)
    inside = (day >= facts.period.start_day) & (day < last_day)
    return int(coverage.loc[inside, "rejects"].fillna(0).sum())
