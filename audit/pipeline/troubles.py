"""What needs a look: a sentence each, in English for `status` and monitors, in Vietnamese for the operator's mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

DISK_SHARE_LOW: Final = 0.05
"""Less free space than this share of the disk is a trouble."""
HEARTBEAT_OLD_S: Final = 300
"""`serve` beats every minute; where it beat longer ago and did not say that it ended, it is dead."""
NIGHTS_MISSED: Final = 2
"""So many days without a night's work that ended are a trouble."""
NEW_YEAR_FROM: Final = (12, 1)
"""From this month and day on the calendar should know the next year."""

_EDITIONS: Final = {"weekly": "tuần", "monthly": "tháng", "quarterly": "quý"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that needs a look.

    Attributes:
        kind: what it is, and of what; the same as long as it is the same trouble.
        english, vietnamese: a sentence without the full stop.
    """

    kind: str
    english: str
    vietnamese: str


def troubles(told: Mapping[str, Any], today: date) -> list[Trouble]:
    """The troubles of what `audit.pipeline.standing` has found so far."""
    return [*_sources(told), *_runs(told), *_machine(told), *_deliveries(told), *_service(told, today)]


def gaps(told: Mapping[str, Any]) -> list[Trouble]:
    """The reports that were made while logs were missing: nothing to be mended, but the operator is told once."""
    return [
        Trouble(
            f"gaps:{one['edition']}:{one['start']}:{one['agencies']}:{one['days']}",
            f"the {one['edition']} report of {one['start']} has gaps: {one['agencies']} agencies, {one['days']} days",
            f"Báo cáo {_EDITIONS[one['edition']]} bắt đầu ngày {one['start']:%d/%m/%Y} được lập khi còn thiếu nhật ký "
            f"của {one['agencies']} cơ quan, tổng cộng {one['days']} ngày",
        )
        for one in told["reports_with_gaps"]
    ]


def years_needed(today: date) -> set[int]:
    """The years whose days off must be known: a year without them has no holidays, and deadlines come out too early."""
    return {today.year, today.year + 1} if (today.month, today.day) >= NEW_YEAR_FROM else {today.year}


def _sources(told: Mapping[str, Any]) -> Iterator[Trouble]:
    for late in told["late_sources"]:
        code, day = late["agency"], late["last_complete_day"]
        since = f"kể từ ngày {day:%d/%m/%Y}" if day else "từ trước đến nay"
        yield Trouble(
            f"source:{code}", f"{code} has no complete log since {day or 'ever'}",
            f"Cơ quan {code} chưa có nhật ký đầy đủ {since}",
        )  # fmt: skip


def _runs(told: Mapping[str, Any]) -> Iterator[Trouble]:
    ended = [run for run in told["runs"] if run["ended_at"] is not None]
    if ended and ended[0]["exit_status"]:
        command, status = ended[0]["command"], ended[0]["exit_status"]
        yield Trouble(
            f"run:{command}:{status}", f"the last run ({command}) ended with status {status}",
            f"Lần chạy gần nhất ({command}) kết thúc với mã {status}",
        )  # fmt: skip
    for one in told["overdue_reports"]:
        edition, start, days = one["edition"], one["start"], one["days_late"]
        yield Trouble(
            f"report:{edition}:{start}", f"the {edition} report of {start} is {days} days overdue",
            f"Báo cáo {_EDITIONS[edition]} bắt đầu ngày {start:%d/%m/%Y} chưa lập, đã muộn {days} ngày",
        )  # fmt: skip


def _machine(told: Mapping[str, Any]) -> Iterator[Trouble]:
    if told["disk"]["free_bytes"] < DISK_SHARE_LOW * told["disk"]["total_bytes"]:
        yield Trouble("disk", "the disk is nearly full", "Đĩa sắp đầy")


def _deliveries(told: Mapping[str, Any]) -> Iterator[Trouble]:
    if cut := told["queue"].get("sending"):
        yield Trouble(
            "delivery:sending", f"{cut} deliveries were cut off; whether they went out is not known",
            f"{cut} thư bị ngắt giữa chừng, không rõ đã đi hay chưa",
        )  # fmt: skip
    if failed := told["queue"].get("failed"):
        yield Trouble("delivery:failed", f"{failed} deliveries failed", f"{failed} thư gửi không được")
    if unsent := sum(told["alerts"].values()):
        yield Trouble(
            "alert:unsent", f"{unsent} alerts of today have not gone out", f"{unsent} cảnh báo hôm nay chưa đi"
        )


def _service(told: Mapping[str, Any], today: date) -> Iterator[Trouble]:
    beat, night = told["heartbeat"], told["last_done"]["daily"]
    if beat and not beat.get("ended") and beat["age_seconds"] > HEARTBEAT_OLD_S:
        minutes = beat["age_seconds"] // 60
        yield Trouble(
            "service", f"the service has not been heard of for {minutes} minutes",
            f"Dịch vụ im lặng đã {minutes} phút",
        )  # fmt: skip
    if night and (today - night["day"]).days > NIGHTS_MISSED:
        yield Trouble(
            "nights", f"no night's work has ended since the one of {night['day']}",
            f"Chưa có lần chạy đêm nào xong kể từ ngày {night['day']:%d/%m/%Y}",
        )  # fmt: skip
    for year in sorted(years_needed(today) - set(told["calendar_years"])):
        yield Trouble(
            f"calendar:{year}", f"calendar.toml has no days off of {year}",
            f"Tệp calendar.toml chưa có ngày nghỉ của năm {year}",
        )  # fmt: skip
