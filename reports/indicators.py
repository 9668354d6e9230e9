"""The indicators a report knows: id, name, unit, which way is better, and from which rows or rules each comes.

`measures` produces exactly these (long frame: agency `""` = the province, indicator, value, numerator, denominator;
NaN = no data). Shares are 0–1, times are working minutes, counts are whole numbers kept as floats.
"""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["count", "share", "working_minutes", "points", "rank", "flag"]
Better = Literal["higher", "lower", "neither"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator.

    Attributes:
        id: the word in the indicators' frame.
        title: its Vietnamese name, as tables print it.
        unit: what `value` is.
        better: which direction is good; an arrow means better or worse, never up or down.
        meaning: one line: what is counted, from which rows or rules.
    """

    id: str
    title: str
    unit: Unit
    better: Better
    meaning: str


_CATALOGUE = (
    Indicator("documents_sent", "Văn bản gửi", "count", "neither", "Văn bản có lần gửi đầu tiên trong kỳ"),
    Indicator(
        "documents_received",
        "Văn bản nhận",
        "count",
        "neither",
        "Văn bản đến nơi nhận trong kỳ, kể cả nơi nhận chưa kết nối (theo nhật ký của nơi gửi)",
    ),
    Indicator("pairs_sent", "Lượt gửi", "count", "neither", "Cặp (văn bản, nơi nhận) có lần gửi đầu tiên trong kỳ"),
    Indicator(
        "arrived_share",
        "Lượt gửi đến nơi",
        "share",
        "higher",
        "Lượt gửi đã đến nơi nhận trên tổng số lượt gửi trong kỳ; "
        "lượt chưa đến hạn xác nhận hoặc nhận lỗi (N1) cũng là chưa đến",
    ),
    Indicator(
        "undelivered",
        "Gửi lỗi, không đến nơi nhận",
        "count",
        "lower",
        "Vi phạm G1, G2 phát sinh trong kỳ, chưa khắc phục đến cuối kỳ; không gồm vi phạm còn lại từ các kỳ trước",
    ),
    Indicator(
        "acknowledged_in_day_share",
        "Phản hồi trong ngày",
        "share",
        "higher",
        "Lượt nhận được phản hồi trạng thái trong ngày trên tổng số lượt đã kiểm tra (N2, N3)",
    ),
    Indicator(
        "ack_minutes_median",
        "Thời gian phản hồi (trung vị)",
        "working_minutes",
        "lower",
        "Từ khi đến đến khi phản hồi, giờ làm việc",
    ),
    Indicator(
        "ack_minutes_p90",
        "Thời gian phản hồi (90% trường hợp)",
        "working_minutes",
        "lower",
        "90% số lượt được phản hồi trong thời gian này",
    ),
    Indicator(
        "forward_minutes_median",
        "Thời gian chuyển giao (trung vị)",
        "working_minutes",
        "lower",
        "Từ khi đến đến khi chuyển xử lý",
    ),
    Indicator(
        "forward_minutes_p90",
        "Thời gian chuyển giao (90% trường hợp)",
        "working_minutes",
        "lower",
        "90% số lượt được chuyển trong thời gian này",
    ),
    Indicator(
        "backlog_open",
        "Đang xử lý",
        "count",
        "neither",
        "Văn bản đến chưa hoàn thành đến cuối kỳ, của cơ quan có cung cấp nhật ký",
    ),
    Indicator(
        "backlog_overdue",
        "Tồn đọng quá hạn",
        "count",
        "lower",
        "Vi phạm N5, N6 đến cuối kỳ, gồm cả văn bản quá hạn từ các kỳ trước",
    ),
    Indicator(
        "backlog_age_0_10",
        "Chưa hoàn thành, đến 10 ngày",
        "count",
        "lower",
        "Văn bản đến chưa hoàn thành, đến đã 0–10 ngày (kể cả ngày nghỉ)",
    ),
    Indicator("backlog_age_11_30", "Chưa hoàn thành, 11–30 ngày", "count", "lower", "Như trên, 11–30 ngày"),
    Indicator("backlog_age_31_90", "Chưa hoàn thành, 31–90 ngày", "count", "lower", "Như trên, 31–90 ngày"),
    Indicator("backlog_age_90_up", "Chưa hoàn thành, trên 90 ngày", "count", "lower", "Như trên, trên 90 ngày"),
    Indicator(
        "availability",
        "Hệ thống hoạt động",
        "share",
        "higher",
        "Thời gian làm việc mà hệ thống trả lời, theo kết quả kiểm tra hoạt động hệ thống",
    ),
    Indicator("coverage_share", "Nhật ký đầy đủ", "share", "higher", "Số ngày có đủ nhật ký trên số ngày phải có"),
    Indicator("findings_new", "Vi phạm mới", "count", "lower", "Vi phạm phát hiện lần đầu trong kỳ"),
    Indicator("findings_resolved", "Đã khắc phục", "count", "higher", "Vi phạm được khắc phục trong kỳ"),
    Indicator(
        "findings_open",
        "Chưa khắc phục",
        "count",
        "lower",
        "Vi phạm chưa khắc phục đến cuối kỳ, gồm cả việc còn lại từ các kỳ trước và việc đã xảy ra xong trong kỳ",
    ),
    Indicator(
        "signed_both_share",
        "Ký số đầy đủ",
        "share",
        "higher",
        "Văn bản có chữ ký số của người có thẩm quyền và của cơ quan",
    ),
    Indicator(
        "electronic_share",
        "Gửi hoàn toàn điện tử",
        "share",
        "higher",
        "Văn bản gửi điện tử trên tổng số văn bản phát hành",
    ),
    Indicator(
        "compliance_index",
        "Chỉ số tuân thủ",
        "points",
        "higher",
        "100 × (1 − Σ w·r / Σ w) trên các quy tắc kiểm tra được",
    ),
    Indicator(
        "rank", "Xếp hạng", "rank", "lower", "Thứ tự theo chỉ số tuân thủ; không có: không đủ điều kiện xếp hạng"
    ),
    Indicator(
        "rank_tested",
        "Số văn bản, lượt đã kiểm tra",
        "count",
        "neither",
        "Tổng số văn bản và lượt gửi, nhận đã kiểm tra được",
    ),
)

INDICATORS = {indicator.id: indicator for indicator in _CATALOGUE}

DEMANDED = {
    "arrived_share": 1.0,
    "undelivered": 0.0,
    "acknowledged_in_day_share": 1.0,
    "backlog_overdue": 0.0,
    "signed_both_share": 1.0,
}
"""What Công văn 814 demands: no failed sends, all arrive (1, 3), all answered (1), no backlog (1), all signed (4).

The targets of a report where the province's policy sets no other.
"""

HEADLINES = (
    "arrived_share",
    "undelivered",
    "acknowledged_in_day_share",
    "backlog_overdue",
    "signed_both_share",
    "compliance_index",
)
"""The six figures of page 1, in order (`domain/vietnamese.md`)."""
