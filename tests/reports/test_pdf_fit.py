"""How many rows the paper has room for, from where they came to lie."""

import re

from reports.pdf_fit import BODY_END, FIRST_PAGE_END, PARTS, Box, Limits, fitted
from reports.rendering import TEMPLATES

MM = 96 / 25.4
PAGES = 8


def row(bottom_mm: float) -> Box:
    """A row 5 mm high that ends so far from the top of its page; the type area ends at 277 mm."""
    return (0.0, (bottom_mm - 5) * MM, 100.0, bottom_mm * MM)


def laid_out(*topics: dict[str, Box]) -> list[dict[str, Box]]:
    """Eight pages with the topics' rows from page 4 on, and nothing else that would be too much."""
    pages: list[dict[str, Box]] = [{} for _ in range(PAGES)]
    pages[0][FIRST_PAGE_END] = pages[5][BODY_END] = row(100)
    for number, rows in enumerate(topics, start=3):
        pages[number].update(rows)
    return pages


def test_a_topics_table_on_one_page_stays_as_it_is() -> None:
    table = {"loai-1-1": row(200), "loai-1-2": row(265), "tong-loai-1": row(275)}
    assert fitted(Limits(), laid_out(table)) is None


def test_a_topics_table_of_which_only_the_sums_go_over_a_page_leaves_out_a_row_for_them() -> None:
    closer = fitted(Limits(), laid_out({"loai-1-1": row(255), "loai-1-2": row(272)}, {"tong-loai-1": row(25)}))
    assert closer is not None
    assert closer.kinds == 1


def test_a_topics_table_that_goes_over_a_page_leaves_out_what_does_not_fit_with_its_last_line() -> None:
    closer = fitted(
        Limits(), laid_out({"loai-1-1": row(255), "loai-1-2": row(262), "loai-1-3": row(272)}, {"loai-1-4": row(30)})
    )
    assert closer is not None
    assert closer.kinds == 2


def test_the_room_is_shared_by_all_topics() -> None:
    first = {"loai-1-1": row(200), "loai-1-2": row(210), "loai-2-1": row(240)}
    closer = fitted(Limits(), laid_out(first, {"loai-2-2": row(30)}))
    assert closer is not None
    assert closer.kinds == 1


def test_each_layout_leaves_out_more_until_nothing_is_left() -> None:
    limits, seen = Limits(), []
    pages = laid_out({"loai-1-1": row(276)}, {"loai-1-2": row(30)})
    while (closer := fitted(limits, pages)) is not None:
        limits = closer
        seen.append(limits.kinds)
    assert seen == [0]


def test_each_part_is_laid_out_anew_for_the_limits_that_its_template_reads() -> None:
    template = (TEMPLATES / "province.html.j2").read_text(encoding="utf-8")
    branches = re.split(r'{% (?:if|elif) part == "([a-z-]+)" %}', template)[1:]
    texts = zip(branches[::2], branches[1::2], strict=True)
    read = {part: set(re.findall(r"limits\.(\w+)", text)) for part, text in texts}
    assert read == {part: set(names) for part, names in PARTS.items()}
