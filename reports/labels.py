"""Words that stand for codes in front of readers.

The words that every part of the product shares come from `config/labels.vi.toml` (sections groups, severities,
states, outcomes, coverage, failed_at, tables, fields, extras, secrecy, urgency, components); those that only sentences
of the reports need stand here. The file may override them too.
"""

from collections.abc import Mapping
from typing import Any

SEVERITIES = ("critical", "high", "medium", "low")
OPEN_STATES = ("new", "open", "reopened")
SHARED = (
    "groups",
    "severities",
    "states",
    "outcomes",
    "coverage",
    "failed_at",
    "tables",
    "fields",
    "extras",
    "secrecy",
    "urgency",
    "components",
)

OWN: Mapping[str, Mapping[str, str]] = {
    "groups_short": {
        "G": "Gửi", "N": "Nhận, xử lý", "T": "Thể thức", "Q": "Thẩm quyền", "K": "Chữ ký số", "D": "Tệp kèm",
        "L": "Trùng lặp",
        "R": "Thu hồi", "M": "Bảo mật", "H": "Hệ thống",
    },
    "reasons": {  # words in the detail of K4 and K5
        "intact": "nội dung đã thay đổi sau khi ký",
        "valid": "chữ ký không hợp lệ",
        "covers_file": "chữ ký cuối không bao trùm toàn bộ tệp",
        "outside_validity": "ký ngoài thời hạn của chứng thư",
        "revoked": "chứng thư đã bị thu hồi trước khi ký",
        "foreign_issuer": "đơn vị cấp chứng thư không được chấp nhận",
        "untrusted_chain": "chứng thư không do đơn vị có tên trên đó cấp",
    },
    # What was lacking where a member could not be decided (rules.md, Coverage).
    "undecided": {
        "G1": "chưa đủ nhật ký gửi, trạng thái của nơi gửi",
        "G2": "chưa đủ nhật ký của nơi gửi hoặc nơi nhận",
        "G3": "chưa đủ nhật ký gửi",
        "G4": "chưa đủ nhật ký gửi",
        "G5": "chưa đủ nhật ký gửi",
        "N1": "chưa đủ nhật ký của nơi nhận",
        "N2": "chưa đủ nhật ký của nơi nhận",
        "N3": "chưa đủ nhật ký của nơi nhận",
        "N4": "chưa đủ nhật ký của nơi nhận",
        "N5": "chưa đủ nhật ký của nơi nhận",
        "N6": "chưa đủ nhật ký của nơi nhận",
        "N7": "chưa đủ nhật ký của nơi nhận",
        "N8": "không rõ lý do từ chối",
        "N9": "không rõ mã định danh hoặc lý do từ chối",
        "N10": "chưa đủ nhật ký của nơi nhận hoặc nơi gửi",
        "N12": "chưa đủ nhật ký trạng thái của hai bên",
        "N13": "chưa đủ nhật ký gửi của nơi gửi",
        "T2": "không rõ tên loại văn bản",
        "T3": "thiếu ngày ký hoặc ngày gửi",
        "T4": "chưa đủ sổ văn bản đi trong kỳ",
        "T5": "không có tệp văn bản, hoặc tệp không có lớp chữ",
        "Q1": "thiếu chức vụ hoặc danh sách ủy quyền",
        "Q2": "thiếu tên người ký",
        "Q3": "chữ ký số không có tên chủ chứng thư",
        "Q4": "không đọc được ký hiệu",
        "K1": "nhật ký không có thông tin chữ ký số",
        "K2": "nhật ký không có thông tin chữ ký số",
        "K3": "thiếu thời điểm ký số",
        "K4": "thiếu thông tin chứng thư số",
        "K5": "nhật ký không có kết quả kiểm tra chữ ký",
        "K6": "nhật ký không có thông tin chữ ký số",
        "K7": "nhật ký không có thông tin dấu thời gian",
        "D1": "nhật ký không có thông tin tệp",
        "D2": "nhật ký không có thông tin tệp hoặc chữ ký",
        "L1": "chưa đủ nhật ký giữa hai lần gửi",
        "L2": "thiếu trích yếu hoặc mã băm của tệp",
        "L3": "thiếu mã băm của tệp",
        "R1": "chưa đủ nhật ký của nơi nhận",
        "H1": "chưa có kết quả kiểm tra hoạt động hệ thống",
        "H2": "không lấy được nhật ký do phía hệ thống kiểm tra",
        "H3": "kiểm tra hoạt động hệ thống không cho biết thời hạn chứng thư",
    },
    "grounds": {
        "law": "Quy định của pháp luật",
        "mixed": "Quy định của pháp luật; ngưỡng hoặc cách đối chiếu theo chính sách của tỉnh",
        "policy": "Chính sách của tỉnh",
    },
    # K6: what a signature lacks; the log names some of it as it names what a document has.
    "signature_fields": {
        "subject": "tên chủ chứng thư số",
        "serial": "số hiệu chứng thư số",
        "issuer": "tên đơn vị cấp chứng thư số",
        "valid_from": "ngày bắt đầu hiệu lực của chứng thư số",
        "valid_to": "ngày hết hiệu lực của chứng thư số",
        "signed_at": "thời điểm ký số",
    },
    # What a finding asks for: an act, or, of what can no longer be cured (`reports.cures`), to do better.
    "duties": {"cure": "Khắc phục", "learn": "Rút kinh nghiệm"},
    # In place of the rule's own remedy.
    "remedies": {"signed_too_early": "Ký số lại khi chứng thư số đã có hiệu lực rồi gửi văn bản thay thế"},
    # G1, G2 of a message that recalls or updates a document: not the document is lost (rules.md, "One fault").
    "recall_titles": {
        "failed_send": "Yêu cầu thu hồi, cập nhật gửi lỗi",
        "undelivered": "Yêu cầu thu hồi, cập nhật không đến nơi nhận",
    },
    "recall_remedies": {
        "failed_send": "Thực hiện lại việc thu hồi, cập nhật (không gửi lại văn bản); theo dõi đến khi có trả lời",
        "undelivered": "Thực hiện lại việc thu hồi, cập nhật (không gửi lại văn bản); liên hệ nơi nhận và đơn vị vận "
        "hành trục nếu yêu cầu vẫn chưa đến",
    },
    # H2 of a day of which some tables came.
    "partial_titles": {"missing_log": "Nhật ký còn thiếu"},
    # What is counted when findings of a kind are told in prose: "05 lượt gửi lỗi".
    "counted": {
        "G1": "lượt gửi lỗi", "G1R": "yêu cầu thu hồi, cập nhật gửi lỗi",
        "G2": "lượt gửi không đến nơi nhận", "G2R": "yêu cầu thu hồi, cập nhật không đến nơi nhận",
        "G3": "văn bản gửi chậm so với ngày ký",
        "G4": "văn bản gửi quá hạn hoặc chưa gửi", "G5": "văn bản khẩn gửi chậm",
        "N1": "văn bản nhận lỗi", "N2": "văn bản đến chưa phản hồi trạng thái", "N3": "văn bản đến phản hồi chậm",
        "N4": "văn bản đến chuyển giao chậm", "N5": "văn bản đến tồn đọng quá hạn",
        "N6": "văn bản khẩn chưa giải quyết",
        "N7": "văn bản đến giải quyết quá hạn", "N8": "lượt từ chối không nêu lý do", "N9": "lượt gửi sai nơi nhận",
        "N10": "văn bản có trạng thái sai trình tự", "N11": "trạng thái có mã không quy định",
        "N12": "trạng thái bị thất lạc",
        "N13": "văn bản đến không khớp nơi gửi",
        "T1": "văn bản thiếu thông tin", "T2": "văn bản có số, ký hiệu chưa đúng thể thức",
        "T3": "văn bản có ngày ban hành bất hợp lý",
        "T4": "số văn bản nhảy cách", "T5": "văn bản thiếu thành phần thể thức",
        "Q1": "văn bản ghi quyền hạn, chức vụ chưa đúng", "Q2": "văn bản có người ký ngoài danh sách",
        "Q3": "văn bản có người ký khác chủ chứng thư số", "Q4": "văn bản mang ký hiệu của cơ quan khác",
        "K1": "văn bản chưa ký số", "K2": "văn bản thiếu một chữ ký số", "K3": "văn bản sai thứ tự ký số",
        "K4": "chữ ký có chứng thư số không hợp lệ", "K5": "văn bản không toàn vẹn",
        "K6": "văn bản thiếu thông tin xác thực chữ ký số",
        "K7": "văn bản chưa có dấu thời gian",
        "D1": "văn bản thiếu hoặc lỗi tệp đính kèm", "D2": "tệp kèm chưa ký số cơ quan",
        "L1": "lượt gửi trùng", "L2": "văn bản trùng số, ký hiệu", "L3": "văn bản trùng nội dung",
        "R1": "yêu cầu thu hồi, cập nhật chưa trả lời", "M1": "văn bản mật trên trục liên thông",
        "H1": "lần hệ thống gián đoạn", "H2": "ngày chưa có nhật ký", "H3": "chứng thư máy chủ sắp hết hạn",
    },
    # What an agency is asked to do about them, short enough for a table of all agencies.
    "action": {
        "G1": "gửi lại {n} lượt gửi lỗi", "G1R": "thực hiện lại {n} lượt thu hồi, cập nhật bị lỗi",
        "G2": "liên hệ nơi nhận, gửi lại {n} lượt không đến nơi",
        "G2R": "thực hiện lại {n} lượt thu hồi, cập nhật chưa đến nơi nhận",
        "G3": "phát hành trong ngày ký ({n} văn bản gửi chậm)", "G4": "gửi ngay {n} văn bản quá hạn gửi",
        "G5": "gửi ngay {n} văn bản khẩn",
        "N1": "tiếp nhận lại {n} văn bản nhận lỗi", "N2": "phản hồi trạng thái {n} văn bản đến",
        "N3": "phản hồi trong ngày văn bản đến ({n} văn bản chậm)", "N4": "chuyển xử lý ngay {n} văn bản",
        "N5": "giải quyết hoặc gia hạn {n} văn bản tồn đọng", "N6": "giải quyết ngay {n} văn bản khẩn",
        "N7": "rà soát {n} văn bản giải quyết quá hạn", "N8": "bổ sung lý do {n} lượt từ chối",
        "N9": "thu hồi, gửi đúng nơi nhận {n} lượt",
        "N10": "kiểm tra trình tự trạng thái {n} văn bản", "N11": "sửa mã {n} trạng thái",
        "N12": "kiểm tra {n} trạng thái bị thất lạc",
        "N13": "đối chiếu {n} văn bản đến không khớp nơi gửi",
        "T1": "bổ sung thông tin {n} văn bản", "T2": "sửa số, ký hiệu {n} văn bản",
        "T3": "kiểm tra ngày ban hành {n} văn bản",
        "T4": "kiểm tra sổ đăng ký ({n} số nhảy cách)", "T5": "bổ sung thể thức {n} văn bản",
        "Q1": "ghi đúng quyền hạn, chức vụ {n} văn bản", "Q2": "kiểm tra thẩm quyền ký {n} văn bản",
        "Q3": "ký lại {n} văn bản bằng chứng thư số đúng người", "Q4": "kiểm tra ký hiệu {n} văn bản",
        "K1": "ký số, gửi thay thế {n} văn bản", "K2": "bổ sung chữ ký số {n} văn bản",
        "K3": "ký số lại đúng thứ tự {n} văn bản",
        "K4": "cấp lại chứng thư số, ký lại {n} văn bản", "K5": "gửi lại bản đúng {n} văn bản",
        "K6": "bổ sung thông tin chữ ký số {n} văn bản",
        "K7": "bật dấu thời gian ({n} văn bản)",
        "D1": "gửi bổ sung tệp {n} văn bản", "D2": "ký số cơ quan {n} tệp kèm",
        "L1": "không gửi trùng ({n} lượt)", "L2": "đính chính số {n} văn bản",
        "L3": "kiểm tra {n} văn bản trùng nội dung",
        "R1": "trả lời {n} yêu cầu thu hồi, cập nhật", "M1": "thu hồi ngay {n} văn bản mật và báo cáo người đứng đầu",
        "H1": "báo đơn vị vận hành về {n} lần gián đoạn", "H2": "cung cấp bù nhật ký {n} ngày",
        "H3": "gia hạn {n} chứng thư máy chủ",
    },
}  # fmt: skip


def merged(given: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The given words over those that stand here. Raises `KeyError` naming the sections that are missing."""
    missing = [section for section in SHARED if section not in given]
    if missing:
        raise KeyError(f"labels lack the sections {missing}")
    sections = dict.fromkeys([*OWN, *SHARED])
    return {section: {**OWN.get(section, {}), **given.get(section, {})} for section in sections}
