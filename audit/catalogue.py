"""The rules' codes and ids, as ``rules.md`` section 2 lists them: what settings, labels and law may name.

The rules themselves live one a file in ``audit/rules/``; a test there compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

RULE_ID_OF: Final[Mapping[str, str]] = MappingProxyType(
    {
        "G1": "failed_send",
        "G2": "undelivered",
        "G3": "late_send",
        "G4": "overdue_send",
        "G5": "late_urgent_send",
        "N1": "failed_receipt",
        "N2": "unanswered_receipt",
        "N3": "late_acknowledgement",
        "N4": "late_forwarding",
        "N5": "backlog",
        "N6": "urgent_backlog",
        "N7": "late_processing",
        "N8": "refusal_without_reason",
        "N9": "misrouted",
        "N10": "status_out_of_order",
        "N11": "unknown_status",
        "N12": "lost_status",
        "N13": "unmatched_receipt",
        "T1": "missing_information",
        "T2": "malformed_notation",
        "T3": "wrong_date",
        "T4": "number_gap",
        "T5": "missing_component",
        "Q1": "wrong_competence",
        "Q2": "unauthorised_signer",
        "Q3": "signer_certificate_mismatch",
        "Q4": "foreign_notation",
        "K1": "unsigned",
        "K2": "missing_signing_party",
        "K3": "signing_order",
        "K4": "invalid_certificate",
        "K5": "broken_integrity",
        "K6": "missing_signature_information",
        "K7": "missing_timestamp",
        "D1": "missing_attachment",
        "D2": "unsigned_attachment",
        "L1": "duplicate_send",
        "L2": "number_reused",
        "L3": "duplicate_content",
        "R1": "unanswered_recall",
        "M1": "secret_on_axis",
        "H1": "system_outage",
        "H2": "missing_log",
        "H3": "expiring_certificate",
    }
)
"""Code = id, in the order of the catalogue."""

CODES: Final = tuple(RULE_ID_OF)
RULE_IDS: Final = tuple(RULE_ID_OF.values())
CODE_OF: Final[Mapping[str, str]] = MappingProxyType({rule_id: code for code, rule_id in RULE_ID_OF.items()})
"""Id = code."""
