"""The judge: the log of all days before `as_of` → findings, outcomes and indicators of a period.

Pure: no clock, no ledger, no network. A *part* is what one shard of the log contributes; parts add up (`merged`), so
that shards may be judged anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from threading import Lock
from typing import Any, ClassVar, Final

import pandas as pd

from audit.code_version import code_digest
from audit.errors import ClusterError, DataError
from audit.facts import Facts, Frames
from audit.facts.checked import Verified
from audit.facts.period import Period
from audit.facts.register_rows import with_own_rows
from audit.facts.rows import Moment
from audit.findings import in_order
from audit.garbage import seldom_collected
from audit.log import Log
from audit.log_table import read_rows
from audit.measures.counts import Observations
from audit.measures.index import weights
from audit.measures.indicators import indicators
from audit.measures.outcomes import in_scope, outcomes, summed
from audit.part import Part, judge_part
from audit.registry import Registry
from audit.rule import Rule
from audit.rules import CATALOGUE
from audit.settings import Settings
from audit.shards import LARGE_TABLES, ShardedLog
from audit.streamed import cores, streamed
from audit.verified_files import VerifiedFiles
from audit.working_time import WorkingCalendar

SHARD_BYTES: Final = 64 * 1024 * 1024
"""Size of the log's files that make one shard: about 1.5 million rows, whose columns the allocator keeps at hand."""
SHARDS_MOST: Final = 250
_WORKERS_MOST: Final = 4
"""Processes where the settings leave it open: each holds a shard, and the machine has other work."""
_PIECES_A_WORKER: Final = 2
"""Shards a worker of a cluster: the last of them does not wait long for the slowest."""


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


def judge(inputs: JudgeInputs, start: date, end: date, as_of: date) -> Judgement:
    """Judge the local days ``[start, end)`` as they look at the beginning of `as_of` (the end of the day before).

    Raises:
        ValueError: `end` is not after `start`.
        DataError: The log was written by another version.
        ClusterError: The settings name a cluster, and it did not do the work.
    """
    if start >= end:
        raise ValueError(f"a period ends after it starts, not {start} to {end}")
    days = [day for day in inputs.log.days() if day < as_of]
    inputs = replace(inputs, coverage=_by_category(inputs.coverage), probes=_by_category(inputs.probes))
    with seldom_collected():
        if inputs.settings.audit.judge.dask:
            return _judge_on_cluster(inputs, (start, end, as_of), days)
        count = _shards(inputs, days, _workers(inputs.settings))
        if count == 1:
            facts = read_facts(inputs, start, end, as_of)
            return merged([judge_part(facts)], inputs, facts.period)
        return _judge_shards(inputs, (start, end, as_of), days, count)


def _by_category(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame, its texts as categories: every shard looks at all of it, and compares a code, not a text, a row."""
    return frame.astype(dict.fromkeys(frame.select_dtypes("str").columns, "category"))


def _workers(settings: Settings) -> int:
    """How many processes of this machine judge."""
    return settings.audit.judge.workers or min(cores(), _WORKERS_MOST)


def _shards(inputs: JudgeInputs, days: Sequence[date], workers: int) -> int:
    """How many shards: as many as the settings say, else so many that what one needs stays small."""
    wanted = inputs.settings.audit.judge
    if wanted.shards:
        return min(wanted.shards, SHARDS_MOST)
    by_size = -(-inputs.log.size_bytes(LARGE_TABLES, days) // SHARD_BYTES)
    return 1 if by_size <= 1 else min(max(by_size, workers), SHARDS_MOST)


@dataclass(frozen=True)
class ShardTask:
    """What every shard of a judgement is judged by; may be sent to another machine that reads the same log.

    Attributes:
        inputs: without what was verified, which is at hand here.
        verified: what was verified of the log's files.
        days, dates, count: the log days, (start, end, as_of), and how many shards there are.
        code: the version of the audit that asks.
    """

    inputs: JudgeInputs
    verified: Verified | None
    days: Sequence[date]
    dates: tuple[date, date, date]
    count: int
    code: str
    _lock: ClassVar[Lock] = Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "sharded"}

    @cached_property
    def sharded(self) -> ShardedLog:
        """The log in shards, read once a process."""
        period = Period.of(self.inputs.calendar, *self.dates)
        moment = Moment(period.as_of_day, period.as_of_at)
        return ShardedLog(self.inputs.log, self.days, self.count, self.inputs.registry, moment)

    def part(self, shard: int) -> Part:
        """What one shard contributes."""
        told = self.inputs
        with self._lock:
            sharded = self.sharded
        frames = Frames(**sharded.tables(shard), coverage=told.coverage, probes=told.probes, verified=self.verified)
        return judge_part(Facts(told.settings, told.registry, told.calendar, frames, self.dates), systems=shard == 0)


def judge_shard(task: ShardTask, shard: int) -> Part:
    """One shard, on whatever machine.

    Raises:
        DataError: the log or this machine's version of the audit is another one.
    """
    if task.code != code_digest():
        raise DataError("worker", "it has another version of the audit than who asks it")
    return task.part(shard)


def _judge_shards(inputs: JudgeInputs, dates: tuple[date, date, date], days: Sequence[date], count: int) -> Judgement:
    task = ShardTask(replace(inputs, verified=None), _verified(inputs, days), days, dates, count, code_digest())
    task.sharded  # noqa: B018  # read here, so that forks see it
    period = Period.of(inputs.calendar, *dates)
    return merged(list(streamed(task.part, range(count), _workers(inputs.settings))), inputs, period)


def _judge_on_cluster(inputs: JudgeInputs, dates: tuple[date, date, date], days: Sequence[date]) -> Judgement:
    """As `_judge_shards`, by the workers of a Dask cluster, which read the log where they are told."""
    wanted = inputs.settings.audit.judge
    try:
        from audit.cluster import cluster
        from audit.shared_log import publish
    except ImportError as error:
        raise ClusterError(wanted.dask, f"{error.name} is not installed here (requirements/scale.txt)") from error

    log = publish(inputs.log, days, wanted.dask_log) if wanted.dask_log else inputs.log
    with cluster(wanted.dask, _workers(inputs.settings)) as there:
        count = _shards(inputs, days, _PIECES_A_WORKER * there.workers)
        told = replace(inputs, log=log, verified=None)
        task = ShardTask(told, _verified(inputs, days), days, dates, count, code_digest())
        parts = there.each(judge_shard, task, count)
    return merged(parts, inputs, Period.of(inputs.calendar, *dates))


def _verified(inputs: JudgeInputs, days: Sequence[date]) -> Verified | None:
    """What was verified of the files of some days."""
    store = inputs.verified
    return (
        None
        if store is None
        else Verified.of(store.known(inputs.log.read("files", days, ["sha256"])["sha256"].dropna()))
    )


def read_facts(inputs: JudgeInputs, start: date, end: date, as_of: date) -> Facts:
    """The facts of the whole log before `as_of`."""
    days = [day for day in inputs.log.days() if day < as_of]
    documents, files, signatures = with_own_rows(
        *(inputs.log.read(table, days) for table in ("documents", "files", "signatures"))
    )
    sends, receipts, statuses = (read_rows(inputs.log, table, days) for table in ("sends", "receipts", "statuses"))
    verified = _verified(inputs, days)
    frames = Frames(
        documents, files, signatures, sends, receipts, statuses, inputs.coverage, inputs.probes, verified=verified
    )
    return Facts(inputs.settings, inputs.registry, inputs.calendar, frames, (start, end, as_of))


def merged(
    parts: Sequence[Part], inputs: JudgeInputs, period: Period, rules: tuple[Rule, ...] = CATALOGUE
) -> Judgement:
    """The judgement that the parts of all shards make. The order of the parts does not matter."""
    counts = summed([part.tally for part in parts])
    observed = Observations.summed([part.observed for part in parts])
    policy = inputs.settings.policy
    agencies = in_scope(inputs.registry, period, counts)
    return Judgement(
        findings=_ordered([part.findings for part in parts], rules),
        outcomes=outcomes(rules, counts, agencies, policy, period),
        indicators=indicators(observed, counts, agencies, weights(rules, policy), policy),
        outages=pd.concat([part.outages for part in parts if part.outages is not None], ignore_index=True),
        systems=pd.concat([part.systems for part in parts if part.systems is not None], ignore_index=True),
        notes={name: sum(part.notes[name] for part in parts) for name in parts[0].notes},
        suspected=frozenset().union(*(part.suspected for part in parts)),
    )


def _ordered(parts: Sequence[pd.DataFrame], rules: tuple[Rule, ...]) -> pd.DataFrame:
    """The findings of all shards in their order; those of one shard are in order."""
    return parts[0] if len(parts) == 1 else in_order(pd.concat(parts, ignore_index=True), rules)
