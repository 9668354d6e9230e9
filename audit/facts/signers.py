"""The signers' register (`signers.toml`): who may sign for an agency, and from when to when (rules Q1, Q2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from audit.facts.arrays import Ints, Mask, days
from audit.facts.names import person_name
from audit.facts.populations import Documents
from audit.facts.texts import Texts, read_each
from audit.working_time import NO_DAY, day_number

if TYPE_CHECKING:
    from audit.facts import Facts
    from audit.settings import Signer

_OPEN = 2**31


@dataclass(frozen=True, slots=True)
class SignerFacts:
    """What the register says of the signers of some documents.

    Attributes:
        has_register: the sender has a register. is_told: signer's name and issue date are told.
        listed: the signer has an entry in force on the issue date. authorised: one of these is an authorisation.
    """

    has_register: Mask
    is_told: Mask
    listed: Mask
    authorised: Mask


def signer_facts(facts: Facts, sent: Documents) -> SignerFacts:
    """Names are compared as in rule Q3: folded, without titles."""
    register = _by_agency_and_name(facts.settings.signers)
    with_register = {signer.agency for signer in facts.settings.signers}
    codes = facts.agencies.codes[sent.sender]
    name = sent.texts(read_each(facts.registrations.frame["signer_name"], person_name))
    day = sent.of_entry(days(facts.registrations.frame["issued_date"]), NO_DAY)
    has_register = np.isin(codes.astype(str), sorted(with_register))
    is_told = ~pd.isna(name) & (day != NO_DAY)
    asked = np.flatnonzero(has_register & is_told)
    listed, authorised = np.zeros(len(sent), dtype=bool), np.zeros(len(sent), dtype=bool)
    if len(asked):
        found = _in_force(codes[asked], name[asked], day[asked], register)
        listed[asked], authorised[asked] = found
    return SignerFacts(has_register, is_told, listed, authorised)


def _by_agency_and_name(signers: tuple[Signer, ...]) -> pd.DataFrame:
    """One row an entry: agency, name, first, last (days, both included), authorised."""
    rows = [
        (
            signer.agency,
            person_name(signer.name),
            -_OPEN if signer.valid_from is None else day_number(signer.valid_from),
            _OPEN if signer.valid_to is None else day_number(signer.valid_to),
            signer.authorised,
        )
        for signer in signers
    ]
    return pd.DataFrame(rows, columns=["agency", "name", "first", "last", "authorised"])


def _in_force(codes: Texts, names: Texts, day: Ints, register: pd.DataFrame) -> tuple[Mask, Mask]:
    asked = pd.DataFrame({"agency": codes, "name": names, "day": day, "place": np.arange(len(day))})
    found = asked.merge(register, on=["agency", "name"])
    found = found[(found["first"] <= found["day"]) & (found["day"] <= found["last"])]
    listed, authorised = np.zeros(len(day), dtype=bool), np.zeros(len(day), dtype=bool)
    listed[found["place"]] = True
    authorised[found.loc[found["authorised"], "place"]] = True
    return listed, authorised
