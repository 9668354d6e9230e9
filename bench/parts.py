"""What `make bench` measures, in order, and what each part is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A measure.

    Attributes:
        group: Parts of one group do the same work, and are compared with the group's reference.
        name: What readers call it.
        command: The module that takes it, with its arguments.
        is_reference: Whether the others of the group are compared with it.
        runs: How often it is run; the quickest counts.
    """

    group: str
    name: str
    command: Sequence[str]
    is_reference: bool = False
    runs: int = 3


_SCALES = {"day": "một ngày", "week": "một tuần", "year": "một năm"}


def parts(*, year: bool) -> list[Part]:
    """What is measured."""
    scales = ("day", "week", "year") if year else ("day", "week")
    return [*_pulled(), *(part for scale in scales for part in _judged(scale)), *_verified(), *_reported()]


def _pulled() -> list[Part]:
    day = "một ngày của 150 cơ quan"
    return [
        Part("pull", f"Kéo, chuẩn hoá, ghi sổ cái, {day}", ("bench.pulling",)),
        Part("pull", f"Dựng lại nhật ký từ chứng cứ, {day}", ("bench.pulling", "rebuild")),
    ]


def _judged(scale: str) -> list[Part]:
    group, of, runs = f"judge a {scale}", _SCALES[scale], 1 if scale == "year" else 3
    return [
        Part(group, f"Đọc các cột cần thiết, {of}", ("bench.floor", scale), runs=runs),
        Part(group, f"DuckDB, 12 quy tắc, {of}", ("bench.duckdb_twelve", scale, "2"), is_reference=True, runs=runs),
        Part(group, f"Polars, 12 quy tắc, {of}", ("bench.polars_twelve", scale), runs=runs),
        Part(group, f"Bộ xét, 12 quy tắc, {of}", ("bench.judging", scale, "twelve"), runs=runs),
        Part(group, f"Bộ xét, mọi quy tắc, {of}", ("bench.judging", scale), runs=runs),
    ]


def _verified() -> list[Part]:
    return [Part("signatures", "Kiểm tra chữ ký số, tệp có hai chữ ký", ("bench.signing",), runs=1)]


def _reported() -> list[Part]:
    return [
        Part("reports", "PDF hằng tuần, lần thứ hai trong một tiến trình", ("bench.reporting", "warm", "2000")),
        Part("reports", "Mọi tệp của một tuần rất xấu, 34 cơ quan", ("bench.reporting", "terrible"), runs=1),
        Part("job", "Cả việc hằng tuần, 150 cơ quan", ("bench.job",), runs=1),
    ]
