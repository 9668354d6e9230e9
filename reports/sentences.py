"""The sentences of page 1, made from the data in plain official Vietnamese.

A sentence is written only when there is something to say; where there is no data it says so; zero is told as "không".
In the reader's order: secrets, sending and failures, answers and backlog, what is left to do and why it became more,
gaps, lateness. At most `MOST` sentences, the least grave left out; secrets, gaps and lateness never are.

What is told as not yet mended counts everything that is still open, also from the periods before, as the agencies to
call and the worklists do; how much of it is of the period, which the six figures count, stands in brackets.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd

from reports import text
from reports.figure import Figure
from reports.indicators import INDICATORS
from reports.parts import lost
from reports.parts.calls import Call, counted, gravest_kinds
from reports.parts.gaps import NOT_CONNECTED, DayGap, day_gaps
from reports.parts.headlines import Headline, difference
from reports.parts.rise import rise
from reports.parts.tasks import past_told
from reports.reading import PROVINCE, Reading, is_urgent

MOST = 5
UNCONNECTED = f"{text.sentence(NOT_CONNECTED)} nên chưa kiểm tra được."
_PLACES, _FEW_KINDS = 2, 3
_IN_PART = "trong phần dữ liệu đã có"
_SENDING, _ANSWERING = ("documents", "sends", "statuses"), ("receipts", "statuses")
"""Tables from which it is told what was sent and arrived; what came and was answered."""
_TENDENCIES = (("worse", "kém hơn"), ("better", "tốt hơn"))


def sentences(reading: Reading, agency: str = PROVINCE) -> tuple[str, ...]:
    """Three to five sentences about the province, or about one agency; one about an agency that gives no log."""
    if agency != PROVINCE and not reading.agencies[agency].pulled:
        return (UNCONNECTED,)
    told = [(urgency, order, made) for order, (urgency, make) in enumerate(_MAKERS) if (made := make(reading, agency))]
    kept = sorted(sorted(told)[:MOST], key=lambda each: each[1])
    return tuple(made for _, _, made in kept)


def verdict(headlines: tuple[Headline, ...], before: str) -> str:
    """Are we on track: how many targets are not met (which, the figures beside it show); without targets, how many
    figures are better.
    """
    judged = [each for each in headlines if each.met is not None]
    if not judged:
        if not any(each.now.known for each in headlines):
            return "Chưa có dữ liệu để đánh giá."
        compared = _tendency(headlines, before).removeprefix("; ")
        return f"{text.sentence(compared)}." if compared else "Chưa có mục tiêu và số liệu kỳ trước để đánh giá."
    missed = [each for each in judged if not each.met]
    compared = _tendency(headlines, before)
    targets = f"{text.count(len(judged))} mục tiêu"
    whole = f"{'cả ' * (len(judged) > 1)}{targets}"
    if not missed:
        return f"Đạt {whole}{compared}."
    if len(missed) == len(judged):
        return f"Chưa đạt {whole}{compared}."
    return f"Chưa đạt {text.count(len(missed))} trong {targets}{compared}."


def _tendency(headlines: tuple[Headline, ...], before: str) -> str:
    """, 05 chỉ số kém hơn và 01 chỉ số tốt hơn tuần trước`; `""` where nothing can be compared."""
    counts = {word: sum(each.change == change for each in headlines) for change, word in _TENDENCIES}
    told = [f"{text.count(number)} chỉ số {word}" for word, number in counts.items() if number]
    if len(told) == 1 and max(counts.values()) == len(headlines):
        return f"; cả {told[0]} {before}"
    return f"; {text.listed(told)} {before}" if told else ""


def proposals(calls: tuple[Call, ...], reading: Reading) -> str:
    """What is to be decided: whom to direct, and by when; `""` when nobody is to be called.

    Who is not to be called has work by the same deadline, too: how much, lest the calls be taken for all of it.
    """
    if not calls:
        return ""
    who = "cơ quan trên" if len(calls) == 1 else f"{text.count(len(calls))} cơ quan trên"
    items = reading.open_items
    urgent = items[items["is_curable"] & is_urgent(items)]
    others = urgent.loc[~urgent["agency"].isin([call.agency for call in calls]), "agency"]
    if len(others):
        number, own = text.count(others.nunique()), text.count(len(urgent) - len(others))
        who = f"(1) {who} ({own} việc) và (2) {number} cơ quan khác ({text.count(len(others))} việc)"
    asked = f"{'; '.join(reading.inputs.issuer.addressees)} chỉ đạo {who}"
    return f"{asked} khắc phục vi phạm mức nghiêm trọng, cao trước {text.moment(reading.inputs.deadlines.urgent_at)}."


def _own(reading: Reading, agency: str, *rules: str) -> pd.DataFrame:
    found = [reading.open_by_rule[rule] for rule in rules if rule in reading.open_by_rule]
    rows = pd.concat(found) if found else reading.open_items.iloc[:0]
    return rows if agency == PROVINCE else rows[rows["agency"] == agency]


def _apart(reading: Reading, rows: pd.DataFrame) -> str:
    """` (06 từ các tuần trước)`, ` (đều từ các tuần trước)`: what the figures leave out; `""` where there is none."""
    carried, unit = int(rows["is_carried"].sum()), reading.period.unit
    if not carried:
        return ""
    if carried == len(rows):
        return f" ({'đều ' if carried > 1 else ''}từ các {unit} trước)"
    return f" ({text.count(carried)} từ các {unit} trước)"


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


def _secrets(reading: Reading, agency: str) -> str:
    rows = _own(reading, agency, "secret_on_axis")
    if rows.empty:
        return ""
    number = text.count(len(rows))
    if agency == PROVINCE and len(rows["agency"].unique()) == 1:
        return f"{reading.name(rows['agency'].iloc[0])} phải thu hồi ngay {number} văn bản mật trên trục liên thông."
    where = _where(reading, rows, agency, "nhiều nhất")
    return f"Có {number} văn bản mật trên trục liên thông{where}; phải thu hồi ngay."


def _sending(reading: Reading, agency: str) -> str:
    """What was sent, how much arrived, and what has still not."""
    told = [each for each in (_sent(reading, agency), _failures(reading, agency)) if each]
    return " ".join(told)


def _sent(reading: Reading, agency: str) -> str:
    documents, pairs = reading.value("documents_sent", agency), reading.figure("pairs_sent", agency)
    who, unit = "các cơ quan" if agency == PROVINCE else "cơ quan", reading.period.unit
    if math.isnan(documents) or pairs.value is None:
        return f"Chưa có dữ liệu về văn bản gửi trong {unit}."
    if documents == 0:
        return f"{reading.period.within}, {who} không gửi văn bản nào trên trục liên thông."
    sent = f"{text.count(documents)} văn bản đến {text.count(pairs.value)} lượt nơi nhận"
    told = f"{reading.period.within}, {who} gửi {sent}"
    arrived, before = reading.figure("arrived_share", agency), reading.previous_figure("arrived_share", agency)
    if not arrived.known:
        return f"{told}; chưa có dữ liệu về lượt đến nơi."
    told += f"; {arrived.text} lượt đến nơi{_compared(reading, before)}"
    return f"{told}{_not_arrived(reading, agency)}."


def _lacking(reading: Reading, agency: str) -> int:
    """Pairs sent in the period that have not arrived, as the share of those that have counts them."""
    pairs, share = reading.value("pairs_sent", agency), reading.value("arrived_share", agency)
    return 0 if math.isnan(pairs) or math.isnan(share) else round(pairs * (1 - share))


def _not_arrived(reading: Reading, agency: str) -> str:
    """`, 18 chưa đến`: not only those that failed or were lost, which the next sentence tells. How many of them were
    received with an error or are not confirmed cannot be counted: findings of the period are by the day on which an
    attempt failed or was due, and not all are of sends of the period.
    """
    lacking = _lacking(reading, agency)
    if not lacking:
        return ""
    told = f", {text.count(lacking)} chưa đến"
    if lost.sends(_own(reading, agency, *lost.RULES)).empty:
        return f"{told} (nơi nhận báo nhận lỗi hoặc chưa xác nhận được)"
    return told


def _compared(reading: Reading, before: Figure) -> str:
    if before.value is None:
        return ""
    told = before.text if before.text.endswith("%") else text.count(before.value)
    return f" ({reading.period.before} {told})"


def _failures(reading: Reading, agency: str) -> str:
    """Failed sends not mended; where there are none, that there are none, unless something else has not arrived."""
    rows = _own(reading, agency, *lost.RULES)
    sends, requests = lost.sends(rows), lost.requests(rows)
    told = []
    if len(sends):
        where = _where(reading, sends, agency, "tập trung")
        told.append(f"{text.count(len(sends))} {lost.SENDS}{_apart(reading, sends)}{where}")
    if len(requests):
        told.append(f"{text.count(len(requests))} {lost.REQUESTS}{_apart(reading, requests)}")
    if told:
        return f"Còn {('; ' if agency == PROVINCE else ' và ').join(told)}."
    if math.isnan(reading.value("undelivered", agency)):
        return "Chưa có dữ liệu về văn bản gửi lỗi, không đến nơi nhận."
    if _lacking(reading, agency):
        return ""
    partly = f" {_IN_PART}" if _lacks(reading, agency, _SENDING) else ""
    return f"Không còn {lost.SENDS}{partly}."


def _answers(reading: Reading, agency: str) -> str:
    """The share answered in time, what has not been answered, and what lies undone."""
    kind = INDICATORS["acknowledged_in_day_share"]
    now, before = reading.figure(kind.id, agency), reading.previous_figure(kind.id, agency)
    if now.known:
        change = difference(kind, now, before)
        told = f"{now.text} lượt văn bản đến được phản hồi trong ngày{f' ({change})' if change else ''}"
        if agency != PROVINCE and _lacks(reading, agency, _ANSWERING):
            told += f", tính {_IN_PART}"
    else:
        told = "Chưa có dữ liệu về phản hồi trạng thái"
    rows = _own(reading, agency, "unanswered_receipt")
    if len(rows):
        told += f"; còn {text.count(len(rows))} lượt chưa phản hồi{_apart(reading, rows)}"
        told += _where(reading, rows, agency, "nhiều nhất")
    return f"{told}{_backlog(reading, agency)}."


def _backlog(reading: Reading, agency: str) -> str:
    rows = _own(reading, agency, "backlog", "urgent_backlog")
    if rows.empty:
        return ""
    urgent = int((rows["rule"] == "urgent_backlog").sum())
    before = _compared(reading, reading.previous_figure("backlog_overdue", agency)).strip(" ()")
    beside = "; ".join(each for each in (f"{text.count(urgent)} khẩn" if urgent else "", before) if each)
    return f"; {text.count(len(rows))} lượt tồn đọng quá hạn{f' ({beside})' if beside else ''}"


def _left(reading: Reading, agency: str) -> str:
    """What is left to do, what is gravest in it, what is past mending, and where and why it became more."""
    items = reading.open_items if agency == PROVINCE else reading.open_items[reading.open_items["agency"] == agency]
    told = ""
    if len(items):
        before = _compared(reading, reading.previous_figure("findings_open", agency))
        work = items[items["is_curable"]]
        past = len(items) - len(work)
        gravest = _gravest(reading, work, agency)
        parts = [f"còn {text.count(len(work))} việc phải khắc phục{gravest}"] if len(work) else []
        if past:
            done = past_told(items[~items["is_curable"]])
            parts.append(done if len(work) else f"có {done}")
        if len(parts) > 1 or gravest:
            parts.append(f"tổng {text.count(len(items))}")
        told = f"Cuối {reading.period.unit} {'; '.join(parts)}{before}."
    return " ".join(each for each in (rise(reading, agency), told) if each)


def _gravest(reading: Reading, items: pd.DataFrame, agency: str) -> str:
    """` (12 nghiêm trọng, nhiều nhất là 05 trong 17 văn bản đến chưa phản hồi trạng thái)`; all kinds of critical ones
    where they are few; none where no one kind has most, and in the province's many.
    """
    critical = items[items["severity_rank"] == 0]
    if critical.empty:
        return ""
    order = sorted(gravest_kinds(critical), key=lambda each: (-each.size, -reading.rules[each.rule].weight, each.kind))
    told = f" ({text.count(len(critical))} nghiêm trọng"
    if len(order) == 1:
        told += f": {counted(reading, order[0].rule, order[0].kind)}"
    elif len(order) <= _FEW_KINDS:
        told += ": " + ", ".join(f"{text.count(each.size)} {counted(reading, each.rule, each.kind)}" for each in order)
    elif agency != PROVINCE and order[0].size > order[1].size:
        most, every = order[0], int((items["kind"] == order[0].kind).sum())
        of = f" trong {text.count(every)}" if every > most.size else ""
        told += f", nhiều nhất là {text.count(most.size)}{of} {counted(reading, most.rule, most.kind)}"
    return f"{told})"


def _coverage(reading: Reading, agency: str) -> pd.DataFrame:
    coverage = reading.inputs.coverage
    return coverage if agency == PROVINCE else coverage[coverage["agency"] == agency]


def _lacks(reading: Reading, agency: str, tables: tuple[str, ...]) -> bool:
    """Whether some day's rows of the tables lack."""
    coverage = _coverage(reading, agency)
    return bool(day_gaps(reading, coverage[coverage["table"].isin(tables)]))


def _gaps(reading: Reading, agency: str) -> str:
    coverage = _coverage(reading, agency)
    if (coverage["state"] != "not_due").sum() == 0:
        return f"Chưa có nhật ký của {reading.period.label}."
    lacking = day_gaps(reading, coverage)
    apart = [each.name for each in reading.agencies.values() if not each.pulled] if agency == PROVINCE else []
    if len(lacking) == 1 and not apart:
        return _one_gap(lacking[0], agency)
    told = []
    if lacking:
        names = list(dict.fromkeys(gap.name for gap in lacking))
        days = len({(gap.agency, each) for gap in lacking for each in gap.days})
        of = f" của {text.listed(names, most=2)}" if agency == PROVINCE else ""
        told.append(f"Chưa đủ dữ liệu{of} (tổng cộng {text.count(days)} ngày)")
    if apart:
        names = sorted(apart, key=text.sort_key)
        told.append(f"{'c' if told else 'C'}hưa kết nối {text.listed(names, most=2)}")
    return f"{'; '.join(told)}; số liệu chưa phản ánh phần này." if told else ""


def _one_gap(gap: DayGap, agency: str) -> str:
    lack = "Chưa có dữ liệu" if gap.state == "missing" else "Chưa có đủ dữ liệu"
    of = f" của {gap.name}" if agency == PROVINCE else ""
    these = "ngày này" if len(gap.days) == 1 else "những ngày này"
    return f"{lack} ngày {gap.days_text}{of}; số liệu chưa phản ánh {these}."


def _late(reading: Reading, agency: str) -> str:
    days, paper = reading.inputs.notes.get("days_late", 0), "Báo cáo này" if agency == PROVINCE else "Số liệu này"
    return f"{paper} lập muộn {text.count(days)} ngày so với lịch." if days > 0 else ""


_MAKERS: tuple[tuple[int, Callable[[Reading, str], str]], ...] = (
    (0, _secrets),
    (1, _sending),
    (2, _answers),
    (3, _left),
    (0, _gaps),
    (0, _late),
)
"""(how dispensable, maker) in reading order."""
