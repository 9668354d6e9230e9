"""Systems and interruptions, from probes: availability, outages, certificates about to end."""

from dataclasses import dataclass
from datetime import date, datetime, time

import pandas as pd

from reports import figure, text
from reports.figure import Figure
from reports.readable import local_time
from reports.reading import Reading


@dataclass(frozen=True, slots=True)
class SystemState:
    """An agency's system in the period; times are working minutes turned into text, instants are local wall time."""

    agency: str
    name: str
    availability: Figure
    probes: Figure
    outages: Figure
    down_text: str
    longest_text: str
    last_failure_at: datetime | None
    certificate_ends_at: datetime | None
    certificate_text: str


@dataclass(frozen=True, slots=True)
class Systems:
    """`rows`: agencies with an interruption or a certificate about to end, worst first; `summary` covers all."""

    rows: tuple[SystemState, ...]
    summary: str


def systems(reading: Reading) -> Systems:
    """All agencies with probes are told in the summary, those with something to see in the rows."""
    outages = reading.inputs.outages
    if outages.empty:
        return Systems((), "Chưa có kết quả kiểm tra hoạt động hệ thống trong kỳ; chưa đánh giá được mức độ hoạt động.")
    expiring = reading.open_by_rule.get("expiring_certificate")
    ending = set() if expiring is None else set(expiring["agency"])
    table = outages.assign(last=local_time(outages["last_failure_at"]), ends=local_time(outages["certificate_ends_at"]))
    table = table.sort_values(["outage_minutes", "agency"], ascending=[False, True], kind="stable")
    seen = table[(table["outages"] > 0) | table["agency"].isin(ending)]
    rows = tuple(_state(reading, row, row["agency"] in ending) for _, row in seen.iterrows())
    return Systems(rows, _summary(reading, outages))


def _summary(reading: Reading, outages: pd.DataFrame) -> str:
    probed = int((outages["probes"] > 0).sum())
    down = outages[outages["outages"] > 0]
    told = f"Kiểm tra hoạt động hệ thống của {text.count(probed)}/{len(reading.agencies)} cơ quan"
    available = reading.figure("availability")
    if available.known:
        told += f"; trong giờ làm việc, các hệ thống hoạt động {available.text} thời gian"
    if len(down):
        times, minutes = int(down["outages"].sum()), float(down["outage_minutes"].sum())
        told += f"; {text.count(len(down))} cơ quan có {text.count(times)} lần gián đoạn"
        told += f", tổng cộng {text.working_delay(minutes)}"
    else:
        told += "; không có gián đoạn vượt ngưỡng"
    return told + "."


def _state(reading: Reading, row: pd.Series, ending: bool) -> SystemState:
    ends = None if pd.isna(row["ends"]) else row["ends"].to_pydatetime()
    down = row["outages"] > 0
    return SystemState(
        agency=row["agency"],
        name=reading.name(row["agency"]),
        availability=figure.share(row["availability"]),
        probes=figure.count(row["probes"]),
        outages=figure.count(row["outages"]),
        down_text=text.working_delay(row["outage_minutes"]) if down else text.NO_DATA_CELL,
        longest_text=text.working_delay(row["longest_minutes"]) if down else text.NO_DATA_CELL,
        last_failure_at=None if pd.isna(row["last"]) else row["last"].to_pydatetime(),
        certificate_ends_at=ends,
        certificate_text=_certificate(ends, reading.inputs.as_of, ending=ending),
    )


def _certificate(ends: datetime | None, as_of: date, *, ending: bool) -> str:
    """What nobody could see of a certificate is not a valid one; one ending at 0:00 is valid up to the day before."""
    if ends is None:
        return "Sắp hết hạn" if ending else text.NO_DATA_CELL
    if ends <= datetime.combine(as_of, time()):
        return f"Đã hết hạn: thời hạn đến {text.moment(ends)}"
    return f"Còn hạn đến {text.moment(ends)}" if ending else "Còn hạn"
