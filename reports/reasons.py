"""The column "Vì sao": what was seen, in one plain Vietnamese phrase, from the facts that the rule left in `detail`.

A rule that leaves no facts still gets a phrase from its deadline and what was observed. Texts from the log (error
messages, reasons) are quoted, cleaned and cut. Code words of `extra` are translated by `labels.vi.toml`; one unknown
there is left out rather than shown to a clerk.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from reports import text

_QUOTE_LIMIT = 120

_EXTRA_PHRASE = {
    "unknown_status": "mã trạng thái “{}”",
    "lost_status": "trạng thái {} chưa về đến nơi gửi",
    "unsigned_attachment": "tệp “{}”",
    "invalid_certificate": "chữ ký số hiệu {}",
    "broken_integrity": "chữ ký số hiệu {}",
    "expiring_certificate": "máy chủ {}",
    "missing_component": "thiếu {}",
    "missing_log": "ngày {}",
}
_UNSENT = "chưa gửi"
_STILL: dict[str, str] = {
    "failed_send": "chưa có lần gửi nào thành công",
    "undelivered": "chưa có dấu vết đã đến nơi nhận",
    "overdue_send": _UNSENT,
    "late_urgent_send": _UNSENT,
    "unanswered_receipt": "chưa phản hồi",
    "late_forwarding": "chưa chuyển xử lý",
    "backlog": "chưa hoàn thành",
    "urgent_backlog": "chưa hoàn thành",
    "unanswered_recall": "chưa trả lời",
    "lost_status": "nơi gửi chưa nhận được trạng thái",
}


@dataclass(frozen=True, slots=True)
class _Words:
    """Translations: agency codes, fields of the log, words of `extra`, components of the form."""

    names: Mapping[str, str]
    fields: Mapping[str, str]
    extras: Mapping[str, str]
    components: Mapping[str, str]


def explain(
    raw: pd.DataFrame, frame: pd.DataFrame, names: Mapping[str, str], labels: Mapping[str, Mapping[str, str]]
) -> pd.Series:
    """One phrase a finding, first letter upper case, `""` where there is nothing to add to the rule's title.

    Reads `rule`, `extra`, `detail` of the raw findings and `observed` of the readable ones (local wall time).
    `names` turns agency codes in `detail` into names.
    """
    words = _Words(names, labels["fields"], labels["extras"], labels["components"])
    details = [_object(value) for value in raw["detail"]]
    extras = raw["extra"].astype(object).where(raw["extra"].notna(), "")
    observed = _clock(frame["observed"])
    rows = zip(raw["rule"], extras, details, observed, strict=True)
    phrases: list[str] = [
        text.sentence(_phrase(rule, str(extra), detail, seen, words)) for rule, extra, detail, seen in rows
    ]
    return pd.Series(phrases, index=raw.index, dtype=object)


def _clock(instants: pd.Series) -> pd.Series:
    shown: pd.Series = instants.dt.strftime("%H:%M ngày %d/%m/%Y").astype(object).where(instants.notna(), "")
    return shown


def _object(value: object) -> dict[str, Any]:
    """`detail` as a dict, whether it came as an object or as JSON text; anything else is empty."""
    if isinstance(value, str) and value.startswith("{"):
        value = json.loads(value)
    return value if isinstance(value, dict) else {}


def _phrase(rule: str, extra: str, detail: dict[str, Any], observed: str, words: _Words) -> str:
    parts = [part for part in (_extra(rule, extra, words), *_facts(detail, words)) if part]
    if observed:
        parts.append(f"thực hiện lúc {observed}")
    elif not parts or rule in _STILL:
        parts.append(_STILL.get(rule, ""))
    return "; ".join(dict.fromkeys(part for part in parts if part))


def _extra(rule: str, extra: str, words: _Words) -> str:
    if not extra:
        return ""
    if extra in words.extras:
        return words.extras[extra]
    if rule not in _EXTRA_PHRASE:
        return ""
    shown = words.components.get(extra) or text.clean(extra, 60)
    if rule == "missing_log" and len(shown) >= 10:
        shown = f"{shown[8:10]}/{shown[5:7]}/{shown[:4]}"
    return _EXTRA_PHRASE[rule].format(shown)


def _facts(detail: dict[str, Any], words: _Words) -> list[str]:
    return [phrase for key, make in _DETAIL.items() if key in detail and (phrase := make(detail[key], words))]


def _quoted(prefix: str) -> Callable[[Any, _Words], str]:
    def make(value: Any, _: _Words) -> str:
        shown = text.clean(value, _QUOTE_LIMIT)
        return f"{prefix} “{shown}”" if shown else ""

    return make


def _fields(value: Any, words: _Words) -> str:
    listed = [value] if isinstance(value, str) else list(value) if isinstance(value, list | tuple | np.ndarray) else []
    known = [words.fields[str(item)] for item in listed if str(item) in words.fields]
    return f"thiếu {', '.join(known)}" if known else ""


_DETAIL: dict[str, Callable[[Any, _Words], str]] = {
    "error_code": _quoted("mã lỗi"),
    "error_message": _quoted("thông báo"),
    "fields": _fields,
    "missing": _fields,
    "reason": _quoted("lý do ghi"),
    "signer_name": _quoted("người ký"),
    "common_name": _quoted("chủ chứng thư"),
    "issuer": _quoted("nhà cung cấp"),
}
