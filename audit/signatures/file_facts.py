"""What verification says of a file: plain values that pass between processes and are kept as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, TypeAlias

import msgspec

Party: TypeAlias = Literal["person", "agency"]
Chain: TypeAlias = Literal["trusted", "untrusted", "no_anchor"]
"""Whether a certificate leads to an accepted CA. `no_anchor`: no certificate of its CA was at hand, so nobody can tell;
an outcome of its own, and no fault."""
TimeOrigin: TypeAlias = Literal["token", "attribute", "dictionary"]
"""Where the time of signing was told, the most trustworthy first: the token of a time-stamp authority, a signed
attribute, or `/M` of the signature's dictionary, which is the signer's clock as well."""
Revocation: TypeAlias = Literal["good", "revoked", "not_checked"]

NOT_READ: Final = "could not be read"


class SignatureFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One signature of a file. Names are in the form of RFC 4514 with a blank after the comma; instants are UTC."""

    party: Party | None
    """Whose certificate it is, as `audit.signatures.parties` tells; None where it does not show."""
    subject: str
    serial: str
    """Hexadecimal, in capitals."""
    issuer: str
    valid_from: datetime
    valid_to: datetime
    signed_at: datetime | None
    time_origin: TimeOrigin | None
    timestamp_at: datetime | None
    """Time of a token that is intact and is of this very signature; None where there is none such."""
    timestamp_chain: Chain | None
    intact: bool
    """The bytes that it covers are those that were signed, and nothing but the signature itself is left out."""
    valid: bool
    """It was made with the key of its certificate."""
    covers_file: bool | None
    """Nothing was added behind it. None: only document time stamps were, which vouch for no change."""
    chain: Chain
    revocation: Revocation
    """`good` only where a revocation list or OCSP answer at hand is not older than the signature."""
    revoked_at: datetime | None


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """Which components of a document (NĐ 30/2020 Điều 8 khoản 2) do not stand in a file's text.

    Attributes:
        missing: letters of the clause, in its order.
        is_whole: every page has its text; else what is missing may stand on a page that is a picture.
    """

    missing: tuple[str, ...]
    is_whole: bool


class FileFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What verification says of a file.

    Attributes:
        reason: why the file could not be read; `""`: it was.
        signatures: in the order in which they were made; none where the file could not be read.
        wording: None where the file has no text that can be judged (a scan, another language, letters of old fonts).
    """

    reason: str = ""
    signatures: tuple[SignatureFacts, ...] = ()
    wording: Wording | None = None

    @property
    def is_read(self) -> bool:
        """Whether anything is known; a file that could not be read is neither signed nor unsigned."""
        return not self.reason

    @property
    def signers(self) -> frozenset[tuple[Party | None, str]]:
        """Who signed: several seals of one agency count once."""
        return frozenset((signature.party, signature.subject) for signature in self.signatures)


def unread(why: str) -> FileFacts:
    """The facts of a file that could not be read."""
    return FileFacts(reason=f"{NOT_READ}: {why}")
