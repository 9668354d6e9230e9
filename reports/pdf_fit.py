"""How many rows of each table the paper has room for, measured in a layout that was too long.

The layout marks blocks, and the first cells of rows, with ids; WeasyPrint tells where each came to lie. From that
follows at once how many rows fit together with what must stand after them, so that two or three layouts suffice where
trying would take ten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

FIRST_PAGE_END, BODY_END, AFTER_WORST = "het-trang-mot", "het-bao-cao", "sau-viec"
BODY_PAGES = 6
"""Pages of the report without its two annexes, which have one each."""

PARTS: Mapping[str, tuple[str, ...]] = {
    "first": ("calls",),
    "course": ("agencies",),
    "body": ("agencies", "kinds", "systems", "gaps", "tasks"),
    "annex-one": ("worst",),
    "annex-two": ("small_rules",),
}
"""The parts of the report, which begin on new pages, and the limits that each obeys."""
ANNEXES = ("annex-one", "annex-two")
"""Those that count their pages anew."""

_PX_A_MM = 96 / 25.4
_BOTTOM = (297 - 20) * _PX_A_MM
_TOP = 20 * _PX_A_MM
_LOW_CHART = 112
"""Height of a notice's charts, in CSS pixels, where that keeps it on one page."""
_UNSEEN = 10 * _PX_A_MM
"""Air between blocks, and lines that have no anchor."""
_NOTE = 8.3 * _PX_A_MM
"""The line under a table that says what was cut, and the air about it."""
_SUMS = 10 * _PX_A_MM
"""The two last rows of a topic's table: what was left out, and all."""
_AIR = 7.5 * _PX_A_MM
"""Between the last agency to call and the proposals."""
_CLOSING = 62 * _PX_A_MM
"""The last sentence and the signature block, where they came to lie on two pages."""
_FEWEST_TASKS = 4
_FEWEST_WORST = 2
_FEWER_RULES = {12: 10, 10: 6, 6: 3, 3: 0}
_STRICTER: tuple[tuple[int, int, int, int], ...] = ((6, 4, 36, 4), (5, 3, 34, 3), (4, 3, 30, 0), (3, 2, 24, 0))

Box = tuple[float, float, float, float]
Anchors = Sequence[Mapping[str, Box]]
"""For each page, the boxes (left, top, right, bottom in CSS pixels) by id."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many rows of each table the paper shows, and whether the rules are set in small type."""

    calls: int = 4
    kinds: int = 4
    systems: int = 8
    gaps: int = 4
    agencies: int = 40
    tasks: int = 26
    worst: int = 34
    strictness: int = 0
    small_rules: bool = False


@dataclass(frozen=True, slots=True)
class NoticeLimits:
    """How many rows an agency's notice shows."""

    rules: int = 12
    worst: int = 16
    chart_height: int = 168


def fitted(limits: Limits, pages: Anchors) -> Limits | None:
    """Limits under which what was laid out will fit; None: it fits, or nothing can be left out any more."""
    closer = _page_1(limits, pages)
    late = _page_of(FIRST_PAGE_END, pages)
    closer = _body(closer, pages, late + BODY_PAGES - 1)
    closer = _rules(_annex(_topics(closer, pages), pages), pages)
    return None if closer == limits else closer


def fits(pages: Anchors, most: int) -> bool:
    """Whether page 1 holds its message and the whole has at most so many pages."""
    return FIRST_PAGE_END in pages[0] and len(pages) <= most


def fitted_notice(limits: NoticeLimits, pages: Anchors, most: int) -> NoticeLimits | None:
    """Limits under which a notice that was laid out on more than `most` pages will fit; None: nothing is left to omit.

    First fewer of the worst findings; where hardly any would be left, fewer rules before them.
    """
    last = pages[most - 1]
    room = sum(_rows(page, "viec", _BOTTOM) for page in pages[: most - 1])
    room += _rows(last, "viec", _BOTTOM - _NOTE - _height(AFTER_WORST, BODY_END, pages))
    if room >= _FEWEST_WORST and limits.worst > _FEWEST_WORST:
        return replace(limits, worst=max(min(room, limits.worst - 1), _FEWEST_WORST))
    if limits.rules in _FEWER_RULES:
        return replace(limits, rules=_FEWER_RULES[limits.rules], worst=min(limits.worst, _FEWEST_WORST))
    return None


def lowered(limits: NoticeLimits, pages: Anchors) -> NoticeLimits | None:
    """The same with lower charts, where what came to lie on a second page might then fit the first; else None."""
    if len(pages) != 2:
        return None
    saved = limits.chart_height - _LOW_CHART
    over = pages[1][BODY_END][3] - _TOP
    left = _BOTTOM - max((box[3] for box in pages[0].values()), default=_BOTTOM)
    return replace(limits, chart_height=_LOW_CHART) if over - saved <= left + _UNSEEN else None


def _page_1(limits: Limits, pages: Anchors) -> Limits:
    if FIRST_PAGE_END in pages[0]:
        return limits
    after = next((page["de-nghi"] for page in pages if "de-nghi" in page), (0.0, 0.0, 0.0, 0.0))
    room = _rows(pages[0], "don-doc", _BOTTOM - (after[3] - after[1]) - _AIR)
    return replace(limits, calls=max(min(room, limits.calls - 1), 0))


def _body(limits: Limits, pages: Anchors, last: int) -> Limits:
    """Fewer tasks; where hardly any would be left, fewer of the rows before them."""
    if _page_of(BODY_END, pages) <= last:
        return limits
    before = sum(_rows(page, "viec", _BOTTOM) for page in pages[:last])
    room = before + (
        _rows(pages[last], "viec", _BOTTOM - _NOTE - _height("ket-thuc", BODY_END, pages)) if last < len(pages) else 0
    )
    if room >= _FEWEST_TASKS or limits.strictness == len(_STRICTER):
        return replace(limits, tasks=max(min(room, limits.tasks - 1), 0))
    systems, gaps, agencies, kinds = _STRICTER[limits.strictness]
    kinds = min(kinds, limits.kinds)
    return replace(limits, systems=systems, gaps=gaps, agencies=agencies, kinds=kinds, strictness=limits.strictness + 1)


def _topics(limits: Limits, pages: Anchors) -> Limits:
    """Fewer kinds of each priority topic where their tables do not end on the page on which they begin."""
    holding = _holding("loai", pages)
    if not holding or holding[-1] is holding[0] is _holding("tong-loai", pages)[-1]:
        return limits
    tables = len({name.split("-")[1] for page in holding for name in page if name.startswith("loai-")})
    room = _rows(holding[0], "loai", _BOTTOM - _SUMS) // tables
    return replace(limits, kinds=max(min(room, limits.kinds - 1), 0))


def _annex(limits: Limits, pages: Anchors) -> Limits:
    holding = _holding("dong", pages)
    if len(holding) < 2:
        return limits
    return replace(limits, worst=max(min(_rows(holding[0], "dong", _BOTTOM - _NOTE), limits.worst - 1), 1))


def _rules(limits: Limits, pages: Anchors) -> Limits:
    """The rules in smaller type where they do not end on the page on which they begin: none can be left out.

    Only the first and the last have ids.
    """
    return replace(limits, small_rules=True) if len(_holding("quy-tac", pages)) > 1 else limits


def _height(first: str, last: str, pages: Anchors) -> float:
    """From the top of one block to the end of another, where both came to lie on one page; else what is usual."""
    for page in pages:
        if first in page and last in page:
            return page[last][3] - page[first][1]
    return _CLOSING


def _holding(prefix: str, pages: Anchors) -> Anchors:
    """The pages on which a table has rows."""
    return [page for page in pages if any(name.startswith(f"{prefix}-") for name in page)]


def _rows(page: Mapping[str, Box], prefix: str, bottom: float) -> int:
    """Rows of a table on a page that end above `bottom`."""
    return sum(name.startswith(f"{prefix}-") and box[3] <= bottom for name, box in page.items())


def _page_of(name: str, pages: Anchors) -> int:
    return next((number for number, page in enumerate(pages) if name in page), len(pages))
