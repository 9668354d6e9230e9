"""How documents leave the house: signed by both parties, and electronically at all (Nghị quyết 17/NQ-CP)."""

from __future__ import annotations

import numpy as np

from audit.facts import Facts
from audit.facts.arrays import Mask, any_of, combine, equals, positions_in
from audit.measures.counts import Count, per_agency, share
from audit.working_time import NEVER, NO_DAY


def signed_both(facts: Facts) -> Count:
    """signed_both_share: documents first sent in the period whose main file is signed by a person and by the agency.

    Out of those whose main file's signatures are known: not documents without a file (that is D1), nor those of
    agencies whose system does not report signatures.
    """
    size = len(facts.agencies)
    document, both = _known_signatures(facts)
    first = facts.documents["first_sent_at"].to_numpy()[document]
    sender = facts.documents["sender"].to_numpy()[document]
    agency = np.where(facts.period.holds_event(first), facts.blamed(sender, first, at_end=False), -1)
    agency = np.where((agency >= 0) & facts.agencies.flag("reports_signatures")[agency], agency, -1)
    return share("signed_both_share", per_agency(size, agency, both), per_agency(size, agency))


def _known_signatures(facts: Facts) -> tuple[np.ndarray, Mask]:
    """Documents whose main file's signatures are known, and whether both parties signed it."""
    files, signatures = facts.frames.files, facts.frames.signatures
    main = facts.files[facts.files["is_main"] & (facts.files["document"] >= 0)]
    told = files["has_signatures"].to_numpy(dtype=bool)[main["row"]]
    main = main[told]
    file_key = combine(files["document_row"].to_numpy(), files["file_no"].to_numpy(dtype=np.int64))[main["row"]]
    signature_key = combine(signatures["document_row"].to_numpy(), signatures["file_no"].to_numpy(dtype=np.int64))
    of_file = positions_in(signature_key, file_key)
    both = np.ones(len(main), dtype=bool)
    for party in ("person", "agency"):
        both &= any_of(len(main), of_file[(of_file >= 0) & equals(signatures["party"], party)])
    return main["document"].to_numpy(), both


def electronic(facts: Facts) -> Count:
    """electronic_share: documents issued in the period that were sent electronically by `as_of`, out of all issued.

    Only agencies whose register holds paper documents too (`register_whole`); of the others nobody can tell.
    """
    size, documents, period = len(facts.agencies), facts.documents, facts.period
    issued_day = documents["issued_day"].to_numpy()
    last_day = min(period.end_day, period.as_of_day)
    issued = (issued_day != NO_DAY) & (issued_day >= period.start_day) & (issued_day < last_day)
    document = np.flatnonzero(issued & (documents["entry"].to_numpy() >= 0))
    sender = documents["sender"].to_numpy()[document]
    agency = facts.agencies.answerable(sender, issued_day[document])
    agency = np.where((agency >= 0) & facts.agencies.flag("register_whole")[sender], agency, -1)
    sent = documents["has_recipients"].to_numpy()[document]
    sent = sent & (documents["first_sent_at"].to_numpy()[document] < NEVER)
    return share("electronic_share", per_agency(size, agency, sent), per_agency(size, agency))
