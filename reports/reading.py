"""The inputs with their look-ups made once: names, rules, indicators by agency, and the findings as readers see them.

Every part of the view reads from a `Reading`; none goes back to the raw frames, so a code, a name or a zone is turned
in one place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import quote

import numpy as np
import pandas as pd

from reports import figure, labels, period, reasons, text
from reports.figure import Figure
from reports.indicators import DEMANDED, INDICATORS
from reports.inputs import AgencyInfo, ReportInputs, RuleInfo
from reports.parts import citations

PROVINCE = ""
_SUBJECT_LIMIT = 300
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
_BY_URGENCY = "late_forwarding"
"""The rule with limits of both kinds: those of urgent documents run by the clock (rules.md, N4)."""
_URGENT = ("khan", "thuong_khan", "hoa_toc")
_ITEM_COLUMNS = (
    "finding_id",
    "is_carried",
    "rule",
    "agency",
    "severity",
    "severity_rank",
    "weight",
    "topic",
    "delay_minutes",
    "delay_text",
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
        findings: one row a finding, worst first; columns of `readable_findings`.
    """

    inputs: ReportInputs
    period: period.Period
    labels: Mapping[str, Mapping[str, str]]
    agencies: Mapping[str, AgencyInfo]
    rules: Mapping[str, RuleInfo]
    findings: pd.DataFrame
    _now: Mapping[tuple[str, str], float]
    _before: Mapping[tuple[str, str], float]

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
        report.
        """
        parts = {name: _by_code(getattr(self.inputs, name)) for name in _PER_AGENCY}
        nothing = {name: getattr(self.inputs, name).iloc[:0] for name in _PER_AGENCY}
        own_findings, no_findings = _by_code(self.findings), self.findings.iloc[:0]
        return {
            code: replace(
                self,
                inputs=replace(self.inputs, **{name: parts[name].get(code, nothing[name]) for name in _PER_AGENCY}),
                findings=own_findings.get(code, no_findings),
            )
            for code in self.agencies
        }

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


def read(inputs: ReportInputs) -> Reading:
    """Prepares the inputs. Raises `KeyError` where a frame lacks a column or a finding names an unknown rule."""
    words = labels.merged(inputs.labels)
    agencies = {agency.code: agency for agency in inputs.agencies}
    rules = {rule.id: rule for rule in inputs.rules}
    return Reading(
        inputs=replace(inputs, targets={**DEMANDED, **inputs.targets}),
        period=period.describe(inputs.edition, inputs.start, inputs.end),
        labels=words,
        agencies=agencies,
        rules=rules,
        findings=readable_findings(inputs, agencies, rules, words),
        _now=_by_agency(inputs.indicators),
        _before=_by_agency(inputs.previous_indicators),
    )


def _by_code(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(code): rows for code, rows in frame.groupby("agency", sort=False)}


def _by_agency(frame: pd.DataFrame) -> dict[tuple[str, str], float]:
    keys = zip(frame["agency"], frame["indicator"], strict=True)
    return dict(zip(keys, frame["value"].astype("float64"), strict=True))


def readable_findings(
    inputs: ReportInputs,
    agencies: Mapping[str, AgencyInfo],
    rules: Mapping[str, RuleInfo],
    words: Mapping[str, Mapping[str, str]],
) -> pd.DataFrame:
    """Findings with everything that readers see, worst first (severity, topic, longest delay, oldest deadline, id).

    Columns: finding_id, rule, code, group, group_title, agency, agency_name, severity, severity_rank (0 = critical),
    weight (8 4 2 1), severity_text, title, remedy, document, issued_on (datetime64, local day), subject, sender,
    recipient (names), sender_code, recipient_code, deadline, observed, first_seen (datetime64, local wall time; NaT =
    none), delay_minutes, delay_hours, delay_text, why, basis, topic, urgency, state, state_text, is_open, url (`""` =
    none).
    """
    raw = inputs.findings.reset_index(drop=True)
    unknown = set(raw["rule"]) - set(rules)
    if unknown:
        raise KeyError(f"findings name rules that the catalogue does not know: {sorted(unknown)}")
    names = {agency.code: agency.name for agency in agencies.values()}
    frame = pd.DataFrame(index=raw.index)
    for column in ("finding_id", "rule", "code", "agency", "severity", "state"):
        frame[column] = raw[column].astype(object)
    for column in ("topic", "urgency"):
        frame[column] = raw[column].astype(object).where(raw[column].notna(), "")
    frame["group"] = frame["code"].str[0]
    frame["group_title"] = frame["group"].map(words["groups"])
    frame["agency_name"] = _mapped(frame["agency"], names)
    frame["severity_rank"] = (
        frame["severity"].map({severity: rank for rank, severity in enumerate(labels.SEVERITIES)}).astype("int64")
    )
    frame["weight"] = 8 // 2 ** frame["severity_rank"]
    frame["severity_text"] = frame["severity"].map(words["severities"])
    frame["title"] = frame["rule"].map({rule.id: rule.title for rule in rules.values()})
    frame["remedy"] = frame["rule"].map({rule.id: rule.remedy for rule in rules.values()})
    frame["elapsed"] = frame["rule"].map({rule.id: rule.elapsed for rule in rules.values()}).astype(bool)
    frame["document"] = document_names(raw)
    frame["issued_on"] = _local_day(raw["issued_date"])
    frame["subject"] = _cleaned(raw["subject"], _SUBJECT_LIMIT)
    for column in ("sender", "recipient"):
        frame[f"{column}_code"] = raw[column].astype(object).where(raw[column].notna(), "")
        frame[column] = _mapped(frame[f"{column}_code"], names)
    frame["elapsed"] |= (frame["rule"] == _BY_URGENCY) & frame["urgency"].isin(_URGENT)
    for column, source in {
        "deadline": "deadline_at",
        "observed": "observed_at",
        "anchored": "anchored_at",
        "first_seen": "first_seen_at",
    }.items():
        frame[column] = local_time(raw[source])
    # 24:00 belongs to the day that it ends: a clerk must not read the next day's 00:00 as a day more.
    midnight = frame["deadline"].notna() & (frame["deadline"] == frame["deadline"].dt.normalize())
    frame["deadline"] = frame["deadline"].where(~midnight, frame["deadline"] - pd.Timedelta(minutes=1))
    frame["delay_minutes"] = pd.to_numeric(raw["delay_minutes"], errors="coerce").astype("float64")
    frame["delay_hours"] = (frame["delay_minutes"] / 60).round(1)
    frame["delay_text"] = _delays(frame)
    frame["why"] = reasons.explain(raw, frame, words)
    frame["basis"] = _cited(raw["basis"])
    frame["is_open"] = frame["state"].isin(labels.OPEN_STATES)
    frame["is_carried"] = raw["is_carried"].astype(bool) if "is_carried" in raw.columns else False
    frame["state_text"] = _states(raw, words["states"])
    frame["url"] = _urls(raw, agencies)
    frame["_unmarked"] = frame["topic"] == ""
    frame["_late"] = -frame["delay_minutes"].fillna(0.0)
    order = frame.sort_values(
        ["severity_rank", "_unmarked", "_late", "deadline", "finding_id"], kind="stable", na_position="last"
    )
    return order.drop(columns=["_unmarked", "_late"]).reset_index(drop=True)


def document_names(raw: pd.DataFrame) -> pd.Series:
    """`05/QĐ-UBND`: number (below ten with a zero, NĐ 30/2020 PL I) and notation; what is missing is left out."""
    numbers = _cleaned(raw["number"], 40)
    numbers = numbers.where(~numbers.str.fullmatch(r"\d"), "0" + numbers)
    notations = _cleaned(raw["notation"], 60)
    both = (numbers != "") & (notations != "")
    return (numbers + np.where(both, "/", "") + notations).astype(object)


def local_time(instants: pd.Series) -> pd.Series:
    """Aware instants (or ISO text) as Hanoi wall time without a zone, the form that Excel knows; missing = NaT."""
    aware = pd.to_datetime(
        instants, utc=True, format=None if pd.api.types.is_datetime64_any_dtype(instants) else "ISO8601"
    )
    return aware.dt.tz_convert(text.HANOI).dt.tz_localize(None).dt.as_unit("s")


def _local_day(days: pd.Series) -> pd.Series:
    # T4 names a year where other rules name a day; no day is printed for it.
    return pd.to_datetime(
        days.astype("str").where(days.notna()), format="%Y-%m-%d", errors="coerce", exact=False
    ).dt.as_unit("s")


def _cleaned(values: pd.Series, limit: int) -> pd.Series:
    """`text.clean` over the distinct values."""
    distinct = {value: text.clean(value, limit) for value in values.dropna().unique()}
    return values.map(distinct).astype(object).where(values.notna(), "")


def _mapped(codes: pd.Series, names: Mapping[str, str]) -> pd.Series:
    distinct = {code: names.get(code) or text.clean(code, 60) for code in codes.unique()}
    return codes.map(distinct).astype(object)


def _cited(basis: pd.Series) -> pd.Series:
    given = [tuple(each) if isinstance(each, list | tuple | np.ndarray) else (text.clean(each),) for each in basis]
    made = {each: citations.for_clerks(each) for each in set(given)}
    return pd.Series([made[each] for each in given], index=basis.index, dtype=object)


def _delays(frame: pd.DataFrame) -> pd.Series:
    minutes = frame["delay_minutes"]
    made = {
        (value, elapsed): text.elapsed_delay(value) if elapsed else text.working_delay(value)
        for value, elapsed in set(zip(minutes.dropna(), frame["elapsed"][minutes.notna()], strict=True))
        if value > 0
    }
    return pd.Series(
        [made.get(key, "") for key in zip(minutes, frame["elapsed"], strict=True)], index=frame.index, dtype=object
    )


def _states(raw: pd.DataFrame, words: Mapping[str, str]) -> pd.Series:
    states = raw["state"].map(words).astype(object)
    if "waived_until" not in raw.columns:
        return states
    until = pd.to_datetime(raw["waived_until"].astype("str").where(raw["waived_until"].notna()), errors="coerce")
    dated = (raw["state"] == "waived") & until.notna()
    return states.where(~dated, words["waived"] + " đến ngày " + until.dt.strftime("%d/%m/%Y"))


def _urls(raw: pd.DataFrame, agencies: Mapping[str, AgencyInfo]) -> pd.Series:
    """The document in the agency's own system, from its URL pattern; every inserted value is percent-encoded."""
    patterns = raw["agency"].map(
        {agency.code: agency.document_url for agency in agencies.values() if agency.document_url}
    )
    urls = pd.Series("", index=raw.index, dtype=object)
    uids = raw["document_uid"] if "document_uid" in raw.columns else pd.Series(None, index=raw.index, dtype=object)
    wanted = patterns.notna()
    for row in raw.index[wanted]:
        values = {"document_uid": uids[row], "number": raw.at[row, "number"], "notation": raw.at[row, "notation"]}
        needed = {name for name in values if f"{{{name}}}" in patterns[row]}
        if all(isinstance(values[name], str) and values[name] for name in needed):
            urls[row] = patterns[row].format(**{name: quote(values[name], safe="") for name in needed})
    return urls
