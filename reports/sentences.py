"""The sentences of page 1, made from the data in plain official Vietnamese.

A sentence is written only when there is something to say; where there is no data it says so; zero is told as "không".
At most `MOST` sentences, the least grave left out, in the reader's order: secrets, sending, failures, answers,
backlog, signatures, gaps, lateness. Secrets, gaps and lateness are never left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd

from reports import text
from reports.figure import Figure
from reports.indicators import INDICATORS
from reports.parts.gaps import DayGap, day_gaps
from reports.parts.headlines import Headline, difference
from reports.parts.tasks import Task, actions
from reports.reading import PROVINCE, Reading

MOST = 5
_PLACES = 2
_TENDENCIES = (("worse", "kém hơn"), ("better", "tốt hơn"))


def sentences(reading: Reading, agency: str = PROVINCE) -> tuple[str, ...]:
    """Three to five sentences about the province, or about one agency."""
    told = [(urgency, order, made) for order, (urgency, make) in enumerate(_MAKERS) if (made := make(reading, agency))]
    kept = sorted(sorted(told)[:MOST], key=lambda each: each[1])
    return tuple(made for _, _, made in kept)


def verdict(headlines: tuple[Headline, ...], before: str) -> str:
    """Are we on track: how many of the six figures meet their target, and which do not; without targets, how many are
    better.
    """
    judged = [each for each in headlines if each.met is not None]
    if not judged:
        if not any(each.now.known for each in headlines):
            return "Chưa có dữ liệu để đánh giá."
        compared = _tendency(headlines, before).removeprefix("; ")
        return f"{text.sentence(compared)}." if compared else "Chưa có mục tiêu và số liệu kỳ trước để đánh giá."
    missed = [f"{each.title[:1].lower()}{each.title[1:]}" for each in judged if not each.met]
    compared = _tendency(headlines, before)
    if not missed:
        return f"Đạt mục tiêu ở cả {text.count(len(judged))} chỉ số{compared}."
    if len(missed) == len(judged):
        return f"Chưa chỉ số nào trong {text.count(len(judged))} chỉ số đạt mục tiêu{compared}."
    met = f"{text.count(len(judged) - len(missed))} trong {text.count(len(judged))} chỉ số đạt mục tiêu"
    return f"{met} (chưa đạt: {'; '.join(missed)}){compared}."


def _tendency(headlines: tuple[Headline, ...], before: str) -> str:
    """, 05 chỉ số kém hơn và 01 chỉ số tốt hơn tuần trước`; `""` where nothing can be compared."""
    counts = {word: sum(each.change == change for each in headlines) for change, word in _TENDENCIES}
    told = [f"{text.count(number)} chỉ số {word}" for word, number in counts.items() if number]
    if len(told) == 1 and max(counts.values()) == len(headlines):
        return f"; cả {told[0]} {before}"
    return f"; {text.listed(told)} {before}" if told else ""


def proposals(tasks: tuple[Task, ...], reading: Reading, most: int = 2) -> str:
    """What is to be decided: the gravest duty of the first agencies, each with its deadline; `""` when nothing is
    urgent.
    """
    lines = []
    rows = reading.open_items
    for task in [task for task in tasks if task.urgent.value][:most]:
        mine = rows[(rows["agency"] == task.agency) & (rows["severity_rank"] < 2)]
        lines.append(f"{task.name} {actions(reading, mine)[0]}")
    if not lines:
        return ""
    return f"{'; '.join(lines)}; hoàn thành trước {text.moment(reading.inputs.deadlines.urgent_at)}."


def _own(reading: Reading, agency: str, *rules: str) -> pd.DataFrame:
    found = [reading.open_by_rule[rule] for rule in rules if rule in reading.open_by_rule]
    rows = pd.concat(found) if found else reading.open_items.iloc[:0]
    return rows if agency == PROVINCE else rows[rows["agency"] == agency]


def _of_period(rows: pd.DataFrame) -> pd.DataFrame:
    """Sentences stand beside the period's figures and must add up with them."""
    return rows[~rows["is_carried"]]


def _from_before(reading: Reading, rows: pd.DataFrame, noun: str) -> str:
    """`; ngoài ra còn 05 lượt từ các tuần trước`: what the figures leave out and the calls count."""
    carried = _carried(reading, rows, noun)
    return f"; ngoài ra còn {carried}" if carried else ""


def _carried(reading: Reading, rows: pd.DataFrame, noun: str) -> str:
    """`05 lượt từ các tuần trước`; `""` where there are none."""
    carried = int(rows["is_carried"].sum())
    return f"{text.count(carried)} {noun} từ các {reading.period.unit} trước" if carried else ""


def _where(reading: Reading, rows: pd.DataFrame, agency: str, most: str) -> str:
    """`, tập trung tại Sở Y tế (05) và UBND huyện Na Rì (04)`, `, tại Sở Y tế`; `""` in one agency's own report."""
    if agency != PROVINCE or rows.empty:
        return ""
    counts = rows.groupby("agency").size().to_dict()
    codes = sorted(counts, key=lambda code: (-counts[code], text.sort_key(reading.name(code))))
    if len(codes) == 1:
        return f", tại {reading.name(codes[0])}"
    told = " và ".join(f"{reading.name(code)} ({text.count(counts[code])})" for code in codes[:_PLACES])
    return f", {f'{most} ' * (len(codes) > _PLACES)}tại {told}"


def _topical(reading: Reading, rows: pd.DataFrame, noun: str) -> str:
    told = [
        f"{text.count(n)} {noun} về {text.clean(topic.name)}"
        for topic in reading.inputs.topics
        if (n := int((rows["topic"] == topic.id).sum()))
    ]
    return f"; trong đó {text.listed(told)}" if told else ""


def _secrets(reading: Reading, agency: str) -> str:
    rows = _own(reading, agency, "secret_on_axis")
    if rows.empty:
        return ""
    where = _where(reading, rows, agency, "nhiều nhất")
    return f"Có {text.count(len(rows))} văn bản mật trên trục liên thông{where}; phải thu hồi ngay."


def _sending(reading: Reading, agency: str) -> str:
    documents, pairs = reading.value("documents_sent", agency), reading.figure("pairs_sent", agency)
    who, unit = "các cơ quan" if agency == PROVINCE else "đơn vị", reading.period.unit
    if math.isnan(documents) or pairs.value is None:
        return f"Chưa có dữ liệu về văn bản gửi trong {unit}."
    if documents == 0:
        return f"{reading.period.within}, {who} không gửi văn bản nào trên trục liên thông."
    sent = f"{text.count(documents)} văn bản đến {text.count(pairs.value)} lượt nơi nhận"
    told = f"{reading.period.within}, {who} gửi {sent}"
    arrived, before = reading.figure("arrived_share", agency), reading.previous_figure("arrived_share", agency)
    if not arrived.known:
        return f"{told}; chưa có dữ liệu về lượt đến nơi."
    return f"{told}; {arrived.text} lượt đến nơi{_compared(reading, before)}."


def _compared(reading: Reading, before: Figure) -> str:
    if before.value is None:
        return ""
    told = before.text if before.text.endswith("%") else text.count(before.value)
    return f" ({reading.period.before} {told})"


def _failures(reading: Reading, agency: str) -> str:
    total = reading.value("undelivered", agency)
    if math.isnan(total):
        return "Chưa có dữ liệu về văn bản gửi lỗi, không đến nơi nhận."
    everything = _own(reading, agency, "failed_send", "undelivered")
    if total == 0:
        partly = " trong phần dữ liệu đã có" if day_gaps(reading, _coverage(reading, agency)) else ""
        none = f"hông còn lượt gửi lỗi, không đến nơi nhận{partly}"
        before = _carried(reading, everything, "lượt")
        return f"{reading.period.within}, k{none}; còn {before}." if before else f"K{none}."
    rows = _of_period(everything)
    told = f"Còn {text.count(total)} lượt gửi lỗi hoặc không đến nơi nhận chưa khắc phục"
    told += _where(reading, rows, agency, "tập trung") + _topical(reading, rows, "lượt")
    return told + _from_before(reading, everything, "lượt") + "."


def _answers(reading: Reading, agency: str) -> str:
    kind = INDICATORS["acknowledged_in_day_share"]
    now, before = reading.figure(kind.id, agency), reading.previous_figure(kind.id, agency)
    everything = _own(reading, agency, "unanswered_receipt")
    rows = _of_period(everything)
    if not now.known:
        told = "Chưa có dữ liệu về phản hồi trạng thái"
    else:
        change = difference(kind, now, before)
        told = f"{now.text} văn bản đến được phản hồi trạng thái trong ngày{f' ({change})' if change else ''}"
    if len(rows):
        told += f"; {text.count(len(rows))} văn bản chưa được phản hồi{_where(reading, rows, agency, 'nhiều nhất')}"
    return told + _from_before(reading, everything, "văn bản chưa được phản hồi" if rows.empty else "văn bản") + "."


def _backlog(reading: Reading, agency: str) -> str:
    total = reading.value("backlog_overdue", agency)
    everything = _own(reading, agency, "backlog", "urgent_backlog")
    if math.isnan(total) or total == 0:
        carried = _carried(reading, everything, "văn bản đến tồn đọng quá hạn")
        return f"Còn {carried}." if carried else ""
    rows = _of_period(everything)
    urgent = int((rows["rule"] == "urgent_backlog").sum())
    before = reading.previous_figure("backlog_overdue", agency)
    told = f"Còn {text.count(total)} văn bản đến tồn đọng quá hạn{_compared(reading, before)}"
    if urgent:
        told += f", trong đó {text.count(urgent)} văn bản khẩn"
    where = _where(reading, rows, agency, "nhiều nhất")
    return f"{told}{where}{_from_before(reading, everything, 'văn bản')}."


def _signatures(reading: Reading, agency: str) -> str:
    everything = _own(reading, agency, "unsigned", "missing_signing_party")
    rows = _of_period(everything)
    now = reading.figure("signed_both_share", agency)
    if rows.empty:
        carried = _carried(reading, everything, "văn bản chưa ký số hoặc thiếu một chữ ký số")
        return f"Còn {carried}." if carried else ""
    signed = f"{now.text} văn bản gửi có đủ chữ ký số; còn" if now.known else "Còn"
    told = f"{signed} {text.count(len(rows))} văn bản chưa ký số hoặc thiếu một chữ ký số"
    where = _where(reading, rows, agency, "nhiều nhất")
    return f"{told}{where}{_from_before(reading, everything, 'văn bản')}."


def _coverage(reading: Reading, agency: str) -> pd.DataFrame:
    coverage = reading.inputs.coverage
    return coverage if agency == PROVINCE else coverage[coverage["agency"] == agency]


def _gaps(reading: Reading, agency: str) -> str:
    coverage = _coverage(reading, agency)
    if (coverage["state"] != "not_due").sum() == 0:
        return f"Chưa có nhật ký của {reading.period.label}."
    lacking = day_gaps(reading, coverage)
    if not lacking:
        return ""
    if len(lacking) == 1:
        return _one_gap(lacking[0], agency)
    names = list(dict.fromkeys(gap.name for gap in lacking))
    days = len({(gap.agency, each) for gap in lacking for each in gap.days})
    of = f" của {text.count(len(names))} cơ quan ({text.listed(names, most=2)})" if agency == PROVINCE else ""
    lack = f"Chưa có đủ dữ liệu{of}, tổng cộng {text.count(days)} ngày"
    return f"{lack}; số liệu trong báo cáo chưa phản ánh những ngày này."


def _one_gap(gap: DayGap, agency: str) -> str:
    lack = "Chưa có dữ liệu" if gap.state == "missing" else "Chưa có đủ dữ liệu"
    of = f" của {gap.name}" if agency == PROVINCE else ""
    these = "ngày này" if len(gap.days) == 1 else "những ngày này"
    return f"{lack} ngày {gap.days_text}{of}; số liệu trong báo cáo chưa phản ánh {these}."


def _late(reading: Reading, _agency: str) -> str:
    days = reading.inputs.notes.get("days_late", 0)
    return f"Báo cáo này lập muộn {text.count(days)} ngày so với lịch." if days > 0 else ""


_MAKERS: tuple[tuple[int, Callable[[Reading, str], str]], ...] = (
    (0, _secrets),
    (1, _sending),
    (1, _failures),
    (2, _answers),
    (4, _backlog),
    (5, _signatures),
    (0, _gaps),
    (0, _late),
)
"""(how dispensable, maker) in reading order."""
