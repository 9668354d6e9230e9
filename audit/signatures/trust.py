"""What certificates are measured by: the accepted CAs, their revocation lists and OCSP answers, as files of a folder.

`config/trust/README.md` says which official ones belong there; the project ships none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from asn1crypto import crl, ocsp, pem, x509

from audit.errors import DataError
from audit.signatures.parties import folded

CERTIFICATES: Final = (".crt", ".cer", ".pem", ".der")
REVOCATION_LISTS: Final = (".crl",)
OCSP_ANSWERS: Final = (".ocsp", ".ors")
_KINDS: Final = (
    (CERTIFICATES, x509.Certificate),
    (REVOCATION_LISTS, crl.CertificateList),
    (OCSP_ANSWERS, ocsp.OCSPResponse),
)
FACTS: Final = b"2"
"""Counted up when files are asked for more, or read otherwise, than before: 2 with the text's components."""
FILE_BYTES_MAX: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Trust:
    """What a file's certificates are measured by.

    Attributes:
        certificates: DER of the accepted CAs; each one is an anchor by itself.
        revocation_lists: DER of lists that they signed.
        agency_names: folded names of the agencies: a certificate that bears one is an agency's.
        ocsp_answers: DER of answers that they, or responders that they appointed, gave about single certificates.
    """

    certificates: tuple[bytes, ...] = ()
    revocation_lists: tuple[bytes, ...] = ()
    agency_names: frozenset[str] = frozenset()
    ocsp_answers: tuple[bytes, ...] = ()

    @classmethod
    def read(cls, folder: Path, agency_names: Iterable[str] = ()) -> Trust:
        """The certificates (`.crt`, `.cer`, `.pem`, `.der`), revocation lists (`.crl`) and OCSP answers (`.ocsp`,
        `.ors`) of a folder, PEM or DER; the folder need not exist.

        Raises:
            DataError: a file is not what its name says.
        """
        found: dict[tuple[str, ...], list[bytes]] = {endings: [] for endings, _ in _KINDS}
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            for endings, kind in _KINDS:
                if path.suffix.lower() in endings:
                    found[endings] += _read(path, kind)
        names = frozenset(folded(name) for name in agency_names)
        ders = {endings: tuple(parts) for endings, parts in found.items()}
        return cls(ders[CERTIFICATES], ders[REVOCATION_LISTS], names, ders[OCSP_ANSWERS])

    @property
    def digest(self) -> str:
        """SHA-256 over all of it and the kind of facts: what was verified by another digest is verified again."""
        names = map(str.encode, sorted(self.agency_names))
        parts = (FACTS, *self.certificates, b"", *self.revocation_lists, b"", *self.ocsp_answers, b"", *names)
        return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _read(path: Path, kind: type[x509.Certificate | crl.CertificateList | ocsp.OCSPResponse]) -> list[bytes]:
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise ValueError("too large")
        content = path.read_bytes()
        ders = [der for _, _, der in pem.unarmor(content, multiple=True)] if pem.detect(content) else [content]
        for der in ders:
            kind.load(der, strict=True).native  # noqa: B018  # asn1crypto reads the inside only when asked for it
    except (OSError, ValueError, TypeError) as error:
        raise DataError(f"trust/{path.name}", f"not a {kind.__name__} in PEM or DER") from error
    return ders
