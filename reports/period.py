"""The period in words: `tuần 05 năm 2021`, `tuần trước`, the subject of the report, the ticks of a chart."""

from dataclasses import dataclass
from datetime import date, timedelta

from reports import text
from reports.inputs import Edition

_ROMAN = ("I", "II", "III", "IV")


@dataclass(frozen=True, slots=True)
class Period:
    """A period's names.

    Attributes:
        label: `tuần 05 năm 2021`, `tháng 02 năm 2021`, `quý I năm 2021`.
        unit: `tuần`, `tháng`, `quý`.
        before: `tuần trước`.
        within: `Trong tuần`.
        dates: `từ ngày 01/02/2021 đến ngày 07/02/2021`.
        slug: `2021-W05`, `2021-02`, `2021-Q1`, for file names and identifiers.
    """

    label: str
    unit: str
    before: str
    within: str
    dates: str
    slug: str

    @property
    def this(self) -> str:
        """`tuần này`, as it stands beside `before`."""
        return f"{self.unit} này"

    @property
    def full(self) -> str:
        """`tuần 05 năm 2021 (từ ngày 01/02/2021 đến ngày 07/02/2021)`."""
        return f"{self.label} ({self.dates})"


def describe(edition: Edition, start: date, end: date) -> Period:
    """The names of the half-open period."""
    last = end - timedelta(days=1)
    dates = f"từ ngày {text.day(start)} đến ngày {text.day(last)}"
    if edition == "weekly":
        year, week, _ = start.isocalendar()
        return _period("tuần", f"tuần {week:02d} năm {year}", dates, f"{year}-W{week:02d}")
    if edition == "monthly":
        month = f"{start.month:02d}" if start.month < 3 else str(start.month)
        return _period("tháng", f"tháng {month} năm {start.year}", dates, f"{start:%Y-%m}")
    quarter = (start.month - 1) // 3
    return _period("quý", f"quý {_ROMAN[quarter]} năm {start.year}", dates, f"{start.year}-Q{quarter + 1}")


def tick(edition: Edition, start: date) -> str:
    """The period on an axis: `T05`, `02/2021`, `I/2021`."""
    if edition == "weekly":
        return f"{start.isocalendar().week:02d}"
    if edition == "monthly":
        return f"{start:%m/%y}"
    return f"{_ROMAN[(start.month - 1) // 3]}/{start:%y}"


def _period(unit: str, label: str, dates: str, slug: str) -> Period:
    return Period(label, unit, f"{unit} trước", f"Trong {unit}", dates, slug)
