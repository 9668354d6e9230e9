"""The text of a PDF, read with PDFium page by page until every component is found, and what it lacks.

Nothing of the text leaves this module but the letters of what is missing. Numbers, dates and seals that a tool stamped
onto the page (annotations, fields) are read with it. Columns are read twice where need be: in the order of the file,
and in the order of the lines on the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pypdfium2
from pypdfium2 import raw

from audit.signatures.components import LETTERS, found_in, is_judgeable
from audit.signatures.file_facts import Wording

PAGES_MAX: Final = 60
"""Pages that are looked at; of a longer document with something missing, nobody knows what the others hold."""
_HEAD_PAGES: Final = 3
"""Pages, a cover among them, on which the head of a document may stand."""
_LETTERS_OF_PAGE: Final = 20
"""A page with fewer and a picture is a scan."""
_LINE: Final = 4.0
"""Points within which two pieces of text stand on one line."""
_DEPTH: Final = 3
"""How deep pictures are looked for in pages."""


def wording_of(pdf: bytes) -> Wording | None:
    """What a PDF's text lacks; None where it has none that can be judged."""
    try:
        with pypdfium2.PdfDocument(pdf) as document:
            return _wording(document)
    except (pypdfium2.PdfiumError, RuntimeError, ValueError, AssertionError):
        return None


def _wording(document: pypdfium2.PdfDocument) -> Wording | None:
    """Components may stand on any page, and a signature may begin on one and end on the next; an agency's name counts
    in the head of the document only, since annexes have heads of their own.
    """
    missing, is_whole = set(LETTERS), len(document) <= PAGES_MAX
    pages: list[str] = []
    lines: list[str] = []
    for number in range(min(len(document), PAGES_MAX)):
        text, in_lines, is_scan = _read(document, number)
        pages, lines, is_whole = [*pages, text], [*lines, in_lines], is_whole and not is_scan
        since = 0 if number < _HEAD_PAGES else number - 1
        for told in (pages, lines):
            found = found_in("\n".join(told[since:])) if missing else frozenset()
            missing -= found if not since else found - {"b"}
        if not missing:
            break
    if not is_judgeable("\n".join(pages)):
        return None
    return Wording(missing=tuple(letter for letter in LETTERS if letter in missing), is_whole=is_whole)


def _read(document: pypdfium2.PdfDocument, number: int) -> tuple[str, str, bool]:
    """The text of a page in the order of the file, by its lines, and whether it is a scan."""
    page = document[number]
    if raw.FPDFPage_GetAnnotCount(page) > 0:
        raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
        page.close()
        page = document[number]
    try:
        texts = page.get_textpage()
        try:
            text = texts.get_text_bounded()
            lines = "\n".join(_lines(texts))
        finally:
            texts.close()
        is_scan = sum(sign.isalpha() for sign in text) < _LETTERS_OF_PAGE and _has_picture(page)
    finally:
        page.close()
    return text, lines, is_scan


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    return next(iter(page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=_DEPTH)), None) is not None


def _lines(texts: pypdfium2.PdfTextPage) -> Iterator[str]:
    """The lines as they stand on the page, from the top; pieces of a line from the left."""
    pieces = []
    for place in range(texts.count_rects()):
        left, bottom, right, top = texts.get_rect(place)
        pieces.append((-(bottom + top) / 2, left, texts.get_text_bounded(left, bottom, right, top)))
    pieces.sort(key=lambda piece: piece[0])
    row: list[tuple[float, float, str]] = []
    for piece in pieces:
        if row and piece[0] - row[0][0] > _LINE:
            yield _joined(row)
            row = []
        row.append(piece)
    if row:
        yield _joined(row)


def _joined(row: list[tuple[float, float, str]]) -> str:
    return " ".join(text.strip() for _, _, text in sorted(row, key=lambda piece: piece[1]))
