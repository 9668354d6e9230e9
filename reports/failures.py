"""Why a log is not there, in the readers' words: the job notes reasons in English for those who run it, a report has
no English.

A reason unknown here is told by whose fault it was alone; nothing foreign is printed.
"""

import re

_WORDS: tuple[tuple[str, str], ...] = (
    (r"credentials refused", "hệ thống của đơn vị từ chối quyền truy cập"),
    (r"not kept there|is not there", "hệ thống của đơn vị không có nhật ký của ngày này"),
    (r"not closed yet|before the day's end", "nhật ký trong ngày chưa được chốt"),
    (r"asked to slow down", "hệ thống của đơn vị giới hạn số lần truy vấn"),
    (r"out of service", "dịch vụ cung cấp nhật ký của đơn vị tạm ngừng"),
    (r"certificate is not valid", "chứng thư máy chủ của đơn vị không hợp lệ"),
    (r"no answer in time|took too long", "dịch vụ cung cấp nhật ký của đơn vị không trả lời kịp thời"),
    (r"connection failed", "không kết nối được hệ thống của đơn vị"),
    (r"broke off|ends too early|damaged", "kết nối bị ngắt khi đang nhận nhật ký"),
    (r"total (tells|changed)|cursor came twice", "nhật ký nhận được không khớp số lượng đã công bố"),
    (r"bytes|more than \d+ (pages|rows|values)", "nhật ký quá lớn"),
    (r"cannot be read|packed in a way", "nhật ký sai định dạng"),
    (r"redirected", "địa chỉ cung cấp nhật ký đã thay đổi"),
    (r"no attempt was made", "chưa lấy nhật ký của ngày này"),
    (r"broken off|was stopped|is used up", "việc lấy nhật ký bị gián đoạn"),
    (
        r"may not be read|cannot be written|proxy|cannot ask|cannot be asked|cannot be sent",
        "lỗi kết nối từ phía hệ thống kiểm tra",
    ),
    (r"refused", "hệ thống của đơn vị từ chối yêu cầu"),
)


def in_vietnamese(reason: str) -> str:
    """The reason as a Vietnamese phrase; `""` for one that is not known."""
    return next((words for pattern, words in _WORDS if re.search(pattern, reason)), "")
