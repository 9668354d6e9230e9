"""What could not be checked, and why: days without a log, rules without the facts they need, and counts that the
judge kept.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from reports import failures, figure, text
from reports.figure import Figure
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
class Gaps:
    """All gaps; `notes` are sentences on counts such as unknown urgency, `summary` one sentence on coverage."""

    days: tuple[DayGap, ...]
    rules: tuple[RuleGap, ...]
    notes: tuple[str, ...]
    summary: str


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
    own = _notes(reading) if agency is None else _own_notes(reading, agency)
    notes = (*own, *declared_notes(reading, agency))
    return Gaps(days, rule_gaps(reading, outcomes), notes, _summary(coverage, days))


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
        else text.sentence(", ".join(_lower(reading.labels["tables"][table]) for table in tables)),
        reason=text.sentence("; ".join(dict.fromkeys(each for each in reasons if each)) or ", ".join(failed))
        or "Chưa rõ nguyên nhân",
    )


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


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
    limits = Counter(limit for agency in reading.agencies.values() for limit in agency.limits)
    if limits:
        counted = "; ".join(f"{text.count(number)} cơ quan có {limit}" for limit, number in limits.items())
        told.append(f"{counted}: các quy tắc ghi trong ngoặc không kiểm tra được.")
    apart = [agency.name for agency in reading.agencies.values() if not agency.pulled]
    if apart:
        names = text.listed(sorted(apart, key=text.sort_key), most=4)
        told.append(f"{text.count(len(apart))} cơ quan chưa kết nối để cung cấp nhật ký: {names}.")
    return tuple(told)


def _own_notes(reading: Reading, agency: str) -> tuple[str, ...]:
    """What one agency's system or registers do not tell."""
    told = reading.agencies.get(agency)
    if told is None or not told.limits:
        return ()
    return (f"{text.sentence('; '.join(told.limits))}: các quy tắc ghi trong ngoặc không kiểm tra được.",)


def _summary(coverage: pd.DataFrame, days: tuple[DayGap, ...]) -> str:
    due = coverage[coverage["state"] != "not_due"]
    if due.empty:
        return "Chưa có nhật ký nào trong kỳ; chưa đánh giá được."
    if not days:
        return "Nhật ký của các cơ quan trong kỳ đầy đủ."
    lacking = text.count(len({gap.agency for gap in days}))
    return (
        f"{lacking} cơ quan thiếu nhật ký của một hoặc nhiều ngày; số liệu trong báo cáo chưa phản ánh những ngày này."
    )
