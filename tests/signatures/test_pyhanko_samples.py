"""pyHanko's own published samples, and tampered variants of them, get the verdicts that they should.

The files and their licence lie in `pyhanko_samples/`. Whom they were signed by is nobody's business here: no CA is trusted.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from asn1crypto import cms

from audit.signatures import FileFacts, Trust
from audit.signatures.reading import FileReader

FOLDER = Path(__file__).parent / "pyhanko_samples"
READER = FileReader(Trust())
GOOD = {
    "ed448-shake256-nolen": 1,
    "minimal-two-fields-signed-twice": 2,
    "pades-with-old-style-signing-cert-attr": 1,
    "sig-no-signed-attrs": 1,
    "sig-with-ski-sid": 1,
}
"""And how many signatures they have."""
BAD = {
    "coverage-one-byterange": (False, True, False),
    "coverage-signature-gap-too-big": (False, True, False),
    "coverage-tail-uncovered": (True, True, False),
    "coverage-weird-byterange": (False, True, False),
    "ed448-disallowed-hash": (True, False, True),
    "pdf-sig-with-econtent": (False, True, True),
}
"""Intact, valid, covers the file."""
UNREADABLE = {
    "circular-xref-chain": "it is damaged",
    "coverage-base": "it is damaged",
    "form-tree-circular-ref-input": "it is damaged",
    "malformed-encrypt-dict1": "it is encrypted",
    "minimal-aes256": "it is encrypted",
    "minimal-startxref-hopeless": "it is damaged",
    "signed-encrypted-pubkey-with-catalog-ref": "it is encrypted",
    "xref-malformed-prev": "it is damaged",
}


def sample(name: str) -> bytes:
    return (FOLDER / f"{name}.pdf").read_bytes()


def passes(facts: FileFacts) -> bool:
    whole = bool(facts.signatures) and facts.signatures[-1].covers_file is True
    return whole and all(one.intact and one.valid for one in facts.signatures)


def test_every_sample_is_judged_here() -> None:
    assert {path.stem for path in FOLDER.glob("*.pdf")} == {*GOOD, *BAD, *UNREADABLE}
    assert "Permission is hereby granted, free of charge" in (FOLDER / "LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "count"), GOOD.items())
def test_good(name: str, count: int) -> None:
    facts = READER.verify(sample(name))
    assert passes(facts)
    assert len(facts.signatures) == count
    assert {one.chain for one in facts.signatures} == {"no_anchor"}
    assert all(one.signed_at is not None for one in facts.signatures)


@pytest.mark.parametrize(("name", "expected"), BAD.items())
def test_bad(name: str, expected: tuple[bool, bool, bool]) -> None:
    (one,) = READER.verify(sample(name)).signatures
    assert (one.intact, one.valid, one.covers_file) == expected


@pytest.mark.parametrize(("name", "reason"), UNREADABLE.items())
def test_unreadable(name: str, reason: str) -> None:
    assert READER.verify(sample(name)).reason.startswith(f"could not be read: {reason}")


@pytest.mark.parametrize("name", GOOD)
def test_tampered(name: str) -> None:
    pdf = sample(name)
    assert not passes(READER.verify(pdf + b"\n% and one thing more"))
    assert not passes(READER.verify(pdf.replace(b"/MediaBox", b"/CropBoxx", 1)))
    opening, closing = re.search(rb"/Contents\s*<([0-9A-Fa-f]{200,})>", pdf).span(1)  # type: ignore[union-attr]
    contents = bytes.fromhex(pdf[opening:closing].decode())
    value: bytes = cms.ContentInfo.load(contents)["content"]["signer_infos"][0]["signature"].native
    changed = contents.replace(value, value[::-1]).hex().encode()
    facts = READER.verify(pdf[:opening] + changed + pdf[closing:])
    assert facts.signatures[0].valid is False
