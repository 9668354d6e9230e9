"""The ranking by compliance index, with the change of place; who has too little data stands below, without a rank."""

from dataclasses import dataclass

from reports import figure, text
from reports.figure import NOTHING, Figure
from reports.parts.gaps import day_gaps
from reports.parts.headlines import ARROWS, Change
from reports.reading import Reading

NOTE = (
    "▲ lên hạng, ▼ xuống hạng, = giữ hạng; “–”: không xếp hạng vì không có hoặc thiếu nhiều nhật ký, hoặc quá ít "
    "văn bản kiểm tra được; *: xếp hạng tạm thời vì thiếu nhật ký của một số ngày. Xếp hạng theo chỉ số chưa làm tròn."
)
"""What stands below the ranking, on paper, page and sheet."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An agency's place.

    Attributes:
        rank: None where unranked.
        moved: `▲ 2`, `▼ 1`, `=`; `""` where one of the two periods has no rank.
        index, index_before: compliance index now and before.
        tested, open, grave: documents and pairs tested; findings open, and among them critical or high.
        acknowledged: share acknowledged in the day.
        is_partial: some day of its log is missing or not whole.
        marked_name: the name, with a star where it is ranked by a part of its log only.
    """

    agency: str
    name: str
    rank: Figure
    moved: str
    change: Change
    index: Figure
    index_before: Figure
    tested: Figure
    open: Figure
    grave: Figure
    acknowledged: Figure
    is_partial: bool

    @property
    def marked_name(self) -> str:
        return f"{self.name}*" if self.is_partial and self.rank.known else self.name


def ranking(reading: Reading) -> tuple[Ranked, ...]:
    """Ranked agencies by place, then those without a rank by name."""
    opened = reading.open_items
    counts = opened.groupby("agency").size()
    graves = opened[opened["severity_rank"] < 2].groupby("agency").size()
    partial = {gap.agency for gap in day_gaps(reading, reading.inputs.coverage)}
    rows = [
        _ranked(reading, code, int(counts.get(code, 0)), int(graves.get(code, 0)), partial) for code in reading.agencies
    ]
    return tuple(
        sorted(rows, key=lambda row: (row.rank.value if row.rank.value is not None else 1e9, text.sort_key(row.name)))
    )


def _ranked(reading: Reading, code: str, opened: int, grave: int, partial: set[str]) -> Ranked:
    now, before = reading.figure("rank", code), reading.previous_figure("rank", code)
    moved, change = movement(now.value, before.value)
    index, index_before = reading.figure("compliance_index", code), reading.previous_figure("compliance_index", code)
    tested = reading.figure("rank_tested", code)
    # nothing found, since nothing could be looked at, or only what others' logs tell
    is_unseen = not opened and (not tested.value or not reading.agencies[code].pulled)
    return Ranked(
        agency=code,
        name=reading.name(code),
        rank=now,
        moved=moved,
        change=change,
        index=index if now.known else NOTHING,  # of too little to be ranked, an index would read as merit
        index_before=index_before if before.known else NOTHING,
        tested=tested,
        open=NOTHING if is_unseen else figure.count(opened),
        grave=NOTHING if is_unseen else figure.count(grave),
        acknowledged=reading.figure("acknowledged_in_day_share", code),
        is_partial=code in partial,
    )


def movement(now: float | None, before: float | None) -> tuple[str, Change]:
    """`▲ 2`: two places better."""
    if now is None or before is None:
        return "", "unknown"
    steps = int(before - now)
    if steps == 0:
        return ARROWS["same"], "same"
    change: Change = "better" if steps > 0 else "worse"
    return f"{ARROWS[change]} {abs(steps)}", change
