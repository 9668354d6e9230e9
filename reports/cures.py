"""Which breaches can still be put right, and which are finished facts from which one can only learn.

A task with a date makes sense only for what an act can still undo. An answer that came late came late: nothing that
the agency does today changes that, and the ledger will never see it cured.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pandas as pd

Cure = Literal["always", "until_observed", "never"]

# By rule, from the rule's *Breach* in rules.md section 2. `always`: something is still lacking or wrong today, and an
# act of the agency mends it (sending, answering, dealing with it, a correction by official letter or a replacement, as
# NĐ 30/2020 Điều 18 khoản 3 and 4 provide, an entry in a register). `until_observed`: so long as the late thing has
# not happened; once it has (`observed_at`), only its lateness is left. `never`: the breach is an event of the past.
CURES: Mapping[str, Cure] = {
    "failed_send": "always",
    "undelivered": "always",
    "late_send": "never",  # by its definition sent to everybody by now; what is not sent is G4
    "overdue_send": "until_observed",
    "late_urgent_send": "until_observed",
    "failed_receipt": "always",
    "unanswered_receipt": "always",
    "late_acknowledgement": "never",
    "late_forwarding": "until_observed",
    "backlog": "always",
    "urgent_backlog": "always",
    "late_processing": "never",
    "refusal_without_reason": "always",  # the reason can still be told
    "misrouted": "always",  # the document still has to reach whom it concerns
    "status_out_of_order": "never",  # statuses that were sent stand in both logs for good
    "unknown_status": "never",  # the same; that an answer is lacking is N2
    "lost_status": "always",  # "no breach: it has one, whenever it came"
    "unmatched_receipt": "always",  # an entry in the register of incoming documents, which can be corrected
    "missing_information": "always",
    "malformed_notation": "always",  # T, Q, L2: corrected by official letter, or in the register if only that is wrong
    "wrong_date": "always",
    "number_gap": "always",
    "missing_component": "always",
    "wrong_competence": "always",
    "unauthorised_signer": "always",
    "signer_certificate_mismatch": "always",  # K, Q3: signed again and sent as a replacement
    "foreign_notation": "always",
    "unsigned": "always",
    "missing_signing_party": "always",
    "signing_order": "always",
    "invalid_certificate": "always",
    "broken_integrity": "always",
    "missing_signature_information": "always",
    "missing_timestamp": "never",  # a token tells the moment of signing; one put on later tells another
    "missing_attachment": "always",
    "unsigned_attachment": "always",
    "duplicate_send": "never",
    "number_reused": "always",
    "duplicate_content": "always",  # one of the two can be recalled
    "unanswered_recall": "always",
    "secret_on_axis": "always",  # it must be recalled and reported, however late
    "system_outage": "until_observed",  # until it is restored
    "missing_log": "always",  # the log can be provided later
    "expiring_certificate": "always",
}

OF_SETTINGS = frozenset({"status_out_of_order", "unknown_status", "missing_timestamp", "system_outage"})
"""Events of the past that the setting or the running of the agency's system caused and will cause again (N10, N11, K7,
H1): what was sent stays as it is, but the cause can be mended, as their remedies ask.
"""


def curable(rule: pd.Series, observed: pd.Series) -> pd.Series:
    """Whether an act can still put each finding right (bool).

    Args:
        rule: ids of rules.
        observed: when what was late happened; NaT: it did not.

    Raises:
        KeyError: a rule that the table does not know: whoever adds one decides what its readers are asked to do.
    """
    cures = rule.map({identity: CURES[identity] for identity in rule.unique()})
    return ((cures == "always") | ((cures == "until_observed") & observed.isna())).astype(bool)
