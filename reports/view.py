"""Findings and measures → `ReportView`: every number and every finished string of an edition, made once.

PDF, workbook, HTML and mail only lay the view out, so their figures cannot differ. Building is pure: no clock, no
file, no ledger; the same inputs give an equal view.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from reports import text
from reports.indicators import INDICATORS
from reports.inputs import AgencyInfo, Edition, Issuer, ReportInputs
from reports.parts import citations
from reports.parts.addressing import Addressing, addressing
from reports.parts.balance import balance
from reports.parts.calls import CHOICE, Call, calls
from reports.parts.gaps import OF_OTHERS_LOGS, Gaps, apart_note, gaps
from reports.parts.groups import GroupRow, groups
from reports.parts.headlines import Headline, headline, headlines
from reports.parts.heatmap import Heatmap, heatmap
from reports.parts.ranking import NOTE, Ranked, ranking, shared_note, standing
from reports.parts.rule_list import RuleRow, rule_list
from reports.parts.systems import Systems, systems
from reports.parts.tasks import Task, TaskSums, past_note, past_told, task_sums, tasks
from reports.parts.topics import TopicState, raised_note, topics
from reports.parts.trend import Series, trend
from reports.period import Period
from reports.reading import PROVINCE, Reading, read
from reports.sentences import proposals, sentences, verdict


class _Edition:
    """What an edition says of itself and of its findings, whoever it is for."""

    about: str
    period: Period
    findings: pd.DataFrame

    @property
    def subject(self) -> str:
        """The trích yếu: what it is about, and the period."""
        return f"{self.about}, {self.period.full}"

    @property
    def open_findings(self) -> pd.DataFrame:
        """The worklist: not resolved, not waived, worst first."""
        return self.findings[self.findings["is_open"]]

    @property
    def work(self) -> pd.DataFrame:
        """What of the worklist is to be mended."""
        return self.findings[self.findings["is_open"] & self.findings["is_curable"]]

    @property
    def past(self) -> pd.DataFrame:
        """What of the worklist has happened and nothing can mend."""
        return self.findings[self.findings["is_open"] & ~self.findings["is_curable"]]


@dataclass(frozen=True)
class AgencyView(_Edition):
    """One agency's edition: nothing here comes from another agency's data, except the names of its counterparts.

    Attributes:
        agency: code, name, limits of its log.
        issuer, period, about, made_at: as in `ReportView`.
        findings: its findings of the period and those still open, columns of `readable.readable_findings`.
        apart_note: what `rules` and `groups` hold where it gives no log; `""` where it does.
        addressing: to whom it speaks, and how.
        raised_note: why findings are graver than their rules; `""` where none is.
        place: its row of the ranking; `standing` says it in a sentence.
        task: what it must do; None when nothing is open.
        due: deadlines in words, for critical and high findings and for the rest.
    """

    agency: AgencyInfo
    issuer: Issuer
    period: Period
    about: str
    made_at: datetime
    labels: Mapping[str, Mapping[str, str]]
    verdict: str
    headlines: tuple[Headline, ...]
    indicators: tuple[Headline, ...]
    sentences: tuple[str, ...]
    topics: tuple[TopicState, ...]
    raised_note: str
    trend: tuple[Series, ...]
    balance: tuple[str, ...]
    gaps: Gaps
    rules: tuple[RuleRow, ...]
    groups: tuple[GroupRow, ...]
    apart_note: str
    addressing: Addressing
    place: Ranked
    standing: str
    task: Task | None
    due: tuple[str, str]
    findings: pd.DataFrame

    @property
    def book_name(self) -> str:
        """The name of the workbook that goes with its notice."""
        return f"{self.agency.code}-{self.period.slug}.xlsx"

    @property
    def past_told(self) -> str:
        """How many that are, and how many of them a setting caused."""
        return past_told(self.past)


@dataclass(frozen=True)
class ReportView(_Edition):
    """The province's edition.

    Attributes:
        edition: weekly, monthly, quarterly.
        issuer: header and signature block.
        period: the period in words.
        about: the trích yếu without the period.
        lead: the opening sentence before the results.
        made_at: the instant the data speaks for (end of the last day seen), local wall time; also the files' creation
            time.
        as_of_text: `hết ngày 07/02/2021`.
        verdict: are we on track, in one line.
        headlines: the six figures.
        indicators: all indicators, in the catalogue's order.
        sentences: three to five.
        raised_note: why findings are graver than their rules; `""` where none is.
        ranking_note: what stands below the ranking.
        proposals: what is to be decided; `""` when nothing is.
        due: deadlines in words, for critical and high findings and for the rest.
        choice: by what `calls` are chosen.
        past_note: how many open findings nothing can mend, and what is asked of them; `""` where there are none.
        apart_note: what `rules` and `groups` count of agencies that give no log; `""` where all do.
        instruments: (short, full name) of what the rules cite.
        findings: all findings, worst first, columns of `readable.readable_findings`.
        agencies: code → that agency's edition, made when it is asked for.
    """

    edition: Edition
    issuer: Issuer
    period: Period
    about: str
    lead: str
    made_at: datetime
    as_of_text: str
    labels: Mapping[str, Mapping[str, str]]
    verdict: str
    headlines: tuple[Headline, ...]
    indicators: tuple[Headline, ...]
    sentences: tuple[str, ...]
    proposals: str
    calls: tuple[Call, ...]
    topics: tuple[TopicState, ...]
    raised_note: str
    trend: tuple[Series, ...]
    balance: tuple[str, ...]
    heatmap: Heatmap
    ranking: tuple[Ranked, ...]
    ranking_note: str
    systems: Systems
    gaps: Gaps
    tasks: tuple[Task, ...]
    task_sums: TaskSums
    due: tuple[str, str]
    choice: str
    past_note: str
    rules: tuple[RuleRow, ...]
    groups: tuple[GroupRow, ...]
    apart_note: str
    instruments: tuple[tuple[str, str], ...]
    findings: pd.DataFrame
    agencies: Mapping[str, AgencyView]


def build_view(inputs: ReportInputs) -> ReportView:
    """The view of an edition. Raises `KeyError` where the inputs are not what `ReportInputs` says."""
    reading = read(inputs)
    whom, places, rules = calls(reading), ranking(reading), rule_list(reading)
    figures, duties = headlines(reading), tasks(reading, [call.agency for call in whom])
    return ReportView(
        edition=inputs.edition,
        issuer=inputs.issuer,
        period=reading.period,
        about=f"Tình hình gửi, nhận văn bản điện tử giữa các cơ quan trên địa bàn {inputs.issuer.area}",
        lead=(f"{inputs.issuer.mandate}, kết quả kiểm tra nhật ký {_connected(inputs)} như sau:"),
        made_at=_made_at(inputs),
        as_of_text=f"hết ngày {text.day(inputs.as_of - timedelta(days=1))}",
        labels=reading.labels,
        verdict=verdict(figures, reading.period.before),
        headlines=figures,
        indicators=_indicators(reading),
        sentences=sentences(reading),
        proposals=proposals(whom, reading),
        calls=whom,
        topics=topics(reading),
        raised_note=raised_note(reading),
        trend=trend(reading),
        balance=balance(reading),
        heatmap=heatmap(reading),
        ranking=places,
        ranking_note=" ".join(each for each in (shared_note(places, reading.period.before), NOTE) if each),
        systems=systems(reading),
        gaps=gaps(reading),
        tasks=duties,
        task_sums=task_sums(duties),
        due=_due(inputs),
        choice=CHOICE,
        past_note=past_note(reading),
        rules=rules,
        groups=groups(rules),
        apart_note=apart_note(reading),
        instruments=citations.key(each for rule in inputs.rules for each in rule.basis),
        findings=reading.findings,
        agencies=AgencyViews(reading, places),
    )


def _connected(inputs: ReportInputs) -> str:
    """`34 cơ quan`; `33/34 cơ quan` where one does not give its log."""
    everyone = f"{text.count(len(inputs.agencies))} cơ quan"
    apart = sum(not agency.pulled for agency in inputs.agencies)
    return f"{text.count(len(inputs.agencies) - apart)}/{everyone}" if apart else everyone


def _indicators(reading: Reading, agency: str = PROVINCE) -> tuple[Headline, ...]:
    return tuple(headline(reading, indicator, agency) for indicator in INDICATORS if not indicator.startswith("rank"))


def _due(inputs: ReportInputs) -> tuple[str, str]:
    return text.moment(inputs.deadlines.urgent_at), text.moment(inputs.deadlines.regular_at)


def _made_at(inputs: ReportInputs) -> datetime:
    return datetime.combine(inputs.as_of, datetime.min.time())


class AgencyViews(Mapping[str, AgencyView]):
    """The agencies' editions by code, in the order of the ranking; each is made when first asked for.

    Who writes them in several processes asks in each for its own: making all takes four times as long as the
    province's edition.
    """

    def __init__(self, reading: Reading, places: tuple[Ranked, ...]) -> None:
        self._places = {place.agency: place for place in places}
        self._ranked = sum(place.rank.known for place in places)
        self._own = reading.split()
        self._made: dict[str, AgencyView] = {}

    def __getitem__(self, code: str) -> AgencyView:
        if code not in self._made:
            self._made[code] = _agency_view(self._own[code], self._places[code], self._ranked)
        return self._made[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _agency_view(reading: Reading, place: Ranked, ranked: int) -> AgencyView:
    code, inputs = place.agency, reading.inputs
    figures, duties, rules = headlines(reading, code), tasks(reading), rule_list(reading, code)
    return AgencyView(
        agency=reading.agencies[code],
        issuer=inputs.issuer,
        period=reading.period,
        about=f"Tình hình gửi, nhận văn bản điện tử của {reading.name(code)}",
        made_at=_made_at(inputs),
        labels=reading.labels,
        verdict=verdict(figures, reading.period.before),
        headlines=figures,
        indicators=_indicators(reading, code),
        sentences=sentences(reading, code),
        topics=topics(reading),
        raised_note=raised_note(reading),
        trend=trend(reading, code),
        balance=balance(reading, code),
        gaps=gaps(reading, code),
        rules=rules,
        groups=groups(rules),
        apart_note="" if reading.gives_log else OF_OTHERS_LOGS,
        addressing=addressing(inputs.issuer, reading.agencies[code]),
        place=place,
        standing=standing(place, ranked),
        task=duties[0] if duties else None,
        due=_due(inputs),
        findings=reading.findings,
    )
