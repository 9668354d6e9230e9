"""A PDF of a few kilobytes, and the increments by which signatures are added to it, as signing tools do.

The font is Times New Roman of whoever opens the file; its letters are named by their Unicode numbers, so that the text
can be read, searched and copied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final

from audit.simulator.papers.letter import Line

CONTENTS_BYTES: Final = 8_192
"""Room kept for a signature, as signing tools do."""
_HEAD: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
_CATALOG, _PAGES, _PAGE, _TEXT, _FONT, _UNICODE, _FIRST_FREE = range(1, 8)
_WIDTH: Final = 480
"""Of every letter, in thousandths of the size: about what the font has on average."""


class Paper:
    """A file of one page.

    Attributes:
        content: the file as it is now.
    """

    def __init__(self, lines: Sequence[Line], *, scanned: bool = False) -> None:
        codes = _codes(line.text for line in lines)
        text = _picture() if scanned else b"\n".join(_shown(line, codes) for line in lines)
        self._signatures: list[int] = []
        self._free, self._xref = _FIRST_FREE, 0
        self._id = sha256(text).hexdigest()[:32]
        self.content = _HEAD
        self._append(
            {
                _CATALOG: self._catalog(),
                _PAGES: b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % _PAGE,
                _PAGE: self._page(),
                _TEXT: b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
                _FONT: _font(codes),
                _UNICODE: _to_unicode(codes),
            }
        )

    def sign(self, make: Callable[[bytes], bytes], at: str | None, reason: str) -> None:
        """Add a signature.

        Args:
            make: SHA-256 of the bytes that are signed → the signature (CMS, DER).
            at: `/M`; None: it tells no time.
            reason: `/Reason`, ASCII.
        """
        value, field = self._free, self._free + 1
        self._free += 2
        self._signatures.append(field)
        told = b"" if at is None else b"/M(D:%s)" % at.encode("ascii")
        hole = b"<" + b"0" * (2 * CONTENTS_BYTES) + b">"
        start = len(self.content)
        places = b"/ByteRange[0 %010d %010d %010d]"
        body = b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached%s/Contents%s%s/Reason(%s)>>"
        blank = places % (0, 0, 0)
        self._append(
            {
                value: body % (blank, hole, told, reason.encode("ascii")),
                field: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Signature%d)/V %d 0 R/F 132/Rect[0 0 0 0]/P %d 0 R>>"
                % (len(self._signatures), value, _PAGE),
                _CATALOG: self._catalog(),
                _PAGE: self._page(),
            }
        )
        opening = self.content.index(hole, start)
        closing = opening + len(hole)
        filled = places % (opening, closing, len(self.content) - closing)
        self.content = self.content[:start] + self.content[start:].replace(blank, filled, 1)
        digest = sha256(self.content[:opening] + self.content[closing:]).digest()
        made = make(digest).hex().encode("ascii").ljust(2 * CONTENTS_BYTES, b"0")
        self.content = self.content[: opening + 1] + made + self.content[closing - 1 :]

    def replace(self, old: bytes, new: bytes) -> None:
        """Alter the file behind the backs of those who signed it.

        Raises:
            ValueError: `old` does not stand there, or is not as long as `new`.
        """
        if old not in self.content or len(old) != len(new):
            raise ValueError(f"{old!r} cannot be replaced by {new!r}")
        self.content = self.content.replace(old, new, 1)

    def append_remark(self) -> None:
        """Add an increment that is no signature."""
        self._append({_CATALOG: self._catalog(b"/Lang(vi)")})

    def _catalog(self, more: bytes = b"") -> bytes:
        if self._signatures:
            more += b"/AcroForm<</SigFlags 3/Fields[%s]>>" % self._references()
        return b"<</Type/Catalog/Pages %d 0 R%s>>" % (_PAGES, more)

    def _page(self) -> bytes:
        fonts = b"/Resources<</Font<</F1 %d 0 R>>>>" % _FONT
        seals = b"/Annots[%s]" % self._references() if self._signatures else b""
        page = b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]%s/Contents %d 0 R%s>>"
        return page % (_PAGES, fonts, _TEXT, seals)

    def _references(self) -> bytes:
        return b" ".join(b"%d 0 R" % field for field in self._signatures)

    def _append(self, objects: Mapping[int, bytes]) -> None:
        """The objects with their table, as a first or a further increment."""
        out, places = [self.content], {}
        length = len(self.content)
        for number, body in sorted(objects.items()):
            places[number] = length
            part = b"%d 0 obj\n%s\nendobj\n" % (number, body)
            out.append(part)
            length += len(part)
        previous = b"/Prev %d" % self._xref if self._xref else b""
        rows = [b"0 1\n0000000000 65535 f \n", *(b"%d 1\n%010d 00000 n \n" % item for item in places.items())]
        mark = self._id.encode("ascii")
        end = b"trailer\n<</Size %d/Root %d 0 R%s/ID[<%s><%s>]>>\nstartxref\n%d\n%%%%EOF\n"
        tail = end % (self._free, _CATALOG, previous, mark, mark, length)
        self._xref = length
        self.content = b"".join([*out, b"xref\n", *rows, tail])


def _codes(texts: Iterable[str]) -> dict[str, int]:
    """A byte for every letter: its own for ASCII, the next free one for the others."""
    others = sorted({sign for text in texts for sign in text if not sign.isascii()})
    return {chr(code): code for code in range(32, 127)} | {sign: code for code, sign in enumerate(others, start=128)}


def _shown(line: Line, codes: Mapping[str, int]) -> bytes:
    text = bytes(codes[sign] for sign in line.text)
    for special in (b"\\", b"(", b")"):
        text = text.replace(special, b"\\" + special)
    return b"BT /F1 %d Tf %d %d Td (%s) Tj ET" % (line.size, line.x, line.y, text)


def _picture() -> bytes:
    """A grey picture over the whole page, as a scanner makes it."""
    return b"q 595 0 0 842 0 0 cm BI /W 4 /H 4 /CS /G /BPC 8 /F /AHx ID %s> EI Q" % (b"e0c0d0f0" * 4)


def _font(codes: Mapping[str, int]) -> bytes:
    named = b" ".join(b"%d /uni%04X" % (code, ord(sign)) for sign, code in codes.items() if code >= 128)
    last = max(codes.values())
    widths = b" ".join([b"%d" % _WIDTH] * (last - 31))
    font = (
        b"<</Type/Font/Subtype/TrueType/BaseFont/TimesNewRomanPSMT/FirstChar 32/LastChar %d/Widths[%s]/ToUnicode %d 0 R"
    )
    encoding = b"/Encoding<</Type/Encoding/BaseEncoding/WinAnsiEncoding/Differences[%s]>>>>" % named
    return font % (last, widths, _UNICODE) + encoding


def _to_unicode(codes: Mapping[str, int]) -> bytes:
    pairs = [b"<%02x> <%04x>" % (code, ord(sign)) for sign, code in sorted(codes.items(), key=lambda item: item[1])]
    blocks = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]
    told = b"\n".join(b"%d beginbfchar\n%s\nendbfchar" % (len(block), b"\n".join(block)) for block in blocks)
    text = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def /CMapType 2 def"
        b" 1 begincodespacerange <00> <ff> endcodespacerange\n%s\nendcmap end end" % told
    )
    return b"<</Length %d>>stream\n%s\nendstream" % (len(text), text)
