"""The bench's results as text: a line of the terminal a part, and the table of docs/hieu-nang.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from bench.parts import Part

PAGE: Final = Path(__file__).parents[1] / "docs" / "hieu-nang.md"
BEGIN: Final = "<!-- make bench: bảng này do công cụ ghi -->"
END: Final = "<!-- hết bảng -->"
PACKAGES: Final = ("pandas", "numpy", "pyarrow", "duckdb", "polars", "weasyprint", "openpyxl")

_HEAD: Final = (
    "| Phần việc | Giây | Giây CPU | Bộ nhớ (MiB) | Dòng/giây | So với chuẩn | Ghi chú |\n|---|--:|--:|--:|--:|--:|---|"
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a part took.

    Attributes:
        part: The part.
        seconds, processor_seconds: Of the clock, and of all cores together.
        peak_mib: The most memory that one of its processes held.
        told: What else it told: `rows`, `steps` (seconds by name), `counts`, ….
    """

    part: Part
    seconds: float
    processor_seconds: float
    peak_mib: float
    told: Mapping[str, Any]


def described(found: Sequence[Measured]) -> str:
    """The last of the parts, for the terminal."""
    one = found[-1]
    ratio, rate = _ratio(one, found), _rate(one)
    figures = f"{one.seconds:8.2f} s {one.processor_seconds:8.2f} CPU s {one.peak_mib:7.0f} MiB"
    return f"{one.part.name:52} {figures} {rate:>9} {ratio:>6} {_note(one)}".rstrip()


def write_page(found: Sequence[Measured]) -> None:
    """Put the table in the place of the page's old one."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{_machine()}\n\n{table(found)}\n{END}{after}", encoding="utf-8")


def table(found: Sequence[Measured]) -> str:
    """All parts as a table of the page."""
    lines = [_HEAD]
    for one in found:
        figures = (f"{one.seconds:.2f}", f"{one.processor_seconds:.2f}", f"{one.peak_mib:.0f}")
        lines.append(f"| {' | '.join((one.part.name, *figures, _rate(one), _ratio(one, found), _note(one)))} |")
    return "\n".join(lines).replace(".", ",")


def _machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    busy = f"{os.getloadavg()[2]:.1f}".replace(".", ",")
    machine = f"{platform.machine()}, {os.cpu_count()} nhân, Python {platform.python_version()}; {packages}"
    return f"Máy: {machine}. Số tiến trình chờ hoặc chạy trung bình 15 phút khi đo: {busy} (cả phần đo)."


def _rate(one: Measured) -> str:
    return f"{one.told['rows'] / one.seconds:,.0f}".replace(",", " ") if "rows" in one.told else ""


def _ratio(one: Measured, found: Sequence[Measured]) -> str:
    """Its time as a multiple of the reference's; empty where there is none."""
    for other in found:
        if other.part.is_reference and other.part.group == one.part.group:
            return f"{one.seconds / other.seconds:.2f}"
    return ""


def _note(one: Measured) -> str:
    """How long its steps took, and how many files it made."""
    steps: Mapping[str, float] = one.told.get("steps", {})
    told = [f"{name} {seconds:.2f}" for name, seconds in steps.items()]
    return "; ".join([*told, *([f"{one.told['files']} tệp"] if "files" in one.told else [])])
