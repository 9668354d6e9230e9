"""Whether the certificates of main files' signatures were good when they signed (rule K4; K5 leaves those out)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.facts.arrays import Mask, instants
from audit.facts.once import once
from audit.facts.signing import main_signatures
from audit.facts.texts import holds_each, without_accents
from audit.working_time import NAT

if TYPE_CHECKING:
    from audit.facts import Facts


@dataclass(frozen=True, slots=True)
class CertificateFaults:
    """What is wrong with each signature's certificate, an element a row of `main_signatures`.

    Attributes:
        outside_validity: signed before `valid_from` or after `valid_to`. revoked: revoked at or before the signing.
        foreign_issuer: the issuer is none of the accepted ones.
        untrusted_chain: a CA of which the certificate is at hand did not issue it, though it bears its name; only
            verification can tell. K4 goes by the name (rules.md): it is told, and is no fault.
        told: issuer, validity and signing time are all there. A certificate that nobody calls revoked is not.
    """

    outside_validity: Mask
    revoked: Mask
    foreign_issuer: Mask
    untrusted_chain: Mask
    told: Mask

    @property
    def any(self) -> Mask:
        """The certificate has a fault."""
        return self.outside_validity | self.revoked | self.foreign_issuer


@once
def certificate_faults(facts: Facts) -> CertificateFaults:
    """The faults of all certificates; what is missing is no fault (that is K6)."""
    signatures = main_signatures(facts)
    part = facts.frames.signatures.iloc[signatures.row]
    signed_at, revoked_at = signatures.signed_at, instants(part["revoked_at"])
    valid_from, valid_to = instants(part["valid_from"]), instants(part["valid_to"])
    accepted = [without_accents(name) for name in facts.policy.certificates.accepted_issuers]
    trusted = holds_each(part["issuer"], lambda issuer: any(name in without_accents(issuer) for name in accepted))
    issuer_told = part["issuer"].notna().to_numpy()
    timed = signed_at != NAT
    early = (valid_from != NAT) & (signed_at < valid_from)
    late = (valid_to != NAT) & (signed_at > valid_to)
    return CertificateFaults(
        outside_validity=timed & (early | late),
        revoked=timed & (revoked_at != NAT) & (revoked_at <= signed_at),
        foreign_issuer=issuer_told & ~trusted,
        untrusted_chain=_is_untrusted(part),
        told=np.logical_and.reduce([issuer_told, timed, valid_from != NAT, valid_to != NAT]),
    )


def _is_untrusted(part: pd.DataFrame) -> Mask:
    if "chain" not in part:
        return np.zeros(len(part), dtype=bool)
    return part["chain"].eq("untrusted").fillna(value=False).to_numpy(dtype=bool)
