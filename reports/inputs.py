"""What a report is made of: frozen values and frames, nothing that looks at a clock, a file or a ledger.

The judge, the measures and the ledger fill it; `view.build_view` reads it. Frames are those of docs/architecture.md.
Columns that a producer may leave out are named optional; everything else missing is an error of the caller and raises
`KeyError`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

import pandas as pd

Edition = Literal["weekly", "monthly", "quarterly"]
Ground = Literal["law", "mixed", "policy"]


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """A rule as readers see it.

    Attributes:
        code: `G1`; its letter is the rule group.
        id: `failed_send`.
        title: Vietnamese name of the breach.
        remedy: what to do, one imperative sentence.
        severity: base severity: critical, high, medium, low.
        weight: in the compliance index: 8, 4, 2, 1.
        basis: citations as printed, those in force at the end of the period.
        kind: `law`; `mixed` where the duty is law and the province sets the threshold or how it is compared; `policy`
            where the province alone demands it. Printed as such.
        elapsed: delays are minutes by the clock, not working minutes.
    """

    code: str
    id: str
    title: str
    remedy: str
    severity: str
    weight: int
    basis: tuple[str, ...]
    kind: Ground = "law"
    elapsed: bool = False

    @property
    def group(self) -> str:
        """The letter of the rule group."""
        return self.code[0]


@dataclass(frozen=True, slots=True)
class AgencyInfo:
    """An agency in scope: canonical code, Vietnamese name, kind.

    `limits` say what its system or registers do not tell, as the predicate of a sentence about it ("chưa cung cấp danh
    sách người ký"), with the codes of the rules that this leaves untested; `untested` are all of those, with what the
    kind of its source cannot tell.
    `document_url` is a pattern with `{document_uid}`, `{number}`, `{notation}`; empty where the agency's system has
    none.
    """

    code: str
    name: str
    kind: str
    pulled: bool = True
    limits: tuple[tuple[str, tuple[str, ...]], ...] = ()
    untested: frozenset[str] = frozenset()
    document_url: str = ""


@dataclass(frozen=True, slots=True)
class DeclaredInfo:
    """What the hub declares of an agency in the period, beside what the logs count; None: not told."""

    agency: str
    sent: int | None = None
    received: int | None = None
    signed: int | None = None
    not_signed: int | None = None
    own_sent: int | None = None
    own_received: int | None = None

    @property
    def is_contradicted(self) -> bool:
        """Whether the logs count another number of what both tell."""
        sides = ((self.sent, self.own_sent), (self.received, self.own_received))
        return any(None not in side and side[0] != side[1] for side in sides)


@dataclass(frozen=True, slots=True)
class TopicInfo:
    """A priority topic: its id in findings and its name in prose (`phòng, chống dịch COVID-19`)."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues the report and to whom, as the header and the signature block print it (NĐ 30/2020, Mẫu 1.4).

    Attributes:
        superior: the agency above, upper case by the layout.
        name: the issuing agency.
        notation: abbreviation in `Số: /BC-…`.
        unit: drafting unit in `Lưu: VT, …`; empty: only VT.
        place: place name before the date.
        position: lines of authority and position over the signature; the name stays blank.
        addressees: after `Kính gửi:`.
        copies: lines of `Nơi nhận:` before `Lưu`.
        mandate: the opening sentence up to the comma before the facts.
        area: "trên địa bàn …" in the subject of the report.
        own_units: whom the notice about the issuing agency itself is for, as it stands inside a sentence.
    """

    superior: str
    name: str
    notation: str
    place: str
    unit: str = ""
    position: tuple[str, ...] = ("GIÁM ĐỐC",)
    addressees: tuple[str, ...] = ("Chủ tịch, các Phó Chủ tịch UBND tỉnh",)
    copies: tuple[str, ...] = ("Như trên", "Các sở, ban, ngành; UBND các huyện, thành phố (t/h)")
    mandate: str = (
        "Thực hiện Công văn số 814/UBND-VXNV ngày 04 tháng 02 năm 2021 của UBND tỉnh về việc tăng cường gửi, nhận "
        "văn bản điện tử giữa các cơ quan hành chính nhà nước nhằm phòng, chống dịch COVID-19"
    )
    area: str = "tỉnh"
    own_units: str = "các phòng, đơn vị trực thuộc"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When agencies are asked to have acted, local wall time: `urgent_at` for critical and high findings,
    `regular_at` for the rest; `closings`, the ends of the working days from that of the report up to `regular_at`, for
    what must be done before a moment of its own.
    """

    urgent_at: datetime
    regular_at: datetime
    closings: tuple[datetime, ...] = ()

    def before(self, end: datetime) -> datetime:
        """The last working day's end up to then; the nearer deadline where there is none any more."""
        return max((each for each in self.closings if each <= end), default=self.urgent_at)


@dataclass(frozen=True, slots=True)
class ReportInputs:
    """Everything one edition is made of.

    Attributes:
        edition: weekly, monthly or quarterly.
        start: first local day of the period.
        end: the day after its last.
        as_of: first local day that was **not** seen.
        findings: as docs/architecture.md "Findings", also those still open from before, those resolved in the period
            and waived ones; optional `waived_until` (date), `document_uid`, `note` (what the agency last wrote) and
            `is_carried` (still open from before the period: in the worklists, not in the period's figures). One row a
            finding.
        outcomes: rule × agency of this period. Optional column `reason`: a Vietnamese phrase for NOT_TESTED.
        previous_outcomes: the same of the period before; empty where there is none.
        indicators: agency, indicator, value, numerator, denominator; `""` = the province. Ids: `reports.indicators`.
        previous_indicators: of the period before.
        history: period_start (date), agency, indicator, value, for up to 12 periods including this one, oldest first.
        coverage: agency, day, table, state, failed_at, reason.
        outages: one row an agency with probes: agency, probes, failed, availability (share of working time), outages,
            outage_minutes (working), longest_minutes (working), last_failure_at, certificate_ends_at.
        rules: the catalogue, in its order.
        agencies: those in scope, in the registry's order.
        issuer: header, signature block, addressees.
        topics: priority topics in force.
        targets: indicator id → value wanted, as policy sets it; absent: what letter 814 demands
            (`indicators.DEMANDED`), else no target is printed and no verdict given.
        deadlines: when agencies are asked to have acted.
        notes: counts that the judge kept: unknown_urgency, contradictions, rejects, log_signatures …; and
            days_late, by how many days the report came after the day on which it was due.
        labels: the sections of `config/labels.vi.toml` (`reports.labels`).
        declared: what the hub's statistics declare of the period, an agency each.
        secrets: keys (`secrecy.Key`) of secret documents known from any period, beside those that `findings` tell.
    """

    edition: Edition
    start: date
    end: date
    as_of: date
    findings: pd.DataFrame
    outcomes: pd.DataFrame
    previous_outcomes: pd.DataFrame
    indicators: pd.DataFrame
    previous_indicators: pd.DataFrame
    history: pd.DataFrame
    coverage: pd.DataFrame
    outages: pd.DataFrame
    rules: tuple[RuleInfo, ...]
    agencies: tuple[AgencyInfo, ...]
    issuer: Issuer
    deadlines: Deadlines
    topics: tuple[TopicInfo, ...] = ()
    targets: Mapping[str, float] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    declared: tuple[DeclaredInfo, ...] = ()
    secrets: frozenset[tuple[str, str, str, str]] = frozenset()
