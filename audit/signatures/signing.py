"""Signing our own reports with the running department's key, and the mark that shows it.

The mark is that of an agency's signature on a file of its own (Nghị định 30/2020/NĐ-CP, Phụ lục I: top right of the
first page, without an image; text with the time of signing after ISO 8601). A signature is appended: the signed file
begins with the bytes that were signed, so whether a file was signed before can be told by looking.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from audit.errors import ConfigError

FIELD: Final = "ChuKySoCoQuan"
_MM: Final = 72 / 25.4
_PAGE_MM: Final = (210.0, 297.0)
_RIGHT_MM: Final = 15.0
_TOP_MM: Final = 6.0


@dataclass(frozen=True, slots=True)
class Mark:
    """What is seen of the signature: a file of one page of this size, which stands top right on page 1."""

    file: Path
    width_mm: float
    height_mm: float


class Signer:
    """A key and its certificate, read from a PKCS#12 file.

    Args:
        pkcs12: the file.
        password: opens it.
        name: who signs, as the signature tells it.

    Raises:
        ConfigError: the file cannot be read, or the password does not open it.
    """

    def __init__(self, pkcs12: Path, password: str, name: str) -> None:
        from pyhanko.sign.signers import SimpleSigner  # noqa: PLC0415  # pyHanko loads slowly

        key, allowed = "report.signature.pkcs12_file", "a PKCS#12 file that report.signature.password opens"
        try:
            content = pkcs12.read_bytes()
        except OSError:
            raise ConfigError.of("audit.toml", key, str(pkcs12), "a file that can be read") from None
        try:
            signer = SimpleSigner.load_pkcs12_data(content, [], password.encode())
        except ValueError:
            signer = None
        if signer is None:
            raise ConfigError.of("audit.toml", key, str(pkcs12), allowed)
        self._signer: Final = signer
        self._name: Final = name

    def sign(self, pdf: bytes, mark: Mark) -> bytes:
        """The PDF with a signature appended, which covers all of it."""
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415
        from pyhanko.pdf_utils.layout import (  # noqa: PLC0415
            AxisAlignment,
            InnerScaling,
            Margins,
            SimpleBoxLayoutRule,
        )
        from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter  # noqa: PLC0415
        from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner  # noqa: PLC0415
        from pyhanko.stamp import StaticStampStyle  # noqa: PLC0415

        as_it_is = SimpleBoxLayoutRule(
            AxisAlignment.ALIGN_MAX, AxisAlignment.ALIGN_MIN, Margins(), inner_content_scaling=InnerScaling.NO_SCALING
        )
        meta = PdfSignatureMetadata(
            field_name=FIELD, md_algorithm="sha256", name=self._name, subfilter=SigSeedSubFilter.PADES
        )
        signer = PdfSigner(
            meta,
            self._signer,
            stamp_style=StaticStampStyle.from_pdf_file(str(mark.file), border_width=0, background_layout=as_it_is),
            new_field_spec=SigFieldSpec(FIELD, on_page=0, box=_box(mark)),
        )
        signed = BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tagged files: the mark is an artefact beside the tags
            signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), output=signed)
        return signed.getvalue()


def is_signed_form_of(signed: bytes, pdf: bytes) -> bool:
    """Whether a file is this PDF with something appended, as signing does."""
    return len(signed) > len(pdf) and signed.startswith(pdf)


def _box(mark: Mark) -> tuple[int, int, int, int]:
    """Left, bottom, right, top in points."""
    width, height = _PAGE_MM
    left, top = width - _RIGHT_MM - mark.width_mm, height - _TOP_MM
    return tuple(round(side * _MM) for side in (left, top - mark.height_mm, width - _RIGHT_MM, top))  # type: ignore[return-value]
