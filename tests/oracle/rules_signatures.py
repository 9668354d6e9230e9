"""K — digital signatures (rules.md section 2)."""

from collections.abc import Callable, Iterator
from datetime import datetime

from . import normalise as n
from .build import World
from .member import Charge, Member, about_document
from .rows import DocumentRow, Signature
from .rules_information import sent_documents, signers_own
from .world import Document, main_file

# K7: "first send before 15 November 2026"
TIMESTAMP_LAW_ENDS = n.start_of_day(n.day("2026-11-15"))  # type: ignore[arg-type]
Verdict = tuple[list[str], bool]  # the extras of the findings, and whether the member is decided
Judge = Callable[[World, DocumentRow, list[Signature]], Verdict]


def _told(world: World) -> Iterator[tuple[Document, DocumentRow, datetime, str, list[Signature] | None]]:
    """Documents with the signatures of the main file, None = unknown.

    Left out: "No file is D1, not T1, and leaves K untested"; agencies without `reports_signatures`.
    """
    for document, row, anchor, agency in sent_documents(world):
        if row.files != [] and world.registry.flag(agency, "reports_signatures"):
            main = main_file(row)
            yield document, row, anchor, agency, main.signatures if main else None


def _rule(judge: Judge) -> Callable[[World], Iterator[Member]]:
    """K2–K7: "K1 leaves K2–K7, Q3 untested"; "An absent `files` or `signatures` field is unknown (not decided)"."""

    def judged(world: World) -> Iterator[Member]:
        for document, row, anchor, agency, signatures in _told(world):
            if signatures == []:
                continue
            if (
                judge is _k7
                and anchor >= TIMESTAMP_LAW_ENDS
                and not world.policy["rules"]["missing_timestamp"].get("after_law")
            ):
                continue  # "after that only if policy says so"
            if signatures is None:
                yield Member(agency, decided=False)
                continue
            extras, decided = judge(world, row, signatures)
            charges = [Charge(about_document(document), anchor, extra) for extra in extras]
            yield Member(agency, charges, decided=decided or bool(charges))

    return judged


def k1(world: World) -> Iterator[Member]:
    """unsigned: "`[]` is … unsigned"."""
    for document, _, anchor, agency, signatures in _told(world):
        charges = [Charge(about_document(document), anchor)] if signatures == [] else []
        yield Member(agency, charges, decided=signatures is not None)


def _k2(world: World, row: DocumentRow, signatures: list[Signature]) -> Verdict:
    """missing_signing_party: "only one party; extra = the missing one"."""
    parties = {signature.party for signature in signatures}
    missing = [party for party in ("person", "agency") if party not in parties]
    if missing and (len(missing) == 2 or parties - {"person", "agency"}):
        return [], False  # READING 45: a signature of unknown party may be the missing one
    return missing, True


def _k3(world: World, row: DocumentRow, signatures: list[Signature]) -> Verdict:
    """signing_order: "the agency's first signature earlier than the signer's last (name matches; none does: the first personal one)"."""
    sealed = [s.signed_at for s in signatures if s.party == "agency" and s.signed_at is not None]
    own = signers_own(row)
    personal = own or [s for s in signatures if s.party == "person"][:1]
    signed = [s.signed_at for s in personal if s.signed_at is not None]
    if not sealed or not signed:
        return [], False
    return ([""] if min(sealed) < max(signed) else []), True


def _serial(position: int, signature: Signature) -> str:
    """ "extra = serial, else position from 1"."""
    return signature.serial or str(position)


def _certificate(world: World, s: Signature) -> bool | None:
    """Whether K4 finds a fault in the certificate; None = cannot be told.

    "signing time outside validity; revoked (`revoked_at` ≤ signing time); issuer, folded without accents, holds none of the
    accepted names".
    """
    accepted = [n.without_accents(name) for name in world.policy["certificates"]["accepted_issuers"]]
    if s.issuer is not None and not any(name in n.without_accents(s.issuer) for name in accepted):
        return True
    if s.signed_at is not None:
        early = s.valid_from is not None and s.signed_at < s.valid_from
        late = s.valid_to is not None and s.signed_at > s.valid_to
        if early or late or (s.revoked_at is not None and s.revoked_at <= s.signed_at):
            return True
    known = s.issuer is not None and s.signed_at is not None and s.valid_from is not None and s.valid_to is not None
    return False if known else None


def _k4(world: World, row: DocumentRow, signatures: list[Signature]) -> Verdict:
    """invalid_certificate."""
    faults = [(_serial(i, s), _certificate(world, s)) for i, s in enumerate(signatures, 1)]
    return [extra for extra, fault in faults if fault], all(fault is not None for _, fault in faults)


def _k5(world: World, row: DocumentRow, signatures: list[Signature]) -> Verdict:
    """broken_integrity: "`intact` or `valid` false; the last signature has `covers_file` false"."""
    extras, decided = [], True
    for i, s in enumerate(signatures, 1):
        # "K4 leaves only `covers_file` of that signature to K5"; "The last signature is the last in the list"
        claims = [] if _certificate(world, s) else [s.intact, s.valid]
        claims += [s.covers_file] if i == len(signatures) else []
        if any(claim is False for claim in claims):
            extras.append(_serial(i, s))
        elif any(claim is None for claim in claims):
            decided = False
    return extras, decided


def _k6(world: World, row: DocumentRow, signatures: list[Signature]) -> Verdict:
    """missing_signature_information: "a signature without subject, serial, issuer, validity or signing time; fields listed"."""
    fields = ("subject", "serial", "issuer", "valid_from", "valid_to", "signed_at")
    return ([""] if any(getattr(s, name) is None for s in signatures for name in fields) else []), True


def _k7(world: World, row: DocumentRow, signatures: list[Signature]) -> Verdict:
    """missing_timestamp: "a signature without time-stamp token"."""
    return ([""] if any(s.timestamp_at is None for s in signatures) else []), True


RULES = {
    "K1": k1,
    "K2": _rule(_k2),
    "K3": _rule(_k3),
    "K4": _rule(_k4),
    "K5": _rule(_k5),
    "K6": _rule(_k6),
    "K7": _rule(_k7),
}
