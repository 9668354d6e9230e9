"""How documents leave the house: signed by both parties, and electronically at all (Nghị quyết 17/NQ-CP)."""

from __future__ import annotations

import numpy as np

from audit.facts import Facts
from audit.facts.arrays import any_of
from audit.facts.signing import AGENCY, NO_PARTY, PERSON, SIGNED, UNSIGNED, file_states, main_signatures
from audit.measures.counts import Count, per_agency, share
from audit.working_time import NEVER, NO_DAY


def signed_both(facts: Facts) -> Count:
    """signed_both_share: documents first sent in the period whose main file is signed by a person and by the agency.

    Out of those whose main file's signatures are known: not documents without a file (that is D1), with a signature
    whose party nobody tells, or of agencies whose system does not report signatures.
    """
    size, signatures = len(facts.documents), main_signatures(facts)
    party = {word: any_of(size, signatures.document[signatures.party == word]) for word in (PERSON, AGENCY, NO_PARTY)}
    both = party[PERSON] & party[AGENCY]
    known = np.isin(file_states(facts), (UNSIGNED, SIGNED)) & (both | ~party[NO_PARTY])
    first = facts.documents.first_sent_at
    document = np.flatnonzero(known & facts.period.holds_event(first))
    agency = facts.blamed(facts.documents.sender[document], first[document], at_end=False)
    agency = np.where((agency >= 0) & facts.agencies.flag("reports_signatures")[agency], agency, -1)
    agencies = len(facts.agencies)
    return share("signed_both_share", per_agency(agencies, agency, both[document]), per_agency(agencies, agency))


def electronic(facts: Facts) -> Count:
    """electronic_share: documents issued in the period that were sent electronically by `as_of`, out of all issued.

    Only agencies whose register holds paper documents too (`register_whole`); of the others nobody can tell.
    """
    size, documents, period = len(facts.agencies), facts.documents, facts.period
    issued_day = documents.issued_day
    last_day = min(period.end_day, period.as_of_day)
    issued = (issued_day != NO_DAY) & (issued_day >= period.start_day) & (issued_day < last_day)
    document = np.flatnonzero(issued & (documents.entry >= 0))
    sender = documents.sender[document]
    agency = facts.agencies.answerable(sender, issued_day[document])
    agency = np.where((agency >= 0) & facts.agencies.flag("register_whole")[sender], agency, -1)
    sent = documents.has_recipients[document]
    sent = sent & (documents.first_sent_at[document] < NEVER)
    return share("electronic_share", per_agency(size, agency, sent), per_agency(size, agency))
