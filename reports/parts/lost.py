"""Sends that failed or did not arrive: of documents, and apart from them those of requests to recall or update one.

A request is no document sent: told as one, it would contradict the share of documents' sends that arrived.
"""

from __future__ import annotations

import pandas as pd

from reports import text
from reports.readable import OF_MESSAGE

RULES = ("failed_send", "undelivered")
SENDS = "lượt gửi lỗi, không đến nơi nhận"
REQUESTS = "yêu cầu thu hồi, cập nhật không đến nơi nhận"
"""Also those whose sending failed: they did not arrive either."""


def sends(findings: pd.DataFrame) -> pd.DataFrame:
    """Findings about documents that were not sent or did not arrive."""
    return findings[findings["rule"].isin(RULES) & ~_of_message(findings)]


def requests(findings: pd.DataFrame) -> pd.DataFrame:
    """Findings about requests to recall or update a document that were not sent or did not arrive."""
    return findings[findings["rule"].isin(RULES) & _of_message(findings)]


def told(findings: pd.DataFrame) -> str:
    """`03 lượt gửi, 01 yêu cầu thu hồi, cập nhật chưa đến`, `03 lượt gửi lỗi, không đến nơi nhận`; `""` for
    none. Short where there are both: page 1 is full.
    """
    of_sends, of_requests = len(sends(findings)), len(requests(findings))
    if of_sends and of_requests:
        return f"{text.count(of_sends)} lượt gửi, {text.count(of_requests)} yêu cầu thu hồi, cập nhật chưa đến"
    if of_requests:
        return f"{text.count(of_requests)} {REQUESTS}"
    return f"{text.count(of_sends)} {SENDS}" if of_sends else ""


def _of_message(findings: pd.DataFrame) -> pd.Series:
    return findings["kind"].astype(str).str.endswith(OF_MESSAGE)
