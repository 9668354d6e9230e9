"""What could not be checked, and why: days without a log, rules without the facts they need, and counts that the
judge kept.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from reports import failures, figure, text
from reports.figure import Figure
from reports.inputs import AgencyInfo
from reports.parts.declared import declared_notes
from reports.parts.trend import as_date
from reports.reading import Reading


@dataclass(frozen=True, slots=True)
class DayGap:
    """Days of one agency on which its log is missing or partial, told as ranges (`03/02; 05–06/02/2021`)."""

    agency: str
    name: str
    state: str
    state_text: str
    days: tuple[date, ...]
    days_text: str
    tables_text: str
    reason: str

    @property
    def told(self) -> str:
        """`03/02/2021, toàn bộ nhật ký (chưa có dữ liệu): không kết nối được hệ thống của đơn vị.`"""
        tables, state, reason = map(text.within, (self.tables_text, self.state_text, self.reason))
        return f"{self.days_text}, {tables} ({state}): {reason}."


@dataclass(frozen=True, slots=True)
class RuleGap:
    """Rules that left members undecided at the same agencies for the same reason; `rules_text` names one, or counts
    and lists the codes.
    """

    rules: tuple[str, ...]
    rules_text: str
    agencies: tuple[str, ...]
    agencies_text: str
    not_decided: Figure
    reason: str


@dataclass(frozen=True, slots=True)
class Untold:
    """What one agency's system or registers do not tell, and the rules that this leaves unchecked (`Q2, K1–K7`)."""

    agency: str
    name: str
    state_text: str
    told: str
    rules: tuple[str, ...]
    rules_text: str


@dataclass(frozen=True, slots=True)
class Gaps:
    """All gaps.

    Attributes:
        days, rules: without a log; that could not be decided.
        untold: one an agency, in the Vietnamese order of names.
        notes: sentences on counts such as unknown urgency.
        limit_notes: what `untold` says, in sentences that name a few agencies.
        summary: one sentence on coverage.
        without_log: it is of one agency, which gives no log.
    """

    days: tuple[DayGap, ...]
    rules: tuple[RuleGap, ...]
    untold: tuple[Untold, ...]
    notes: tuple[str, ...]
    limit_notes: tuple[str, ...]
    summary: str
    without_log: bool


_NAMED_MOST = 3
"""Agencies named in a sentence; the workbook names all."""
MISSING_LOG = "missing_log"
SHEET = "Dữ liệu chưa có"
NOT_CONNECTED = "chưa kết nối để cung cấp nhật ký"
OF_OTHERS_LOGS = f"Chưa có dữ liệu: cơ quan {NOT_CONNECTED}; chỉ ghi vi phạm mà nhật ký của cơ quan khác cho biết."
"""What the tables by rule of an agency that gives no log hold."""
_HAS = "có "
"""How `có hệ thống không ghi …`, said of an agency, begins; in a table of what is lacking that says the contrary."""
_OF_SOURCE = "có nguồn nhật ký không ghi đủ thông tin"
_NOTES = {
    "unknown_urgency": "{n} văn bản không rõ mức độ khẩn, được kiểm tra như văn bản thường.",
    "contradictions": "{n} trường hợp nhật ký của nơi gửi và nơi nhận mâu thuẫn nhau.",
    "source_contradictions": "{n} giá trị hai nguồn nhật ký của một đơn vị ghi khác nhau; lấy theo nguồn cụ thể hơn.",
    "rejects": "{n} dòng nhật ký không đọc được, không đưa vào kiểm tra.",
    "log_signatures": "{n} chữ ký số được ghi theo kết quả kiểm tra của hệ thống đơn vị, chưa kiểm tra lại trên tệp.",
    "untrusted_chains": "{n} chữ ký số mang tên tổ chức chứng thực được chấp nhận, "
    "nhưng chuỗi chứng thư không dẫn tới tổ chức đó; cần xác minh.",
}


def gaps(reading: Reading, agency: str | None = None) -> Gaps:
    """Gaps of the province, or of one agency."""
    coverage, outcomes = reading.inputs.coverage, reading.inputs.outcomes
    if agency is not None:
        coverage, outcomes = coverage[coverage["agency"] == agency], outcomes[outcomes["agency"] == agency]
    days = day_gaps(reading, coverage)
    notes = (*(_notes(reading) if agency is None else ()), *declared_notes(reading, agency))
    codes = [code for code in reading.agencies if agency in (None, code)]
    return Gaps(
        days=days,
        rules=rule_gaps(reading, outcomes),
        untold=tuple(told for code in reading.alphabetical(codes) if (told := _untold(reading, code))),
        notes=notes,
        limit_notes=_limit_notes(reading, codes),
        summary=_summary(coverage, days) if agency is None else _own_summary(coverage, days),
        without_log=not reading.gives_log,
    )


def apart_note(reading: Reading) -> str:
    """What the province's tables by rule hold of agencies that give no log; `""` where all do."""
    apart = [agency.name for agency in reading.agencies.values() if not agency.pulled]
    if not apart:
        return ""
    named = text.listed(sorted(apart, key=text.sort_key), most=_NAMED_MOST)
    return f"{named} chưa kết nối: chỉ tính trường hợp mà nhật ký của cơ quan khác cho phép kiểm tra."


def day_gaps(reading: Reading, coverage: pd.DataFrame) -> tuple[DayGap, ...]:
    """One gap an agency and state, in the Vietnamese order of names; only days of the period."""
    lacking = coverage[coverage["state"].isin(("missing", "partial"))]
    if lacking.empty:
        return ()
    lacking = lacking.assign(on=[as_date(value) for value in lacking["day"]])
    lacking = lacking[(lacking["on"] >= reading.inputs.start) & (lacking["on"] < reading.inputs.end)]
    made = [
        _day_gap(reading, str(key[0]), str(key[1]), rows)
        for key, rows in lacking.groupby(["agency", "state"], sort=True)
    ]
    return tuple(sorted(made, key=lambda gap: (text.sort_key(gap.name), gap.state)))


def untold(days: tuple[DayGap, ...], shown: pd.DataFrame) -> list[DayGap]:
    """The gaps with a day that none of the shown findings (columns `rule`, `anchored`) tells."""
    told = {as_date(each) for each in shown.loc[shown["rule"] == MISSING_LOG, "anchored"].dropna()}
    return [gap for gap in days if not told.issuperset(gap.days)]


def _day_gap(reading: Reading, agency: str, state: str, rows: pd.DataFrame) -> DayGap:
    days = tuple(sorted(set(rows["on"])))
    tables = [table for table in reading.labels["tables"] if table in set(rows["table"])]
    every = len(tables) == len(reading.labels["tables"])
    failed = [
        f"do {word}"
        for value in rows["failed_at"].dropna().unique()
        if (word := reading.labels["failed_at"].get(str(value)))
    ]
    reasons = [failures.in_vietnamese(str(value)) for value in rows["reason"].dropna().unique()]
    return DayGap(
        agency=agency,
        name=reading.name(agency),
        state=state,
        state_text=reading.labels["coverage"][state],
        days=days,
        days_text=day_ranges(days),
        tables_text="Toàn bộ nhật ký"
        if every
        else text.sentence(", ".join(text.within(reading.labels["tables"][table]) for table in tables)),
        reason=text.sentence("; ".join(dict.fromkeys(each for each in reasons if each)) or ", ".join(failed))
        or "Chưa rõ nguyên nhân",
    )


def day_ranges(days: tuple[date, ...]) -> str:
    """`03/02/2021`, `từ 03/02/2021 đến 05/02/2021`, separated by `;`."""
    runs: list[list[date]] = []
    for each in days:
        if runs and each - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(each)
        else:
            runs.append([each])
    return "; ".join(
        text.day(run[0]) if len(run) == 1 else f"từ {text.day(run[0])} đến {text.day(run[-1])}" for run in runs
    )


def rule_gaps(reading: Reading, outcomes: pd.DataFrame) -> tuple[RuleGap, ...]:
    """Rules with members that could not be decided, those of the same agencies together, most members first."""
    open_question = outcomes[outcomes["not_decided"] > 0]
    together: dict[tuple[tuple[str, ...], str], dict[str, float]] = {}
    for rule, rows in open_question.groupby("rule", sort=False):
        key = (tuple(reading.alphabetical(list(rows["agency"]))), _reason(reading, str(rule), rows))
        together.setdefault(key, {})[str(rule)] = float(rows["not_decided"].sum())
    made = [_rule_gap(reading, agencies, reason, counts) for (agencies, reason), counts in together.items()]
    return tuple(sorted(made, key=lambda gap: -(gap.not_decided.value or 0)))


def _reason(reading: Reading, rule: str, rows: pd.DataFrame) -> str:
    """What the judge told, else what the rule needs and did not have."""
    told = [text.clean(value, 160) for value in rows["reason"].dropna().unique()] if "reason" in rows.columns else []
    needed = reading.labels["undecided"].get(reading.rules[rule].code, "")
    return text.sentence("; ".join(told[:2]) or needed) or "Thiếu nhật ký hoặc thông tin cần cho kiểm tra"


def _rule_gap(reading: Reading, agencies: tuple[str, ...], reason: str, counts: dict[str, float]) -> RuleGap:
    rules = tuple(rule for rule in reading.rules if rule in counts)
    codes = [reading.rules[rule].code for rule in rules]
    one = f"{reading.rules[rules[0]].title} ({codes[0]})"
    return RuleGap(
        rules=rules,
        rules_text=one if len(rules) == 1 else f"{text.count(len(rules))} quy tắc: {code_ranges(codes)}",
        agencies=agencies,
        agencies_text=text.listed([reading.name(code) for code in agencies], most=3),
        not_decided=figure.count(sum(counts.values())),
        reason=reason,
    )


def code_ranges(codes: list[str]) -> str:
    """`G1–G5, N1, N3`: runs of three and more are told by their ends."""
    runs: list[list[str]] = []
    for code in codes:
        follows = runs and runs[-1][-1][0] == code[0] and int(runs[-1][-1][1:]) + 1 == int(code[1:])
        if follows:
            runs[-1].append(code)
        else:
            runs.append([code])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)


def _notes(reading: Reading) -> tuple[str, ...]:
    counts = reading.inputs.notes
    told = [made.format(n=text.count(counts[key])) for key, made in _NOTES.items() if counts.get(key, 0) > 0]
    return tuple(told)


def limits_of(agency: AgencyInfo, order: list[str]) -> list[tuple[str, tuple[str, ...]]]:
    """What an agency does not tell, as predicates, each with the codes of the rules that are not checked for it."""
    if not agency.pulled:
        return [(NOT_CONNECTED, ())]
    named = {code for _, codes in agency.limits for code in codes}
    of_source = tuple(code for code in order if code in agency.untested - named)
    return [*agency.limits, *([(_OF_SOURCE, of_source)] if of_source else [])]


def _untold(reading: Reading, code: str) -> Untold | None:
    order = [rule.code for rule in reading.rules.values()]
    limits = limits_of(reading.agencies[code], order)
    if not limits:
        return None
    connected = reading.agencies[code].pulled
    lacking = {each for _, codes in limits for each in codes} if connected else set(order)
    rules = tuple(each for each in order if each in lacking)
    return Untold(
        agency=code,
        name=reading.name(code),
        state_text="Thiếu thông tin" if connected else "Chưa kết nối",
        told=text.sentence("; ".join(told.removeprefix(_HAS) for told, _ in limits)),
        rules=rules,
        rules_text=code_ranges(list(rules)) if connected else "Tất cả",
    )


def _limit_notes(reading: Reading, agencies: list[str]) -> tuple[str, ...]:
    """`31 cơ quan chưa cung cấp danh sách người ký (chưa kiểm tra được Q2): Ban Dân tộc, … và 28 cơ quan khác …`."""
    order = [rule.code for rule in reading.rules.values()]
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for code in agencies:
        for limit in limits_of(reading.agencies[code], order):
            found.setdefault(limit, []).append(code)
    return tuple(_limit_note(reading, *limit, codes) for limit, codes in found.items())


def _limit_note(reading: Reading, told: str, rules: tuple[str, ...], agencies: list[str]) -> str:
    names = [reading.name(code) for code in reading.alphabetical(agencies)]
    shown, rest = names[:_NAMED_MOST], len(names) - _NAMED_MOST
    unchecked = f" (chưa kiểm tra được {code_ranges(list(rules))})" if rules else ""
    listed = f"{', '.join(shown)} và {text.count(rest)} cơ quan khác (Excel, trang tính “{SHEET}”)"
    return f"{text.count(len(names))} cơ quan {told}{unchecked}: {listed if rest > 0 else text.listed(names)}."


def _summary(coverage: pd.DataFrame, days: tuple[DayGap, ...]) -> str:
    due = coverage[coverage["state"] != "not_due"]
    if due.empty:
        return "Chưa có nhật ký nào trong kỳ; chưa đánh giá được."
    if not days:
        return "Nhật ký của các cơ quan trong kỳ đầy đủ."
    lacking = text.count(len({gap.agency for gap in days}))
    return f"{lacking} cơ quan thiếu nhật ký của một hoặc nhiều ngày; số liệu chưa phản ánh những ngày này."


def _own_summary(coverage: pd.DataFrame, days: tuple[DayGap, ...]) -> str:
    """The same in an agency's own edition, which speaks of no other."""
    if coverage[coverage["state"] != "not_due"].empty:
        return "Chưa có nhật ký nào trong kỳ; chưa đánh giá được."
    if not days:
        return "Nhật ký của cơ quan trong kỳ đầy đủ."
    lacking = {each for gap in days for each in gap.days}
    these = "ngày này" if len(lacking) == 1 else "những ngày này"
    return f"Nhật ký của cơ quan còn thiếu ở {text.count(len(lacking))} ngày; số liệu chưa phản ánh {these}."
