"""Why a finding is one, and why a log is not there, in the words of a clerk."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from reports import failures, labels, reasons
from tests.reports.province import LABELS, RULES

WORDS = labels.merged(LABELS)
NAMES = {"H03.16": "Sở Y tế", "H03.18": "Ban Dân tộc"}
NOW = "2021-02-04T08:41:00Z"


def why(rule: str, detail: object = None, extra: str = "", observed: str | None = None) -> str:
    raw = pd.DataFrame({"rule": [rule], "extra": [extra], "detail": pd.Series([detail], dtype=object)})
    frame = pd.DataFrame({"observed": pd.to_datetime([observed])})
    return reasons.explain(raw, frame, WORDS, NAMES).iloc[0]


@pytest.mark.parametrize(
    ("rule", "detail", "extra", "expected"),
    [
        ("failed_send", None, "", "Chưa có lần gửi nào thành công"),
        ("undelivered", None, NOW, "Yêu cầu thu hồi, cập nhật gửi lúc 15:41 ngày 04/02/2021; chưa có dấu vết đã đến nơi nhận"),
        ("overdue_send", {"recipients": 12, "not_sent": 3}, "", "Chưa gửi đến 03 trong 12 nơi nhận"),
        ("overdue_send", {"recipients": 12, "not_sent": 0}, "", "Chưa gửi"),
        ("secret_on_axis", {"secrecy": "toi_mat"}, "", "Độ mật: tối mật"),
        ("misrouted", None, "unknown", "Mã định danh nơi nhận không có trong danh mục của tỉnh"),
        ("unknown_status", None, "99", "Mã trạng thái “99”"),
        ("unknown_status", None, "missing", "Không có mã trạng thái"),
        ("missing_information", {"fields": ["page_count", "signer_position"]}, "", "Thiếu số trang, chức vụ người ký"),
        ("missing_information", {"fields": ["no_such_field"]}, "", ""),
        ("malformed_notation", {"doc_type": "Quyết định", "kind": "BC", "wanted_kind": "QĐ"}, "kind", "Chữ viết tắt không đúng tên loại; văn bản là “Quyết định”, ký hiệu ghi “BC”, chữ viết tắt đúng là “QĐ”"),
        ("wrong_date", {"issued_on": "2021-02-04", "signed_on": None, "sent_on": "2021-02-03"}, "future", "Ngày ban hành sau ngày gửi; ban hành 04/02/2021; gửi 03/02/2021"),
        ("number_gap", {"after": 12, "before": 15}, "", "Giữa số 12 và số 15"),
        ("missing_component", None, "đ", "Thiếu tên loại và trích yếu nội dung văn bản"),
        ("wrong_competence", {"signer_competence": "TM. UBND", "signer_position": "Phó Chủ tịch"}, "deputy", "Cấp phó ký nhưng không ghi KT., TUQ. hoặc Q.; quyền hạn ghi “TM. UBND”; chức vụ “Phó Chủ tịch”"),
        ("foreign_notation", {"organ": "SYT", "notations": ["UBND", "VP"]}, "", "Ký hiệu ghi “SYT”, đơn vị đã đăng ký “UBND, VP”"),
        ("invalid_certificate", {"reasons": ["revoked"], "revoked_at": NOW}, "5400AB", "Chứng thư đã bị thu hồi trước khi ký; thu hồi lúc 15:41 ngày 04/02/2021; chứng thư số có số hiệu 5400AB"),
        ("invalid_certificate", {"reasons": ["outside_validity"], "signed_at": NOW, "valid_from": "2021-02-05T09:00:00Z", "valid_to": "2023-02-05T09:00:00Z", "issuer": "CN=CA phục vụ G2, O=Ban Cơ yếu", "checked": "verified"}, "2", "Ký ngoài thời hạn của chứng thư; ký lúc 15:41 ngày 04/02/2021, chứng thư số đến 16:00 ngày 05/02/2021 mới có hiệu lực; chữ ký thứ 2; đã kiểm tra trên tệp"),
        ("invalid_certificate", {"reasons": ["outside_validity"], "signed_at": NOW, "valid_from": "2019-02-05T09:00:00Z", "valid_to": "2021-02-01T09:00:00Z"}, "5400AB", "Ký ngoài thời hạn của chứng thư; ký lúc 15:41 ngày 04/02/2021, chứng thư số đã hết hạn lúc 16:00 ngày 01/02/2021; chứng thư số có số hiệu 5400AB"),
        ("invalid_certificate", {"reasons": ["foreign_issuer"], "signed_at": NOW, "valid_from": "2019-02-05T09:00:00Z", "valid_to": "2024-02-01T09:00:00Z", "issuer": "C=VN, CN=VNPT-CA SHA2, O=VNPT Group"}, "5400AB", "Đơn vị cấp chứng thư không được chấp nhận; đơn vị cấp “VNPT-CA SHA2”; chứng thư số có số hiệu 5400AB"),
        ("failed_send", {"attempts": 2, "last_at": NOW, "error_code": "E102"}, "", "Đã gửi 02 lần, lần gần nhất lúc 15:41 ngày 04/02/2021 bị lỗi; mã lỗi “E102”; chưa có lần gửi nào thành công"),
        ("failed_receipt", {"attempts": 1, "last_at": NOW}, "", "Đã nhận 01 lần bị lỗi, lần gần nhất lúc 15:41 ngày 04/02/2021; chưa có lần nhận nào thành công"),
        ("unsigned", {"checked": "verified"}, "", "Tệp không có chữ ký số nào; đã kiểm tra trên tệp"),
        ("overdue_send", {"recipients": 30, "not_sent": 1, "not_sent_to": ["H03.16"]}, "", "Chưa gửi đến 01 trong 30 nơi nhận: Sở Y tế"),
        ("late_urgent_send", {"recipients": 30, "not_sent": 5, "not_sent_to": ["H03.16", "H03.18", "H99"]}, "", "Chưa gửi đến 05 trong 30 nơi nhận: Sở Y tế, Ban Dân tộc, H99 và 02 cơ quan khác"),
        ("broken_integrity", {"reasons": ["intact", "covers_file"]}, "", "Nội dung đã thay đổi sau khi ký, chữ ký cuối không bao trùm toàn bộ tệp"),
        ("missing_attachment", {"files": 2, "declared": 3}, "count", "Ít tệp hơn số khai báo; có 02 tệp, khai 03 tệp"),
        ("missing_attachment", {"files": 0, "declared": None}, "no_file", "Không có tệp"),
        ("system_outage", {"working_minutes": 135}, NOW, "Từ 15:41 ngày 04/02/2021; gián đoạn 2 giờ 15 phút làm việc; chưa khôi phục"),
        ("missing_log", {"tables": ["documents"], "failure": "out of service"}, "2021-02-03", "Ngày 03/02/2021; thiếu văn bản đi; dịch vụ cung cấp nhật ký của đơn vị tạm ngừng"),
        ("missing_log", {"tables": ["documents"], "failure": "some new English words"}, "2021-02-03", "Ngày 03/02/2021; thiếu văn bản đi"),
    ],
)  # fmt: skip
def test_phrases(rule, detail, extra, expected):
    assert why(rule, detail, extra) == expected
    assert why(rule, None if detail is None else json.dumps(detail), extra) == expected


def test_what_was_late_tells_when_it_happened():
    assert why("late_acknowledgement", observed="2021-02-04T15:41") == "Phản hồi lúc 15:41 ngày 04/02/2021"
    assert why("late_processing", observed="2021-02-04T15:41") == "Hoàn thành lúc 15:41 ngày 04/02/2021"


def test_values_are_text_and_never_templates():
    detail = {"signer_name": "{extra} {0.__class__} <b>=1+1</b>\u202e", "signer_position": "x" * 500}
    told = why("unauthorised_signer", detail)
    assert told.startswith("Người ký “{extra} {0.__class__} <b>=1+1</b>”")
    assert len(told) < 300


def test_no_code_word_of_the_program_reaches_a_reader():
    for rule in RULES:
        told = why(rule.id, {"reasons": ["zzz_code"], "fields": ["zzz_code"], "tables": ["zzz_code"]}, "")
        assert "zzz" not in told


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("credentials refused", "hệ thống của đơn vị từ chối quyền truy cập"),
        ("refused", "hệ thống của đơn vị từ chối yêu cầu"),
        ("a file of more than 1000 bytes", "nhật ký quá lớn"),
        ("an answer of more than 1000000 values", "nhật ký quá lớn"),
        ("a page of more than 10000 rows", "nhật ký quá lớn"),
        ("more rows than the total tells", "nhật ký nhận được không khớp số lượng đã công bố"),
        ("our proxy refused us", "lỗi kết nối từ phía hệ thống kiểm tra"),
        ("something nobody has thought of", ""),
    ],
)
def test_reasons_of_failed_pulls(reason, expected):
    assert failures.in_vietnamese(reason) == expected
