"""The hub's statistics beside the logs' own counts: sentences, never findings."""

from __future__ import annotations

from reports import text
from reports.inputs import DeclaredInfo
from reports.reading import Reading

_NAMED_MOST = 4


def declared_notes(reading: Reading, agency: str | None = None) -> tuple[str, ...]:
    """What the hub declares and where it differs from the logs, of the province or of one agency."""
    declared = [info for info in reading.inputs.declared if agency in (None, info.agency)]
    declared = [info for info in declared if info.agency in reading.agencies]
    if not declared:
        return ()
    if agency is not None:
        return (_of_agency(declared[0]),)
    differing = [info for info in declared if info.is_contradicted]
    if not differing:
        return (
            f"Số liệu thống kê của trục liên thông có {text.count(len(declared))} cơ quan và không trái với nhật ký.",
        )
    names = sorted(
        (f"{reading.agencies[info.agency].name} ({_compared(info)})" for info in differing), key=text.sort_key
    )
    shown = "; ".join(names[:_NAMED_MOST]) + ("; …" if len(names) > _NAMED_MOST else "")
    counted, apart = text.count(len(declared)), text.count(len(differing))
    head = f"Số liệu thống kê của trục liên thông có {counted} cơ quan, trong đó {apart} cơ quan khác với nhật ký"
    return (f"{head}, cần đối chiếu: {shown}.",)


def _of_agency(info: DeclaredInfo) -> str:
    told = _compared(info)
    if info.signed is not None and info.not_signed is not None:
        told += f"; {text.count(info.signed)} văn bản đã ký số, {text.count(info.not_signed)} chưa ký số"
    ending = " Hai nguồn số liệu khác nhau, cần đối chiếu." if info.is_contradicted else ""
    return f"Số liệu thống kê của trục liên thông: {told}.{ending}"


def _compared(info: DeclaredInfo) -> str:
    sides = (("gửi", info.sent, info.own_sent), ("nhận", info.received, info.own_received))
    return ", ".join(
        f"{word} {text.count(declared)}, nhật ký {'chưa rõ' if own is None else text.count(own)}"
        for word, declared, own in sides
        if declared is not None
    )
