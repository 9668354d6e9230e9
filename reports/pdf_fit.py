"""How many rows of each table the paper has room for, measured in a layout that was too long.

The layout marks its rows and blocks with ids; WeasyPrint tells where each came to lie. From that follows at once how
many rows fit together with what must stand after them, so that two or three layouts suffice where trying would take
ten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

FIRST_PAGE_END, BODY_END = "het-trang-mot", "het-bao-cao"
BODY_PAGES = 6
"""Pages of the report without its two annexes, which have one each."""

_PX_A_MM = 96 / 25.4
_BOTTOM = (297 - 20) * _PX_A_MM
_NOTE = 7 * _PX_A_MM
"""The line under a table that says what was cut."""
_AIR = 4 * _PX_A_MM
"""Between the last agency to call and the proposals."""
_CLOSING = 62 * _PX_A_MM
"""The last sentence and the signature block, where they came to lie on two pages."""
_FEWEST_TASKS = 4
_STRICTER: tuple[tuple[int, int, int, int], ...] = ((6, 4, 36, 3), (5, 3, 34, 2), (4, 3, 30, 0), (3, 2, 24, 0))

Box = tuple[float, float, float, float]
Anchors = Sequence[Mapping[str, Box]]
"""For each page, the boxes (left, top, right, bottom in CSS pixels) by id."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many rows of each table the paper shows."""

    calls: int = 4
    kinds: int = 3
    systems: int = 8
    gaps: int = 4
    agencies: int = 40
    tasks: int = 40
    worst: int = 30
    strictness: int = 0


def fitted(limits: Limits, pages: Anchors) -> Limits | None:
    """Limits under which what was laid out will fit; None: it fits, or nothing can be left out any more."""
    closer = _page_1(limits, pages)
    late = _page_of(FIRST_PAGE_END, pages)
    closer = _body(closer, pages, late + BODY_PAGES - 1)
    closer = _annex(closer, pages)
    return None if closer == limits else closer


def fits(pages: Anchors, most: int) -> bool:
    """Whether page 1 holds its message and the whole has at most so many pages."""
    return FIRST_PAGE_END in pages[0] and len(pages) <= most


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
    room = before + (_rows(pages[last], "viec", _BOTTOM - _NOTE - _closing(pages)) if last < len(pages) else 0)
    if room >= _FEWEST_TASKS or limits.strictness == len(_STRICTER):
        return replace(limits, tasks=max(min(room, limits.tasks - 1), 0))
    systems, gaps, agencies, kinds = _STRICTER[limits.strictness]
    return replace(limits, systems=systems, gaps=gaps, agencies=agencies, kinds=kinds, strictness=limits.strictness + 1)


def _annex(limits: Limits, pages: Anchors) -> Limits:
    holding = [page for page in pages if any(name.startswith("dong-") for name in page)]
    if len(holding) < 2:
        return limits
    return replace(limits, worst=max(min(_rows(holding[0], "dong", _BOTTOM - _NOTE), limits.worst - 1), 1))


def _closing(pages: Anchors) -> float:
    """The height of the last sentence and the signature block."""
    for page in pages:
        if "ket-thuc" in page and BODY_END in page:
            return page[BODY_END][3] - page["ket-thuc"][1]
    return _CLOSING


def _rows(page: Mapping[str, Box], prefix: str, bottom: float) -> int:
    """Rows of a table on a page that end above `bottom`."""
    return sum(name.startswith(f"{prefix}-") and box[3] <= bottom for name, box in page.items())


def _page_of(name: str, pages: Anchors) -> int:
    return next((number for number, page in enumerate(pages) if name in page), len(pages))
