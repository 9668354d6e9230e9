"""The clerk's desk: turns what happened to a document's signatures into files that prove it.

Only documents whose every signature a file can hold get one; of the others the log's word is all there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from audit.simulator.clock import DAY, local_text
from audit.simulator.model import Document, File, Signature, known
from audit.simulator.offices import ISSUERS
from audit.simulator.papers.authorities import Authorities, instant
from audit.simulator.papers.letter import annex_of, page_of
from audit.simulator.papers.paper import Paper
from audit.simulator.papers.signing import Hand, Stamper, signature_of
from audit.simulator.province import Province
from audit.working_time import day_number

PDF: Final = "application/pdf"
_ALTERATION: Final = (b"(3. ", b"(8. ")
_REASONS: Final = {"person": "Da ky len van ban nay", "agency": "Da dong dau van ban nay"}


def papers_of(province: Province, document: Document, givers: frozenset[str]) -> Iterator[File]:
    """The files of a document that can be fetched: PDFs of the period, of an agency that gives them."""
    options = province.options
    first, end = day_number(options.start), day_number(options.end)
    is_asked = document.sender in givers and document.has_row and bool(document.pairs)
    if is_asked and first <= document.registered_at // DAY < end:
        for file in document.files or ():
            if file.content_type == PDF and file.size_bytes and _can_be_made(file):
                yield file


def make_papers(province: Province, givers: frozenset[str]) -> None:
    """Make the files, put their hashes and sizes into the logs, and fill the trust folder."""
    authorities, revoked = Authorities(province.options.seed), list[Signature]()
    hashes = Counter(file.sha256 for document in province.documents for file in document.files or ())
    province.papers = {code: {} for code in sorted(givers)}
    for document in province.documents:
        for file in list(papers_of(province, document, givers)):
            if hashes[file.sha256] > 1:  # two documents share it, and one file cannot be signed as both say
                continue
            content = _file(province, authorities, document, file)
            content = content[: len(content) // 2] if file.damaged else content
            _exchange(document, file, content)
            province.papers[document.sender][file.sha256] = content
            revoked += [signature for signature in known(file.signatures) if signature.revoked_at is not None]
    province.trust = _trust(province, authorities, revoked)


def _can_be_made(file: File) -> bool:
    """Whether a certificate can say what is told of its signatures."""
    signatures = file.signatures
    return signatures is not None and all(
        None not in (one.subject, one.serial, one.issuer, one.valid_from, one.valid_to, one.signed_at)
        for one in signatures
    )


def _file(province: Province, authorities: Authorities, document: Document, file: File) -> bytes:
    office = province.offices[document.sender]
    lines = page_of(document, office, file.without) if file is document.main else annex_of(document, office)
    paper = Paper(lines, scanned=file.scanned)
    signatures = known(file.signatures)
    in_order = sorted(signatures, key=lambda one: known(one.signed_at))
    for signature in in_order:
        _sign(paper, authorities, signature)
        if not signature.intact and signature is in_order[-1]:
            reason = _REASONS[signature.party]
            paper.replace(reason.encode(), reason.upper().encode())
        elif not signature.intact:
            paper.replace(*_ALTERATION)
    if signatures and in_order[-1] is signatures[-1] and not signatures[-1].covers_file:
        paper.append_remark()
    return paper.content


def _sign(paper: Paper, authorities: Authorities, signature: Signature) -> None:
    holder, stamped_at = authorities.holder(signature), signature.timestamp_at
    hand = Hand(holder, None if signature.valid else authorities.other_key)
    stamper = None if stamped_at is None else Stamper(authorities.stamper, instant(stamped_at))
    at = "".join(sign for sign in local_text(known(signature.signed_at)) if sign.isdigit()) + "+07'00'"
    paper.sign(lambda digest: signature_of(digest, hand, stamper), at, _REASONS[signature.party])


def _exchange(document: Document, file: File, content: bytes) -> None:
    """The file's hash and size stand in the sender's log, and the hash in those of recipients who told the old one."""
    old, file.sha256, file.size_bytes = file.sha256, sha256(content).hexdigest(), len(content)
    for pair in document.pairs:
        for receipt in pair.receipts:
            if receipt.sha256 == old:
                receipt.sha256 = file.sha256


def _trust(province: Province, authorities: Authorities, revoked: list[Signature]) -> dict[str, bytes]:
    """The accepted CAs, and what they say of revoked certificates: one by lists, the other by OCSP answers."""
    at = instant((day_number(province.options.end) + 1) * DAY)
    found = {f"{name}.crt": der for name, der in authorities.trusted.items()}
    listed = {known(one.serial): known(one.revoked_at) for one in revoked if one.issuer == ISSUERS[0]}
    found["ca-1.crl"] = authorities.revocation_list(ISSUERS[0], listed, at)
    for place, signature in enumerate((one for one in revoked if one.issuer == ISSUERS[1]), start=1):
        found[f"ca-2-{place}.ocsp"] = authorities.ocsp_answer(signature, at)
    return found
