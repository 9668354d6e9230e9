"""Documents with a secrecy level in reports: who reads of them, and how much.

That such a document went over the axis is told to all (M1), but what it is would go over it a second time with every
report. So number, notation, dates, subject and link are taken out of every finding about it, whatever its rule, once,
before anything is laid out. The agency that sent it has to act: its own edition names number and date, never the
subject. The inspector's `findings` and `explain`, for those with access to the server, are not touched.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

RULE: Final = "secret_on_axis"
NAMELESS: Final = "Văn bản mật (không nêu số, trích yếu)"
ELSEWHERE: Final = "Chi tiết gửi riêng cơ quan gửi"
FOR_SENDER: Final = (
    "document",
    "issued_on",
    "recipient",
    "recipient_code",
    "deadline",
    "observed",
    "why",
    "url",
    "note",
)
"""What the sender's own edition tells of its secret documents, and no other."""

_SAYS_MUCH: Final = ("unsigned_attachment",)
"""Rules whose reason quotes the name of a file, which may be the subject."""
_EARLIER: Final = ("earlier_number", "earlier_notation", "earlier_issued_on")

Key = tuple[str, str, str, str]
"""Sender, number, notation (case-folded), issue date of a document, `""` where there is none."""


def secret_documents(findings: pd.DataFrame) -> frozenset[Key]:
    """The documents of which the findings tell that they are secret; reads rule and the columns of the key."""
    found = findings[findings["rule"] == RULE]
    return frozenset(_keys(found[["sender", "number", "notation", "issued_date"]]))


def is_secret(findings: pd.DataFrame, secrets: frozenset[Key]) -> pd.Series:
    """Whether each finding is about one of the documents (bool)."""
    keys = _keys(findings[["sender", "number", "notation", "issued_date"]])
    return pd.Series([key in secrets for key in keys], index=findings.index, dtype=bool)


def without_traces(findings: pd.DataFrame, secrets: frozenset[Key]) -> pd.DataFrame:
    """The findings, those about other documents without facts that tell of a secret one (L2, L3: the earlier one)."""
    told = [
        {} if _tells_of(_facts(detail), str(sender), secrets) else detail
        for sender, detail in zip(findings["sender"], findings["detail"], strict=True)
    ]
    return findings.assign(detail=pd.Series(told, index=findings.index, dtype=object)) if secrets else findings


def for_sender(readable: pd.DataFrame) -> pd.DataFrame:
    """Of the readable findings about secret documents what their senders are told: finding_id, agency, `FOR_SENDER`.

    Where the sender has ended, whom the rule blames in its place is told.
    """
    owners = readable[readable["rule"] == RULE]
    owned = set(zip(owners["agency"], owners["sender_code"], strict=True))
    sides = zip(readable["agency"], readable["sender_code"], strict=True)
    is_own = np.array([agency == sender or (agency, sender) in owned for agency, sender in sides], dtype=bool)
    rows = readable[readable["is_secret"] & is_own]
    rows = rows[["finding_id", "agency", "rule", *FOR_SENDER]]
    return rows.assign(why=rows["why"].mask(rows["rule"].isin(_SAYS_MUCH), "")).drop(columns="rule")


def hidden(readable: pd.DataFrame) -> pd.DataFrame:
    """The readable findings as everybody may read them: of secret documents only agency, sender and the fact."""
    secret = readable["is_secret"]
    if not secret.any():
        return readable
    told = readable.copy()
    told.loc[secret, ["subject", "urgency_text", "url", "note"]] = ""
    told.loc[secret, "document"] = NAMELESS
    told.loc[secret, "why"] = ELSEWHERE
    told.loc[secret, ["issued_on", "deadline", "observed"]] = pd.NaT
    elsewhere = secret & (told["recipient_code"] != told["agency"])
    told.loc[elsewhere, ["recipient", "recipient_code"]] = ""
    return told


def restored(readable: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """The hidden findings of one agency with what it is told of its own secret documents (`for_sender`)."""
    if own.empty:
        return readable
    told = readable.copy()
    told.loc[own.index, list(FOR_SENDER)] = own[list(FOR_SENDER)]
    return told


def _keys(documents: pd.DataFrame) -> list[Key]:
    texts = documents.astype(object).where(documents.notna(), "").astype(str)
    # The second of two documents of one key has its uid behind the number. Who is told of one is told of both.
    numbers = texts["number"].str.split("#", n=1).str[0]
    columns = (texts["sender"], numbers, texts["notation"].str.casefold(), texts["issued_date"].str[:10])
    return list(zip(*columns, strict=True))


def _facts(detail: object) -> Mapping[str, Any]:
    if isinstance(detail, str) and detail.startswith("{"):
        detail = json.loads(detail)
    return detail if isinstance(detail, Mapping) else {}


def _tells_of(detail: Mapping[str, Any], sender: str, secrets: frozenset[Key]) -> bool:
    if not any(name in detail for name in _EARLIER):
        return False
    number, notation, issued_on = (str(detail.get(name) or "") for name in _EARLIER)
    return (sender, number.split("#", 1)[0], notation.casefold(), issued_on[:10]) in secrets
