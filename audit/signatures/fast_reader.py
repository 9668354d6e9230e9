"""A PDF reader that is quick with signatures.

pyHanko reads hexadecimal strings digit by digit, which takes two thirds of the time that a signed file needs: most of
the file is the room that was kept for its signatures. Here an object with one long hexadecimal string is read without
it, and the string is put back.
"""

from __future__ import annotations

import binascii
import re
from io import BytesIO
from typing import Any, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

_OPENING: Final = re.compile(rb"/Contents\s*<(?=[0-9A-Fa-f]{512})")
_DIGITS: Final = re.compile(rb"[0-9A-Fa-f]+(?=>)")
_OBJECT: Final = re.compile(rb"\s*(\d+)\s+(\d+)\s+obj\s*(?=<<)")
_BEFORE_MAX: Final = 4_096
_BEHIND_MAX: Final = 65_536
"""Bytes of a signature's dictionary before and behind its contents, with much to spare."""


class FastReader(PdfFileReader):
    """As pyHanko's; what cannot be read quickly, or may be read in two ways, is read by it."""

    def __init__(self, pdf: bytes) -> None:
        super().__init__(BytesIO(pdf), strict=False)
        self._pdf = pdf

    def get_object(self, ref: Any, *args: Any, **options: Any) -> Any:
        """The object, quickly read and kept where it is a plain one of the current revision."""
        key = (ref.generation, ref.idnum)
        if not args and not options and key not in self.resolved_objects and not self.encrypted:
            found = self._quickly(ref)
            if found is not None:
                self.resolved_objects[key] = found
        return super().get_object(ref, *args, **options)  # type: ignore[no-untyped-call]  # as pyHanko has it

    def _quickly(self, ref: Any) -> generic.DictionaryObject | None:
        """A dictionary with one long hexadecimal string; None where it is anything else."""
        place = self.xrefs[ref]
        if not isinstance(place, int):
            return None
        head = _OBJECT.match(self._pdf, place, place + 64)
        if head is None or (int(head[1]), int(head[2])) != (ref.idnum, ref.generation):
            return None
        opening = _OPENING.search(self._pdf, head.end(), head.end() + _BEFORE_MAX)
        digits = None if opening is None else _DIGITS.match(self._pdf, opening.end())
        if digits is None or len(digits[0]) % 2:
            return None
        end = self._pdf.find(b"endobj", digits.end(), digits.end() + _BEHIND_MAX)
        before, behind = self._pdf[head.end() : digits.start()], self._pdf[digits.end() : end]
        if end < 0 or b"endobj" in before or before.count(b"/Contents") + behind.count(b"/Contents") != 1:
            return None  # of several, pyHanko finds the right one
        found = generic.read_object(BytesIO(before + behind), generic.Reference(ref.idnum, ref.generation, self))
        if not isinstance(found, generic.DictionaryObject) or "/Contents" not in found:
            return None
        found[generic.pdf_name("/Contents")] = generic.ByteStringObject(binascii.unhexlify(digits[0]))
        return found
