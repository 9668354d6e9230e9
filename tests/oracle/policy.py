"""The defaults of rules.md section 4, and the policy of a case laid over them."""

from copy import deepcopy
from typing import Any

DEFAULTS: dict[str, Any] = {
    "limits": {
        "undelivered_hours": 4,
        "urgent_send_minutes": {"khan": 120, "thuong_khan": 60, "hoa_toc": 30},
        "urgent_forward_minutes": {"khan": 120, "thuong_khan": 60, "hoa_toc": 30},
        "backlog_working_days": 10,
        "urgent_backlog_hours": {"khan": 24, "thuong_khan": 8, "hoa_toc": 4},
        "lost_status_hours": 4,
        "early_status_minutes": 5,
        "same_event_minutes": 2,
        "duplicate_content_days": 30,
        "number_gap_jump": 20,
        "unmatched_days": 30,
        "rejudge_days": 28,
        "outage_minutes": 15,
        "certificate_days": 30,
        "rank_minimum_tested": 20,
        "rank_maximum_incomplete": 0.2,
    },
    "placeholders": {
        "values": ["N/A", "NA", "null", "none", ".", "-", "…", "không", "không có", "GW-AUTO"],
        "reasons": [
            "Từ chối",
            "Từ chối tiếp nhận",
            "Từ chối tiếp nhận văn bản điện tử",
            "Từ chối không tiếp nhận văn bản điện tử",
            "Trả lại",
        ],
    },
    "misrouted": {"patterns": ["gửi nhầm", "không thuộc thẩm quyền", "sai nơi nhận", "không đúng nơi nhận"]},
    "certificates": {"accepted_issuers": ["CA phục vụ các cơ quan Nhà nước", "Cơ quan chứng thực số Chính phủ"]},
    "exempt": {"kinds": ["party", "mass_organisation"]},
    "required": {
        "fields": [
            "number",
            "notation",
            "issued_date",
            "doc_type",
            "subject",
            "signer_name",
            "signer_position",
            "urgency",
            "page_count",
            "recipients",
        ]
    },
    "rules": {"missing_timestamp": {"after_law": False}},
}


def with_defaults(policy: dict[str, Any]) -> dict[str, Any]:
    """The case's policy; "absent keys = the defaults of rules.md section 4"."""
    return _overlay(deepcopy(DEFAULTS), policy)


def _overlay(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    for key, value in over.items():
        base[key] = _overlay(base.get(key, {}), value) if isinstance(value, dict) else value
    return base
