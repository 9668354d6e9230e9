"""Judgements, history and settings → what one edition of a report is made of (`reports.inputs`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from audit.law import Citation, LawBook
from audit.ledger import judgements, notes
from audit.ledger.notes import FindingNote
from audit.measures.index import weights
from audit.period import LOCAL_ZONE, Period, edition_of
from audit.pipeline.declaring import declared_infos
from audit.pipeline.following import followed, taken_over
from audit.pipeline.gathering import coverage_of, within
from audit.pipeline.judging import Told, judged
from audit.pipeline.reading import secrets_known, still_owed, with_resolved
from audit.pipeline.workspace import Workspace
from audit.rule import Severity
from audit.rules import CATALOGUE, RULES
from audit.settings import Agency, Settings
from audit.working_time import WorkingCalendar, day_number
from reports.inputs import AgencyInfo, Deadlines, Ground, Issuer, ReportInputs, RuleInfo, TopicInfo
from reports.parts.citations import is_policy
from reports.parts.trend import BREACHES

HISTORY_PERIODS: Final = 12
"""Periods in the trends, the reported one among them."""
REGULAR_WORKING_DAYS: Final = 5
"""Working days that agencies get for what is not urgent; urgent is: by the end of the next working day's morning."""
OPEN_STATES: Final = ("new", "open", "reopened")
_LIMITS: Final = {
    "reports_forwarding": ("có hệ thống không ghi việc chuyển xử lý", ("N4",)),
    "reports_completion": ("có hệ thống không ghi việc hoàn thành", ("N5", "N6", "N7")),
    "reports_signatures": (
        "có hệ thống không ghi chữ ký số",
        ("Q3", "K1", "K2", "K3", "K4", "K5", "K6", "K7", "D2"),
    ),
    "register_whole": ("có sổ văn bản đi không gồm văn bản giấy", ("T4",)),
}
"""Flags of the registry, and what is not told, with the rules that it leaves untested, where they are not set."""
_NO_NOTATIONS: Final = ("chưa đăng ký danh mục ký hiệu", ("Q4",))
_NO_SIGNERS: Final = ("chưa cung cấp danh sách người ký", ("Q2",))


@dataclass(frozen=True, slots=True)
class Past:
    """The periods before the reported one, oldest first, with the indicators that were kept of them."""

    periods: tuple[Period, ...]
    indicators: tuple[pd.DataFrame, ...]


def period_before(period: Period) -> Period:
    """The week, month or quarter just before, as it looked at its own end."""
    edition = edition_of(period)
    if edition in ("monthly", "quarterly"):
        months = 1 if edition == "monthly" else 3
        place = period.start.year * 12 + period.start.month - 1 - months
        return Period(date(place // 12, place % 12 + 1, 1), period.start, period.start)
    return period.before()


def periods_before(period: Period, number: int) -> list[Period]:
    """The `number` periods before, oldest first."""
    found: list[Period] = []
    for _ in range(number):
        found.append(period_before(found[-1] if found else period))
    return found[::-1]


def findings_told(workspace: Workspace, told: Told, period: Period) -> pd.DataFrame:
    """All findings that a report of the period tells: its own, those still owed from before, those resolved in it.

    Adds `waived_until` (date; None = not waived), `is_carried` (still owed from before the period) and `note` (what the
    agency last wrote about it).
    """
    owed = still_owed(workspace, period)
    owed = owed[~owed["finding_id"].isin(told.findings["finding_id"])]
    parts = [part for part in (told.findings, owed) if len(part)]
    findings = pd.concat(parts, ignore_index=True) if parts else told.findings
    carried = set(owed["finding_id"])
    findings = with_resolved(workspace, findings, period).drop_duplicates("finding_id", ignore_index=True)
    until = [
        _waived_until(detail) if state == "waived" else None
        for detail, state in zip(findings["detail"], findings["state"], strict=True)
    ]
    with workspace.ledger.begin() as connection:
        noted = notes.latest_notes(connection, list(findings["finding_id"]))
    return findings.assign(
        note=pd.Series([note_text(noted.get(each)) for each in findings["finding_id"]], findings.index, dtype=object),
        waived_until=pd.Series(until, index=findings.index, dtype=object),
        is_carried=findings["finding_id"].isin(carried),
    )


def note_text(note: FindingNote | None) -> str:
    """What an agency last wrote about a finding, as the next workbook shows it: `Đang xử lý: đã gọi điện`."""
    return ": ".join(part for part in (note.state, note.note) if part) if note else ""


def history_counts(findings: pd.DataFrame, agencies: Sequence[str]) -> pd.DataFrame:
    """Indicators that only the history knows: findings_new, findings_resolved, findings_open, per agency and province.

    Args:
        findings: as `findings_told` gives them.
        agencies: codes of the agencies that have rows, findings or not.
    """
    state = findings["state"]
    masks = {
        "findings_new": state == "new",
        "findings_resolved": state == "resolved",
        "findings_open": state.isin(OPEN_STATES),
    }
    rows = []
    for indicator, mask in masks.items():
        counts = findings.loc[mask, "agency"].value_counts()
        rows.append({"agency": "", "indicator": indicator, "value": float(counts.sum())})
        rows += [{"agency": code, "indicator": indicator, "value": float(counts.get(code, 0))} for code in agencies]
    return pd.DataFrame(rows).assign(numerator=np.nan, denominator=np.nan)


def indicators_of(workspace: Workspace, told: Told, findings: pd.DataFrame) -> pd.DataFrame:
    """The indicators of a judgement with those of its history."""
    counts = history_counts(findings, _codes(workspace, told))
    return pd.concat([told.judgement.indicators, counts], ignore_index=True)


def past_of(workspace: Workspace, period: Period) -> Past:
    """The periods before that were judged, at most 11, and what was kept of them; successors with those before them."""
    periods, frames = [], []
    follows = workspace.settings.audit.report.trends_follow_successors
    groups = taken_over(workspace.registry, period.last_day) if follows else {}
    weight = weights(CATALOGUE, workspace.settings.policy)
    with workspace.ledger.begin() as connection:
        for each in periods_before(period, HISTORY_PERIODS - 1):
            kept = judgements.indicators_of(connection, each)
            if kept is not None:
                periods.append(each)
                counted = judgements.measures_of(connection, each)
                told = followed(kept, counted, groups, weight) if groups else kept
                frames.append(told if counted is None else pd.concat([told, _breaches(counted)], ignore_index=True))
    return Past(tuple(periods), tuple(frames))


def report_inputs(workspace: Workspace, told: Told, period: Period, days_late: int = 0) -> ReportInputs:
    """Everything that an edition of the period is made of.

    Args:
        workspace: where its judgement is.
        told: the judgement.
        period: what is reported.
        days_late: by how many days the report comes after the day on which it was due.

    Raises:
        ValueError: no edition reports such a period.
    """
    edition = edition_of(period)
    if edition is None:
        raise ValueError("reports are of a week from Monday, a month or a quarter")
    settings = workspace.settings
    findings = findings_told(workspace, told, period)
    indicators = indicators_of(workspace, told, findings)
    before = period_before(period)
    past = past_of(workspace, period)
    previous = Told(judged(workspace, before), told.findings.iloc[:0]) if before in past.periods else None
    nothing = told.judgement.outcomes.iloc[:0]
    return ReportInputs(
        edition=edition,
        start=period.start,
        end=period.end,
        as_of=period.as_of,
        findings=findings,
        outcomes=told.judgement.outcomes,
        previous_outcomes=nothing if previous is None else previous.judgement.outcomes,
        indicators=indicators,
        previous_indicators=past.indicators[-1] if previous is not None else indicators.iloc[:0],
        history=_history([*zip(past.periods, past.indicators, strict=True), (period, indicators)]),
        coverage=within(coverage_of(workspace, period), period),
        outages=told.judgement.systems,
        rules=rule_infos(settings, period.last_day),
        agencies=agency_infos(workspace, _codes(workspace, told)),
        issuer=_issuer(settings),
        topics=tuple(
            TopicInfo(topic.id, topic.name) for topic in settings.topics if topic.in_force_on(period.last_day)
        ),
        targets=_targets(settings),
        deadlines=deadlines(workspace.calendar, period.as_of),
        notes={**told.judgement.notes, "days_late": days_late},
        labels=settings.labels.model_dump(mode="json"),
        declared=declared_infos(workspace, indicators, period),
        secrets=secrets_known(workspace),
    )


def rule_infos(settings: Settings, day: date) -> tuple[RuleInfo, ...]:
    """The catalogue in the readers' words, with the citations in force on a day."""
    book = LawBook(settings.law, settings.policy)
    made = []
    for rule in CATALOGUE:
        words, citations = settings.labels.rules[rule.id], book.citations(rule.id, day)
        severity = settings.policy.rule(rule.id).severity or rule.severity.text
        made.append(
            RuleInfo(
                code=rule.code,
                id=rule.id,
                title=words.title,
                remedy=words.remedy,
                severity=severity,
                weight=Severity[severity.upper()].weight,
                basis=tuple(citation.text for citation in citations),
                kind=ground_of(citations),
                elapsed=rule.elapsed,
            )
        )
    return tuple(made)


def ground_of(citations: Sequence[Citation]) -> Ground:
    """On what a rule rests. An instruction of the province that repeats the law makes no policy of it."""
    if not any(citation.basis == "law" for citation in citations):
        return "policy"
    return "mixed" if any(is_policy(citation.text) for citation in citations) else "law"


def deadlines(calendar: WorkingCalendar, made_on: date) -> Deadlines:
    """By when agencies are asked to have acted, local wall time, reckoned from the day on which the report is made."""
    today = np.array([day_number(made_on)], dtype=np.int32)
    later = calendar.working_day_after(np.repeat(today, REGULAR_WORKING_DAYS), np.arange(1, REGULAR_WORKING_DAYS + 1))
    days = np.concatenate([today[calendar.is_working_day(today)], later])
    soon = calendar.end_of_morning(calendar.next_working_day(today))
    urgent_at, *closings = (
        pd.Timestamp(at, unit="us", tz=LOCAL_ZONE).tz_localize(None).to_pydatetime()
        for at in [*soon.tolist(), *calendar.end_of_afternoon(days).tolist()]
    )
    return Deadlines(urgent_at, closings[-1], tuple(closings))


def _codes(workspace: Workspace, told: Told) -> list[str]:
    """The agencies in scope, in the registry's order."""
    found = set(told.judgement.outcomes["agency"])
    return [code for code in workspace.registry.codes if code in found]


def agency_infos(workspace: Workspace, codes: Sequence[str]) -> tuple[AgencyInfo, ...]:
    """The agencies in the readers' words."""
    with_signers = {signer.agency for signer in workspace.settings.signers}
    return tuple(_agency_info(workspace.registry.agency(code), with_signers) for code in codes)


def _agency_info(agency: Agency, with_signers: Collection[str]) -> AgencyInfo:
    limits = [told for flag, told in _LIMITS.items() if not getattr(agency, flag)]
    limits += [_NO_NOTATIONS] * (not agency.notations) + [_NO_SIGNERS] * (agency.code not in with_signers)
    untold = {RULES[identity].code for identity in agency.untold_rules}
    return AgencyInfo(
        code=agency.code,
        name=agency.name,
        kind=agency.kind,
        pulled=agency.is_pulled,
        limits=tuple(limits),
        untested=frozenset(untold.union(*(codes for _, codes in limits))),
        document_url=agency.document_url,
    )


def _issuer(settings: Settings) -> Issuer:
    report = settings.audit.report
    given = {
        "addressees": report.addressees,
        "copies": tuple(line for line in report.copies if not line.startswith("Lưu")),
        "own_units": report.own_units,
        "mandate": report.mandate.rstrip(" ,."),
    }
    return Issuer(
        superior=report.superior or settings.province.name,
        name=report.issuer,
        notation=report.notation.removeprefix("BC-"),
        place=settings.province.place,
        unit=report.drafting_unit,
        **{key: value for key, value in given.items() if value},  # type: ignore[arg-type]
    )


def _targets(settings: Settings) -> dict[str, float]:
    """The shares that policy wants of the province as a whole."""
    targets = settings.policy.targets
    wanted = {"electronic_share": targets.sent_electronically, "signed_both_share": targets.signed_by_both}
    found = {indicator: shares.get("people_committee_province") for indicator, shares in wanted.items()}
    return {indicator: share for indicator, share in found.items() if share is not None}


def _history(frames: Sequence[tuple[Period, pd.DataFrame]]) -> pd.DataFrame:
    columns = ["agency", "indicator", "value"]
    return pd.concat([frame[columns].assign(period_start=period.start) for period, frame in frames], ignore_index=True)


def _breaches(counted: pd.DataFrame) -> pd.DataFrame:
    """The breaches of a period as one more indicator, for the trend: of each agency and the province."""
    sums = counted.groupby("agency")["breaches"].sum().astype("float64")
    rows = pd.concat([pd.Series({"": sums.sum()}), sums])
    return pd.DataFrame({"agency": rows.index, "indicator": BREACHES, "value": rows.to_numpy()}).assign(
        numerator=np.nan, denominator=np.nan
    )


def _waived_until(detail: object) -> date | None:
    waiver = detail.get("waiver") if isinstance(detail, dict) else None
    return date.fromisoformat(waiver["valid_to"]) if waiver else None
