"""Names of signers, masked outside their own agency where the settings want it.

A signer belongs to the agency that issued the document. What is masked are the facts that a finding tells of the person
(`detail`); the raw lines that `explain` quotes are as they were received.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

NAMES: Final = ("signer_name", "common_name")
"""Facts that are a person's name."""
HOLDER: Final = "subject"
"""The subject of a certificate: name, mail address, identity number."""
HIDDEN: Final = "(đã che)"


def masked(findings: pd.DataFrame, own: str = "") -> pd.DataFrame:
    """The findings with signers' names as initials, but those of documents that `own` issued.

    Args:
        findings: columns sender and detail are read.
        own: code of the agency that reads; `""`: somebody who reads of all agencies.
    """
    foreign = (findings["sender"] != own) if own else pd.Series(data=True, index=findings.index)
    told = [
        _masked(detail) if is_foreign else detail
        for detail, is_foreign in zip(findings["detail"], foreign, strict=True)
    ]
    return findings.assign(detail=pd.Series(told, index=findings.index, dtype=object))


def initials(name: str) -> str:
    """`N. V. A.` for Nguyễn Văn An."""
    return " ".join(f"{part[0].upper()}." for part in re.split(r"[\s.]+", name) if part)


def _masked(detail: Any) -> Any:
    if not isinstance(detail, Mapping) or not any(detail.get(name) for name in (*NAMES, HOLDER)):
        return detail
    names = {name: initials(str(detail[name])) for name in NAMES if detail.get(name)}
    return {**detail, **names, **({HOLDER: HIDDEN} if detail.get(HOLDER) else {})}
