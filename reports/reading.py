"""The inputs with their look-ups made once: names, rules, indicators by agency, and the findings as readers see them.

Every part of the view reads from a `Reading`; none goes back to the raw frames, so a code, a name or a zone is turned
in one place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from reports import cures, figure, labels, period, reasons, secrecy, text
from reports.figure import Figure
from reports.indicators import DEMANDED, INDICATORS
from reports.inputs import AgencyInfo, ReportInputs, RuleInfo
from reports.readable import local_time, whole_findings

PROVINCE = ""
_REGULAR_FROM = 2
"""Rank of the first severity that is given the later deadline."""
_EXPIRING = "expiring_certificate"
_PER_AGENCY = (
    "findings",
    "outcomes",
    "previous_outcomes",
    "indicators",
    "previous_indicators",
    "history",
    "coverage",
    "outages",
)
_ITEM_COLUMNS = (
    "finding_id",
    "is_carried",
    "is_curable",
    "rule",
    "kind",
    "agency",
    "severity",
    "severity_rank",
    "weight",
    "topic",
    "delay_minutes",
    "delay_text",
    "act_by",
)


@dataclass(frozen=True)
class Reading:
    """Inputs, prepared.

    Attributes:
        inputs: as given.
        period: the period in words.
        labels: words for codes, overrides applied.
        agencies: code → agency, in the registry's order.
        rules: id → rule.
        findings: one row a finding, worst first; columns of `readable.whole_findings` and `_asked`; secret documents
            hidden.
        gives_log: False of an agency alone that is not connected.
    """

    inputs: ReportInputs
    period: period.Period
    labels: Mapping[str, Mapping[str, str]]
    agencies: Mapping[str, AgencyInfo]
    rules: Mapping[str, RuleInfo]
    findings: pd.DataFrame
    _for_senders: pd.DataFrame
    _now: Mapping[tuple[str, str], float]
    _before: Mapping[tuple[str, str], float]
    gives_log: bool = True

    def value(self, indicator: str, agency: str = PROVINCE) -> float:
        """The indicator in this period; NaN where there is no data."""
        return self._now.get((agency, indicator), math.nan)

    def previous(self, indicator: str, agency: str = PROVINCE) -> float:
        """The indicator in the period before; NaN where there is no data."""
        return self._before.get((agency, indicator), math.nan)

    def figure(self, indicator: str, agency: str = PROVINCE) -> Figure:
        """The indicator in this period, with its text."""
        return figure.of_unit(self.value(indicator, agency), INDICATORS[indicator].unit)

    def previous_figure(self, indicator: str, agency: str = PROVINCE) -> Figure:
        """The indicator in the period before, with its text."""
        return figure.of_unit(self.previous(indicator, agency), INDICATORS[indicator].unit)

    def name(self, code: object) -> str:
        """The agency's name; a code that the registry does not know stands for itself, made harmless."""
        known = self.agencies.get(str(code)) if isinstance(code, str) else None
        return known.name if known else text.clean(code, 60)

    def split(self) -> dict[str, Reading]:
        """A reading for each agency: every frame holds its rows alone, so nothing of another agency can reach its
        report; of secret documents each is told what `secrecy.for_sender` grants it. Of one that gives no log there are
        no figures: what others' logs tell of it says nothing of its compliance.
        """
        parts = {name: _by_code(getattr(self.inputs, name)) for name in _PER_AGENCY}
        nothing = {name: getattr(self.inputs, name).iloc[:0] for name in _PER_AGENCY}
        own_findings, no_findings = _by_code(self.findings), self.findings.iloc[:0]
        own_secrets, no_secrets = _by_code(self._for_senders), self._for_senders.iloc[:0]
        own = {
            code: replace(
                self,
                inputs=replace(self.inputs, **{name: parts[name].get(code, nothing[name]) for name in _PER_AGENCY}),
                findings=secrecy.restored(own_findings.get(code, no_findings), own_secrets.get(code, no_secrets)),
                _for_senders=no_secrets,
            )
            for code in self.agencies
        }
        return {code: each if self.agencies[code].pulled else each.without_figures() for code, each in own.items()}

    def without_figures(self) -> Reading:
        """The same, with no data for every indicator and period, and no rule that would be kept for lack of a log."""
        inputs = replace(
            self.inputs,
            history=self.inputs.history.assign(value=math.nan),
            outcomes=_breaches_alone(self.inputs.outcomes),
            previous_outcomes=_breaches_alone(self.inputs.previous_outcomes),
        )
        return replace(self, inputs=inputs, _now={}, _before={}, gives_log=False)

    @cached_property
    def open_items(self) -> pd.DataFrame:
        """Findings not yet resolved and not waived, worst first: only the columns that counting needs."""
        return self.findings.loc[self.findings["is_open"], list(_ITEM_COLUMNS)]

    @cached_property
    def open_by_rule(self) -> dict[str, pd.DataFrame]:
        """`open_items` by rule id; rules without one are not in it."""
        return {str(rule): rows for rule, rows in self.open_items.groupby("rule", sort=True)}

    def alphabetical(self, codes: list[str]) -> list[str]:
        """Codes in the Vietnamese order of their names."""
        return sorted(codes, key=lambda code: (text.sort_key(self.name(code)), code))


def _breaches_alone(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Outcomes in which a rule without a breach counts as not tested: others' logs can only tell the bad cases."""
    kept = outcomes["breaches"] > 0
    tested = outcomes["tested"].where(kept, 0)
    open_question = outcomes["not_decided"].where(kept, outcomes["not_decided"] + outcomes["tested"])
    return outcomes.assign(
        tested=tested, not_decided=open_question, outcome=outcomes["outcome"].where(kept, "NOT_TESTED")
    )


def read(inputs: ReportInputs) -> Reading:
    """Prepares the inputs. Raises `KeyError` where a frame lacks a column or a finding names an unknown rule."""
    words = labels.merged(inputs.labels)
    agencies = {agency.code: agency for agency in inputs.agencies}
    rules = {rule.id: rule for rule in inputs.rules}
    whole = _asked(whole_findings(inputs.findings, agencies, rules, words, inputs.secrets), inputs)
    return Reading(
        inputs=replace(inputs, targets={**DEMANDED, **inputs.targets}),
        period=period.describe(inputs.edition, inputs.start, inputs.end),
        labels=words,
        agencies=agencies,
        rules=rules,
        findings=secrecy.hidden(whole),
        _for_senders=secrecy.for_sender(whole),
        _now=_by_agency(inputs.indicators),
        _before=_by_agency(inputs.previous_indicators),
    )


def _asked(whole: pd.DataFrame, inputs: ReportInputs) -> pd.DataFrame:
    """The findings with what only an edition knows: `act_by`, by when each is to be mended, or the setting that caused
    it (NaT: neither), and `topic_name`, which is not told of secret documents.
    """
    names = {topic.id: text.clean(topic.name) for topic in inputs.topics}
    soon, later = (pd.Timestamp(at) for at in (inputs.deadlines.urgent_at, inputs.deadlines.regular_at))
    act_by = pd.Series(soon, whole.index, dtype="datetime64[s]").where(is_urgent(whole) & whole["is_curable"], later)
    sooner = _before_expiry(whole, inputs)
    act_by = act_by.mask(sooner < act_by, sooner)
    to_do = whole["is_curable"] | whole["rule"].isin(cures.OF_SETTINGS)
    return whole.assign(
        act_by=act_by.where(whole["is_open"] & to_do),
        topic_name=whole["topic"].map(names).fillna("").mask(whole["is_secret"], "").astype(object),
    )


def _before_expiry(whole: pd.DataFrame, inputs: ReportInputs) -> pd.Series:
    """By when a certificate about to end must be renewed, lest the deadline come after its end; NaT elsewhere."""
    own = inputs.findings[inputs.findings["rule"] == _EXPIRING]
    told = pd.Series([reasons.facts_of(each).get("certificate_ends_at") for each in own["detail"]], dtype=object)
    ends = dict(zip(own["finding_id"], local_time(told), strict=True))
    by = {code: inputs.deadlines.before(end) for code, end in ends.items() if end is not pd.NaT}
    return whole["finding_id"].map(by).astype("datetime64[s]")


def is_urgent(findings: pd.DataFrame) -> pd.Series:
    """Whether each is to be mended by the nearer of the two deadlines: critical and high ones (bool)."""
    urgent: pd.Series = findings["severity_rank"] < _REGULAR_FROM
    return urgent


def _by_code(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(code): rows for code, rows in frame.groupby("agency", sort=False)}


def _by_agency(frame: pd.DataFrame) -> dict[tuple[str, str], float]:
    keys = zip(frame["agency"], frame["indicator"], strict=True)
    return dict(zip(keys, frame["value"].astype("float64"), strict=True))
