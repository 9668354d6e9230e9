"""The column "Vì sao": what was seen, in one plain Vietnamese phrase, from the facts that the rule left in `detail`.

A rule that leaves no facts still gets a phrase from what was observed. Texts from the log are quoted, cleaned and
cut. Code words of `extra` are translated by `labels.vi.toml`; one unknown there is left out rather than shown to a
clerk.
"""

import json
import re
import string
from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from reports import failures, text

_QUOTE_LIMIT = 120
_OPTIONAL = "named"
"""The form of a place that a phrase can do without."""
_CN = re.compile(r"(?:^|[,/]\s*)CN=((?:\\.|[^,/\\])+)", re.IGNORECASE)
_POSITION = re.compile(r"[1-9]\d?")

# A phrase is told when all of its places have a value: `{name:form}`, forms in `_Phrases.format_field`.
# `extra` is a place, too.
_PHRASES: Mapping[str, tuple[str, ...]] = {
    "failed_send": (
        "yêu cầu thu hồi, cập nhật gửi lúc {extra:at}",
        "đã gửi {attempts:count} lần, lần gần nhất lúc {last_at:at} bị lỗi",
        "mã lỗi {error_code:quote}",
    ),
    "undelivered": ("yêu cầu thu hồi, cập nhật gửi lúc {extra:at}",),
    "failed_receipt": (
        "đã nhận {attempts:count} lần bị lỗi, lần gần nhất lúc {last_at:at}",
        "mã lỗi {error_code:quote}",
    ),
    "overdue_send": ("chưa gửi đến {not_sent:some} trong {recipients:count} nơi nhận{not_sent_to:named}",),
    "late_urgent_send": ("chưa gửi đến {not_sent:some} trong {recipients:count} nơi nhận{not_sent_to:named}",),
    "unknown_status": ("mã trạng thái {extra:quote}",),
    "lost_status": ("trạng thái {extra:quote} chưa về đến nơi gửi",),
    "missing_information": ("thiếu {fields:fields}",),
    "malformed_notation": (
        "văn bản là {doc_type:quote}, ký hiệu ghi {kind:quote}, chữ viết tắt đúng là {wanted_kind:quote}",
    ),
    "wrong_date": ("ban hành {issued_on:day}", "ký {signed_on:day}", "gửi {sent_on:day}"),
    "number_gap": ("giữa số {after:count} và số {before:count}",),
    "missing_component": ("thiếu {extra:component}",),
    "wrong_competence": ("quyền hạn ghi {signer_competence:quote}", "chức vụ {signer_position:quote}"),
    "unauthorised_signer": ("người ký {signer_name:quote}", "chức vụ {signer_position:quote}"),
    "signer_certificate_mismatch": ("người ký {signer_name:quote}, chủ chứng thư {common_name:quote}",),
    "foreign_notation": ("ký hiệu ghi {organ:quote}, đơn vị đã đăng ký {notations:quote}",),
    "unsigned": ("tệp không có chữ ký số nào",),
    "signing_order": ("cơ quan ký lúc {agency_signed_at:exact}, người có thẩm quyền ký lúc {signer_signed_at:exact}",),
    "invalid_certificate": (
        "{reasons:reasons}",
        "{remarks:reasons}",
        "ký lúc {signed_at:at}, chứng thư số đến {not_yet_valid:at} mới có hiệu lực",
        "ký lúc {signed_at:at}, chứng thư số đã hết hạn lúc {no_longer_valid:at}",
        "thu hồi lúc {revoked_at:at}",
        "đơn vị cấp {foreign:common_name}",
        "{extra:which}",
    ),
    "broken_integrity": ("{reasons:reasons}", "{extra:which}"),
    "missing_signature_information": ("chữ ký số thiếu {fields:signature_fields}",),
    "missing_timestamp": ("{signatures:some} chữ ký chưa có dấu thời gian",),
    "missing_attachment": ("có {files:count} tệp, khai {declared:count} tệp",),
    "unsigned_attachment": ("tệp {extra:quote}",),
    "duplicate_send": ("lần trước gửi lúc {earlier_sent_at:at}",),
    "number_reused": (
        "trùng với văn bản ban hành ngày {earlier_issued_on:day}",
        "văn bản kia: {earlier_subject:quote}",
    ),
    "duplicate_content": ("cùng nội dung với số {earlier_number:number}/{earlier_notation:plain}",),
    "unanswered_recall": ("yêu cầu gửi lúc {extra:at}",),
    "secret_on_axis": ("độ mật: {secrecy:secrecy}",),
    "system_outage": ("từ {extra:at}", "gián đoạn {working_minutes:working}"),
    "missing_log": ("ngày {extra:day}", "thiếu {tables:tables}", "{failure:failure}"),
    "expiring_certificate": ("máy chủ {extra:plain}", "hết hạn lúc {certificate_ends_at:at}"),
}
_STILL: Mapping[str, str] = {
    "failed_send": "chưa có lần gửi nào thành công",
    "undelivered": "chưa có dấu vết đã đến nơi nhận",
    "failed_receipt": "chưa có lần nhận nào thành công",
    "unanswered_receipt": "chưa phản hồi",
    "late_forwarding": "chưa chuyển xử lý",
    "backlog": "chưa hoàn thành",
    "urgent_backlog": "chưa hoàn thành",
    "unanswered_recall": "chưa trả lời",
    "system_outage": "chưa khôi phục",
}
_ALONE: Mapping[str, str] = {"overdue_send": "chưa gửi", "late_urgent_send": "chưa gửi"}
"""Told only where nothing else is."""
_CHECKED: Mapping[str, str] = {
    "verified": "đã kiểm tra trên tệp",
    "log": "theo nhật ký của đơn vị, chưa kiểm tra trên tệp",
}
"""On what a finding about signatures rests: the audit's own check of the file, or the agency's word."""
_OBSERVED: Mapping[str, str] = {
    "late_send": "gửi lúc",
    "overdue_send": "gửi lúc",
    "late_urgent_send": "gửi lúc",
    "late_acknowledgement": "phản hồi lúc",
    "late_forwarding": "chuyển lúc",
    "late_processing": "hoàn thành lúc",
    "refusal_without_reason": "từ chối lúc",
    "duplicate_send": "gửi lại lúc",
    "system_outage": "khôi phục lúc",
}


def explain(
    raw: pd.DataFrame,
    frame: pd.DataFrame,
    labels: Mapping[str, Mapping[str, str]],
    names: Mapping[str, str] = MappingProxyType({}),
) -> pd.Series:
    """One phrase a finding, first letter upper case, `""` where there is nothing to add to the rule's title.

    Reads `rule`, `extra`, `detail` of the raw findings and `observed` of the readable ones (local wall time); `names`
    are those of agencies by code.
    """
    phrases = _Phrases(labels, names)
    details = [facts_of(value) for value in raw["detail"]]
    extras = raw["extra"].astype(object).where(raw["extra"].notna(), "")
    rows = zip(raw["rule"], extras, details, _clock(frame["observed"]), strict=True)
    told = [text.sentence(phrases.told(rule, str(extra), detail, seen)) for rule, extra, detail, seen in rows]
    return pd.Series(told, index=raw.index, dtype=object)


def signed_too_early(detail: object) -> bool:
    """Whether all that the facts hold against a certificate is that it was not in force yet at signing."""
    facts = facts_of(detail)
    return list(facts.get("reasons") or ()) == ["outside_validity"] and _is_early(facts)


def _is_early(facts: Mapping[str, Any]) -> bool:
    """Whether a signature was made before its certificate came into force; instants of one form sort as text."""
    signed_at = str(facts.get("signed_at") or "")
    return bool(signed_at) and signed_at < str(facts.get("valid_from") or "")


def _clock(instants: pd.Series) -> pd.Series:
    shown: pd.Series = instants.dt.strftime("%H:%M ngày %d/%m/%Y").astype(object).where(instants.notna(), "")
    return shown


def facts_of(value: object) -> dict[str, Any]:
    """`detail` as a dict, whether it came as an object or as JSON text; anything else is empty."""
    if isinstance(value, str) and value.startswith("{"):
        value = json.loads(value)
    return value if isinstance(value, dict) else {}


class _Phrases(string.Formatter):
    """Fills the phrases: places are names only, values are cleaned and put into words by their form."""

    def __init__(self, labels: Mapping[str, Mapping[str, str]], names: Mapping[str, str]) -> None:
        self._labels, self._names = labels, names

    def told(self, rule: str, extra: str, detail: Mapping[str, Any], observed: str) -> str:
        """All that can be told of a finding, separated by semicolons."""
        values = {"extra": extra, **detail, **self._worked_out(detail)}
        parts = [self._labels["extras"].get(extra, "")]
        parts += [
            self.vformat(phrase, (), values) for phrase in _PHRASES.get(rule, ()) if self._is_told(phrase, values)
        ]
        if observed:
            parts.append(f"{_OBSERVED.get(rule, 'ghi nhận lúc')} {observed}")
        else:
            parts.append(_STILL.get(rule, ""))
        if not any(parts):
            parts.append(_ALONE.get(rule, ""))
        parts.append(_CHECKED.get(str(detail.get("checked", "")), ""))
        return "; ".join(dict.fromkeys(part for part in parts if part))

    def _worked_out(self, detail: Mapping[str, Any]) -> dict[str, Any]:
        """What follows from the facts and is told in their place."""
        named = [self._names.get(str(code)) or text.clean(code, 60) for code in detail.get("not_sent_to") or ()]
        left = int(detail.get("not_sent") or 0) - len(named)
        if named and left > 0:
            named.append(f"{text.count(left)} cơ quan khác")
        made: dict[str, Any] = {"not_sent_to": named}
        reasons = detail.get("reasons") or ()
        if "outside_validity" in reasons and detail.get("signed_at"):
            early = _is_early(detail)
            made["not_yet_valid" if early else "no_longer_valid"] = detail.get("valid_from" if early else "valid_to")
        if {"foreign_issuer", "untrusted_chain"} & set(reasons):
            made["foreign"] = detail.get("issuer")
        return made

    def _is_told(self, phrase: str, values: Mapping[str, Any]) -> bool:
        """Whether every place of the phrase has something to say; code words of `extra` are told by themselves."""
        places = [(name, form) for _, name, form, _ in self.parse(phrase) if name]
        if any(name == "extra" and values["extra"] in self._labels["extras"] for name, _ in places):
            return False
        needed = ((name, form) for name, form in places if form != _OPTIONAL)
        return all(self.format_field(values.get(name), form or "") for name, form in needed)

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> tuple[Any, str]:  # noqa: ARG002 - the base's signature
        """The value of a place; None where an optional one has none."""
        return kwargs.get(field_name), field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        """The value in words; `""` where there is nothing to say."""
        if value is None or value in ("", [], ()):
            return ""
        if format_spec in _OWN_FORMS:
            return _OWN_FORMS[format_spec](value)
        match format_spec:
            case "count" | "working":
                return text.working_delay(value) if format_spec == "working" else text.count(value)
            case "some":
                return text.count(value) if value else ""
            case "at" | "exact":
                return _instant(value, "%H:%M:%S" if format_spec == "exact" else "%H:%M")
            case "fields" | "signature_fields" | "tables" | "reasons" | "secrecy":
                return self._listed(value, self._labels[format_spec])
            case "number":  # the uid of the second of two documents of one key is not for readers
                value = str(value).split("#", 1)[0]
            case "component":
                return self._labels["components"].get(str(value), "")
        shown = text.clean(", ".join(map(str, value)) if isinstance(value, list | tuple) else value, _QUOTE_LIMIT)
        return f"“{shown}”" if format_spec == "quote" and shown else shown

    @staticmethod
    def _listed(value: Any, words: Mapping[str, str]) -> str:
        """Known words only, separated by commas."""
        codes = [value] if isinstance(value, str) else list(value)
        known = [words[str(code)] for code in codes if str(code) in words]
        return ", ".join(map(text.within, known))


def _common_name(issuer: object) -> str:
    """`“VNPT-CA SHA2”` of `CN=VNPT-CA SHA2, O=VNPT Group, C=VN`; the whole where it has no common name."""
    told = text.clean(issuer, _QUOTE_LIMIT)
    found = _CN.search(told)
    return f"“{found[1].strip() if found else told}”"


def _which(extra: object) -> str:
    """Which of a file's signatures: by the serial of its certificate, or by its position where that is not told."""
    if _POSITION.fullmatch(str(extra)):
        return f"chữ ký thứ {extra}"
    return f"chứng thư số có số hiệu {text.clean(extra, _QUOTE_LIMIT)}"


def _named(names: list[str]) -> str:
    return f": {text.listed(names)}"


def _instant(value: object, clock: str) -> str:
    """`15:41 ngày 04/02/2021` of an ISO instant; `""` for what is none."""
    try:
        at = text.local(datetime.fromisoformat(str(value)))
    except ValueError:
        return ""
    return f"{at:{clock}} ngày {text.day(at.date())}"


def _day(value: object) -> str:
    try:
        return text.day(date.fromisoformat(str(value)[:10]))
    except ValueError:
        return ""


_OWN_FORMS: Mapping[str, Callable[[Any], str]] = {
    _OPTIONAL: _named,
    "common_name": _common_name,
    "which": _which,
    "day": _day,
    "failure": lambda value: failures.in_vietnamese(str(value)),
}
