"""The ranking by compliance index, with the change of place; who has too little data stands below, without a rank."""

from collections import Counter
from dataclasses import dataclass

from reports import figure, text
from reports.figure import NOTHING, Figure
from reports.parts.gaps import day_gaps
from reports.parts.headlines import ARROWS, Change
from reports.reading import Reading, is_urgent

NOTE = (
    "▲ lên hạng, ▼ xuống hạng, = giữ hạng; “–”: không xếp hạng vì không có hoặc thiếu nhiều nhật ký, hoặc quá ít "
    "văn bản kiểm tra được; *: xếp hạng tạm thời vì thiếu nhật ký của một số ngày. Xếp hạng theo chỉ số chưa làm tròn."
)
"""What stands below the ranking, on paper, page and sheet."""
_MANY = 5
"""As many agencies of one place push all others far when they part."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An agency's place.

    Attributes:
        rank, rank_before: None where unranked.
        moved: `▲ 2`, `▼ 1`, `=`; `""` where one of the two periods has no rank.
        index, index_before: compliance index now and before.
        tested, open: documents and pairs tested; findings open.
        urgent, regular: findings to be mended by each of the two deadlines.
        acknowledged: share acknowledged in the day.
        is_tied: others have the same rank.
        is_partial: some day of its log is missing or not whole.
        marked_name: the name, with a star where it is ranked by a part of its log only.
    """

    agency: str
    name: str
    rank: Figure
    rank_before: Figure
    moved: str
    change: Change
    index: Figure
    index_before: Figure
    tested: Figure
    open: Figure
    urgent: Figure
    regular: Figure
    acknowledged: Figure
    is_tied: bool
    is_partial: bool

    @property
    def marked_name(self) -> str:
        return f"{self.name}*" if self.is_partial and self.rank.known else self.name


def ranking(reading: Reading) -> tuple[Ranked, ...]:
    """Ranked agencies by place, then those without a rank by name."""
    opened = reading.open_items
    work = opened[opened["is_curable"]]
    kept = {"open": opened, "urgent": work[is_urgent(work)], "regular": work[~is_urgent(work)]}
    counts = {name: rows.groupby("agency").size() for name, rows in kept.items()}
    partial = {gap.agency for gap in day_gaps(reading, reading.inputs.coverage)}
    ranks = [reading.figure("rank", code).value for code in reading.agencies]
    rows = [
        _ranked(reading, code, {name: int(found.get(code, 0)) for name, found in counts.items()}, partial, ranks)
        for code in reading.agencies
    ]
    return tuple(
        sorted(rows, key=lambda row: (row.rank.value if row.rank.value is not None else 1e9, text.sort_key(row.name)))
    )


def standing(place: Ranked, ranked: int) -> str:
    """`Xếp thứ 4 (đồng hạng) trong 33 cơ quan được xếp hạng.`, with what the star in the ranking says."""
    if place.rank.value is None:
        return "Không xếp hạng vì chưa đủ số văn bản kiểm tra được hoặc thiếu nhật ký."
    verb, why = ("Tạm xếp", " vì thiếu nhật ký của một số ngày") if place.is_partial else ("Xếp", "")
    order = "nhất" if place.rank.value == 1 else place.rank.text
    tied = " (đồng hạng)" if place.is_tied else ""
    return f"{verb} thứ {order}{tied} trong {text.count(ranked)} cơ quan được xếp hạng{why}."


def _ranked(
    reading: Reading, code: str, counts: dict[str, int], partial: set[str], ranks: list[float | None]
) -> Ranked:
    now, before = reading.figure("rank", code), reading.previous_figure("rank", code)
    moved, change = movement(now.value, before.value)
    index, index_before = reading.figure("compliance_index", code), reading.previous_figure("compliance_index", code)
    tested = reading.figure("rank_tested", code)
    # nothing found, since nothing could be looked at, or only what others' logs tell
    is_unseen = not counts["open"] and (not tested.value or not reading.agencies[code].pulled)
    return Ranked(
        agency=code,
        name=reading.name(code),
        rank=now,
        rank_before=before,
        moved=moved,
        change=change,
        index=index if now.known else NOTHING,  # of too little to be ranked, an index would read as merit
        index_before=index_before if before.known else NOTHING,
        tested=tested,
        acknowledged=reading.figure("acknowledged_in_day_share", code),
        is_tied=now.known and ranks.count(now.value) > 1,
        is_partial=code in partial,
        **{name: NOTHING if is_unseen else figure.count(count) for name, count in counts.items()},
    )


def shared_note(places: tuple[Ranked, ...], before: str) -> str:
    """Why places changed much, where many shared one in the period before, with an example of one that rose although
    its index fell; `""` where few did.
    """
    old = [place.rank_before for place in places if place.rank.known and place.rank_before.known]
    most, size = max(
        Counter(each.value for each in old).items(), key=lambda each: (each[1], -(each[0] or 0)), default=(None, 0)
    )
    if size < _MANY or most is None:
        return ""
    told = (
        f"{text.sentence(before)} {text.count(size)} cơ quan cùng hạng {text.number(most)} nên thứ hạng thay đổi nhiều"
    )
    risen = [place for place in places if place.change == "better" and _fell(place)]
    if not risen:
        return f"{told}."
    example = max(risen, key=lambda place: (place.rank_before.value or 0) - (place.rank.value or 0))
    steps = int((example.rank_before.value or 0) - (example.rank.value or 0))
    return (
        f"{told}; lên hạng không có nghĩa là chỉ số tốt hơn: {example.name} lên {text.count(steps)} bậc nhưng chỉ số "
        f"giảm từ {example.index_before.text} xuống {example.index.text}."
    )


def _fell(place: Ranked) -> bool:
    """As it is printed: who compares the two numbers must see it."""
    now, before = (figure.printed(each, "points") for each in (place.index, place.index_before))
    return now is not None and before is not None and now < before


def movement(now: float | None, before: float | None) -> tuple[str, Change]:
    """`▲ 2`: two places better."""
    if now is None or before is None:
        return "", "unknown"
    steps = int(before - now)
    if steps == 0:
        return ARROWS["same"], "same"
    change: Change = "better" if steps > 0 else "worse"
    return f"{ARROWS[change]} {abs(steps)}", change
