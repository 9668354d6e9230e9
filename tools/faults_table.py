"""Puts what `make faults` saw into docs/an-toan.md: a line a fault, how often it was tried and how the run ended."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "an-toan.md"
BEGIN, END = "<!-- faults: made by make faults -->", "<!-- end of faults -->"
COMMANDS = {
    "pull": "lấy dữ liệu",
    "judge": "đánh giá",
    "report": "làm báo cáo",
    "deliver": "gửi thư",
    "backup": "sao lưu",
}
BEFORE = {
    "kill-step": "kill −9 ở một bước ghi",
    "kill-moment": "kill −9 ở thời điểm bất kỳ",
    "full-step": "đĩa đầy ở một bước ghi",
}
FAULTS = {
    **{
        f"{kind}-{command}": f"{text}, khi {word}"
        for kind, text in BEFORE.items()
        for command, word in COMMANDS.items()
    },
    "full-disk": "đĩa đầy thật (tmpfs nhỏ), khi lấy dữ liệu",
    "read-only": "thư mục dữ liệu chỉ đọc, khi đánh giá",
    "clock-back": "đồng hồ lùi vào giữa tuần",
    "clock-forward": "đồng hồ tiến tám năm",
    "two-at-once": "hai lượt chạy cùng lúc",
    "damaged-evidence": "tệp bằng chứng hỏng, phục hồi từ bản sao lưu",
    "damaged-ledger": "sổ cái hỏng, phục hồi từ bản sao lưu",
    "source-slow": "nguồn trả lời mỗi lần một byte",
    "source-endless": "nguồn không bao giờ hết trang",
    "source-total": "nguồn đổi tổng số giữa chừng",
    "source-repeats": "nguồn lặp lại trang",
    "source-shuffles": "nguồn xáo trộn dòng giữa các trang, tổng số vẫn khớp",
    "source-yesterday": "nguồn gửi ngày hôm trước",
    "source-html": "nguồn trả HTML với mã 200",
    "source-zeros": "10 GiB số không, nén lại",
    "source-redirect": "nguồn chuyển hướng đi nơi khác",
    "source-silent": "nguồn im lặng",
    "source-cut": "nguồn trả lời nửa chừng",
}


def table(lines: list[str]) -> str:
    """The table of recorded trials; every trial was followed by a run that mended it, or it would have failed."""
    seen: dict[str, Counter[str]] = {fault: Counter() for fault in FAULTS}
    for line in lines:
        fault, outcome = json.loads(line)
        seen[fault][outcome] += 1
    rows = []
    for fault, outcomes in seen.items():
        if outcomes:
            ends = ", ".join(f"{end}: {count}" for end, count in sorted(outcomes.items()))
            rows.append(f"| {FAULTS[fault]} | {outcomes.total()} | {ends} | đủ, không trùng |")
    return "\n".join(["| Sự cố | Số lần | Kết thúc | Sau lần chạy lại |", "|---|---|---|---|", *rows])


def main() -> None:
    """Reads the record that is named on the command line."""
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, tail = rest.partition(END)
    PAGE.write_text(f"{head}{BEGIN}\n{table(lines)}\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
