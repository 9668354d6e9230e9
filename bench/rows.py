"""The bench's traffic as rows of the log: Arrow tables of one day, as `conform` would have made them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from audit.normalise import references, text_keys
from audit.tables import SCHEMAS
from audit.working_time import DAY, MINUTE, NAT, date_of
from bench.handling import draw_handling
from bench.traffic import SERIES, SUBJECTS, Ints, draw_sending, local_day
from bench.world import World, notation_part

SEED: Final = 814
LINES: Final = 1_000
"""Rows of a page."""
REASONS: Final = ("Gửi nhầm cơ quan", "Văn bản thiếu phụ lục", "Từ chối")

_TYPES: Final = ("Công văn", "Quyết định", "Thông báo", "Báo cáo")
_URGENCIES: Final = ("thuong", "khan", "thuong_khan", "hoa_toc")
_STATES: Final = ("done", "fail", "processing")
_CODES: Final = {2: "02", 3: "03", 6: "06", 15: "15"}
_NAMES: Final = ("Lò Thị Mẩy", "Hoàng Văn Páo", "Nông Thị Sla", "Triệu Văn Khìn", "Bế Thị Noọng")
_ISSUER: Final = "CN=CA phục vụ các cơ quan Nhà nước G2, O=Ban Cơ yếu Chính phủ, C=VN"
_ABOUT: Final = ("báo cáo kết quả", "triển khai kế hoạch", "phòng, chống dịch COVID-19", "đôn đốc thực hiện")


class LogRows:
    """All rows of a world, drawn from one seed; `of_day` gives those of one log day."""

    def __init__(self, world: World, seed: int = SEED) -> None:
        rng = np.random.default_rng(seed)
        self.world = world
        self.rng = rng
        sending = draw_sending(rng, world)
        self.documents, self.sends = sending.documents, sending.sends
        self.receipts, self.statuses = draw_handling(rng, sending.documents, sending.pairs)
        self._sort()
        size = len(self.documents)
        self.axis = _hex(rng, sending.messages, 16)
        self.axis_key = text_keys(self.axis.to_numpy(zero_copy_only=False))
        self.files = _hex(rng, size, 32)
        self.file_key = text_keys(self.files.to_numpy(zero_copy_only=False))
        self.document_row = rng.integers(1, 1 << 62, size)

    def days(self) -> Iterator[date]:
        """The log days before `as_of`."""
        for day in range(int(self.world.working_days[0]), int(self.world.working_days[-1]) + 1):
            yield date_of(day)

    def of_day(self, day: date) -> dict[str, pa.Table]:
        """The tables of one log day, rows by agency and time."""
        number = (day - date(1970, 1, 1)).days
        tables = {
            "documents": self._documents_of(number),
            "sends": self._sends_of(number),
            "receipts": self._receipts_of(number),
            "statuses": self._statuses_of(number),
        }
        rows = self._rows("documents", number)
        tables["files"] = self._files_of(rows, tables["documents"])
        tables["signatures"] = self._signatures_of(rows, tables["documents"])
        found = {name: SCHEMAS[name].empty_table() for name in SCHEMAS}
        for name, columns in tables.items():
            length = len(next(iter(columns.values())))
            found[name] = pa.Table.from_arrays(
                [_as_declared(columns.get(field.name), field, length) for field in SCHEMAS[name]], schema=SCHEMAS[name]
            )
        return found

    def _sort(self) -> None:
        """By log day, agency whose log it is, and time; and where each day begins."""
        sender = self.documents.sender
        holder = np.where(self.statuses.in_senders == 1, sender[self.statuses.document], self.statuses.recipient)
        plan = {
            "documents": (self.documents.day, sender, self.documents.signed_at),
            "sends": (local_day(self.sends.sent_at), sender[self.sends.document], self.sends.sent_at),
            "receipts": (local_day(self.receipts.at), self.receipts.recipient, self.receipts.arrived_at),
            "statuses": (local_day(self.statuses.at), holder, self.statuses.at),
        }
        self._holder: dict[str, Ints] = {}
        self._day: dict[str, Ints] = {}
        for name, (day, agency, at) in plan.items():
            order = np.lexsort((at, agency, day))
            self._holder[name], self._day[name] = agency[order], day[order]
            if name == "documents":
                self._order = order  # documents keep their numbers: other rows name them
            else:
                setattr(self, name, getattr(self, name).take(order))

    def _rows(self, table: str, day: int) -> Any:
        first, last = np.searchsorted(self._day[table], [day, day + 1])
        return self._order[first:last] if table == "documents" else slice(first, last)

    def _origin(self, table: str, day: int) -> dict[str, Any]:
        first, last = np.searchsorted(self._day[table], [day, day + 1])
        agency = self._holder[table][first:last]
        position = np.arange(len(agency)) - np.searchsorted(agency, agency)
        page = agency * 1_000 + position // LINES
        pages, of_page = np.unique(page, return_inverse=True)
        return {
            "agency": self._codes(agency),
            "log_day": pa.array(np.full(len(agency), day, dtype=np.int32)).cast(pa.date32()),
            "page": pa.DictionaryArray.from_arrays(of_page.astype(np.int32), _hex(self.rng, len(pages), 32)),
            "page_no": pa.array((position // LINES + 1).astype(np.int32)),
            "line": pa.array((position % LINES + 1).astype(np.int32)),
            "deleted": pa.array(np.zeros(len(agency), dtype=bool)),
        }

    def _key(self, document: Ints) -> dict[str, Any]:
        notation, number, uid, reference, uid_key = self._keys
        of = pa.array(document)
        return {
            "document_uid": uid.take(of),
            "number": number.take(of),
            "notation": notation.take(of),
            "issued_date": pa.array(self.documents.day[document].astype(np.int32)).cast(pa.date32()),
            "reference": pa.array(reference[document]),
            "uid_key": pa.array(uid_key[document]),
            "sender": self._codes(self.documents.sender[document]),
        }

    @cached_property
    def _keys(self) -> tuple[Any, pa.Array, pa.Array, Ints, Ints]:
        documents, codes = self.documents, self.world.registry.codes
        notations = [
            text
            for place in range(self.world.senders)
            for part in (notation_part(place),)
            for text in (f"{part}-VP", f"QĐ-{part}", f"TB-{part}", f"BC-{part}", f"qd_{part}")
        ]
        places = documents.sender * (SERIES + 1) + np.where(documents.form == 1, SERIES, documents.series)
        numbers = [str(number) if number else None for number in documents.number.tolist()]
        days = documents.day.tolist()
        texts = [notations[place] for place in places.tolist()]
        told = zip(documents.sender.tolist(), days, numbers, texts, strict=True)
        uids = [
            f"{codes[sender]},{date_of(day):%Y/%m/%d},{number or f'N{row}'}/{text}"
            for row, (sender, day, number, text) in enumerate(told)
        ]
        notation = pa.DictionaryArray.from_arrays(places.astype(np.int32), pa.array(notations))
        uid = np.array(uids, dtype=object)
        return notation, pa.array(numbers), pa.array(uids), references(days, numbers, texts, uids), text_keys(uid)

    def _codes(self, agencies: Ints) -> pa.DictionaryArray:
        return _words(agencies, self.world.registry.codes)

    def _message(self, message: Ints) -> dict[str, Any]:
        return {"axis_doc_id": self.axis.take(pa.array(message)), "axis_key": pa.array(self.axis_key[message])}

    def _documents_of(self, day: int) -> dict[str, Any]:
        rows, of = self._rows("documents", day), self.documents
        subject = [f"V/v {_ABOUT[place % len(_ABOUT)]} số {place}" for place in range(SUBJECTS)]
        kind = np.where(of.form == 2, (of.series + 1) % SERIES, of.series)
        sends = self.sends.document[self._first_sends]
        starts = np.searchsorted(sends, np.append(rows, 0))[:-1]
        stops = np.searchsorted(sends, rows, side="right")
        lists = [self._recipient_codes[start:stop] for start, stop in zip(starts, stops, strict=True)]
        position = np.where(of.lacks_position[rows], -1, 0)
        count = len(rows)
        return self._origin("documents", day) | self._key(rows) | {
            "doc_type": _words(kind[rows], _TYPES),
            "subject": pa.array([subject[place] for place in of.subject[rows].tolist()]),
            "signer_name": _words(of.sender[rows] % len(_NAMES), _NAMES).cast(pa.string()),
            "signer_position": _words(position, ("GIÁM ĐỐC",)).cast(pa.string()),
            "signed_at": _instants(of.signed_at[rows]),
            "urgency": _words(of.urgency[rows], _URGENCIES),
            "secrecy": _words(np.zeros(count, dtype=np.int64), ("thuong",)),
            "page_count": pa.array(np.full(count, 2, dtype=np.int32)),
            "declared_file_count": pa.array(np.full(count, 1, dtype=np.int32)),
            "recipients": pa.array(lists, pa.list_(pa.string())),
            "has_recipients": pa.array(np.ones(count, dtype=bool)),
            "has_files": pa.array(np.ones(count, dtype=bool)),
            "document_row": pa.array(self.document_row[rows]),
        }  # fmt: skip

    @cached_property
    def _first_sends(self) -> Ints:
        """The first send of every pair, by document."""
        first = np.flatnonzero((self.sends.kind == 0) & (self.sends.attempt == 1))
        return first[np.argsort(self.sends.document[first], kind="stable")]

    @cached_property
    def _recipient_codes(self) -> npt.NDArray[np.object_]:
        return np.array(self.world.registry.codes, dtype=object)[self.sends.recipient[self._first_sends]]

    def _files_of(self, rows: Ints, documents: Mapping[str, Any]) -> dict[str, Any]:
        count = len(rows)
        return _inherited(documents) | {
            "file_no": pa.array(np.ones(count, dtype=np.int32)),
            "name": pa.array(["van-ban.pdf"] * count),
            "role": _words(np.zeros(count, dtype=np.int64), ("main",)),
            "content_type": _words(np.zeros(count, dtype=np.int64), ("application/pdf",)),
            "size_bytes": pa.array(np.full(count, 182_334)),
            "sha256": self.files.take(pa.array(rows)),
            "has_signatures": pa.array(np.ones(count, dtype=bool)),
        }

    def _signatures_of(self, rows: Ints, documents: Mapping[str, Any]) -> dict[str, Any]:
        parties = self.documents.parties[rows]
        owner = np.repeat(np.arange(len(rows)), np.array([2, 0, 1])[parties])
        is_agency = np.append(False, owner[1:] == owner[:-1])[: len(owner)]
        document = rows[owner]
        last = np.append(owner[1:] != owner[:-1], True)[: len(owner)]
        names = [f"CN={name}, O=UBND tỉnh, C=VN" for name in (*_NAMES, "CƠ QUAN")]
        name = np.where(is_agency, len(_NAMES), self.documents.sender[document] % len(_NAMES))
        at = self.documents.signed_at[document] + is_agency * 3 * MINUTE
        inherited = {field: values.take(pa.array(owner)) for field, values in _inherited(documents).items()}
        always = np.ones(len(owner), dtype=bool)
        return inherited | {
            "file_no": pa.array(np.ones(len(owner), dtype=np.int32)),
            "signature_no": pa.array(is_agency.astype(np.int32) + np.int32(1)),
            "party": _words(is_agency.astype(np.int64), ("person", "agency")),
            "subject": _words(name, names).cast(pa.string()),
            "serial": pa.array([f"54{place:06d}" for place in (self.documents.sender[document] * 2 + is_agency)]),
            "issuer": _words(np.zeros(len(owner), dtype=np.int64), (_ISSUER,)).cast(pa.string()),
            "valid_from": _instants(at - 700 * DAY),
            "valid_to": _instants(at + 700 * DAY),
            "signed_at": _instants(at),
            "timestamp_at": _instants(at + 3_000_000),
            "intact": pa.array(always),
            "valid": pa.array(always),
            "covers_file": pa.array(last),
        }

    def _sends_of(self, day: int) -> dict[str, Any]:
        part = self.sends.take(self._rows("sends", day))
        failed = np.where(part.state == 1, 0, -1)
        return self._origin("sends", day) | self._key(part.document) | self._message(part.message) | {
            "recipient": self._codes(part.recipient),
            "attempt": pa.array(part.attempt.astype(np.int32)),
            "business_type": pa.array(part.kind.astype(np.int32)),
            "sent_at": _instants(part.sent_at),
            "state": _words(part.state, _STATES),
            "state_at": _instants(part.state_at),
            "error_code": _words(failed, ("E500",)),
            "error_message": _words(failed, ("Không kết nối được trục",)).cast(pa.string()),
        }  # fmt: skip

    def _receipts_of(self, day: int) -> dict[str, Any]:
        part = self.receipts.take(self._rows("receipts", day))
        of = self.documents
        return self._origin("receipts", day) | self._key(part.document) | self._message(part.message) | {
            "changed_at": _instants(part.at),
            "recipient": self._codes(part.recipient),
            "business_type": pa.array(part.kind.astype(np.int32)),
            "arrived_at": _instants(part.arrived_at),
            "state": _words(part.failed, _STATES),
            "state_at": _instants(np.where(part.arrived_at == NAT, part.at, part.arrived_at)),
            "urgency": _words(of.urgency[part.document], _URGENCIES),
            "secrecy": _words(np.zeros(len(part), dtype=np.int64), ("thuong",)),
            "needs_reply": pa.array(part.needs_reply == 1),
            "registered_at": _instants(part.registered_at),
            "forwarded_at": _instants(part.forwarded_at),
            "due_at": _instants(part.due_at),
            "completed_at": _instants(part.completed_at),
            "returned_at": _instants(part.returned_at),
            "return_reason": _words(part.reason, REASONS).cast(pa.string()),
            "received_file_sha256": self.files.take(pa.array(part.document)),
            "file_key": pa.array(self.file_key[part.document]),
        }  # fmt: skip

    def _statuses_of(self, day: int) -> dict[str, Any]:
        part = self.statuses.take(self._rows("statuses", day))
        columns = self._origin("statuses", day) | self._key(part.document) | self._message(part.message)
        columns["to_org"] = columns.pop("sender")
        codes = sorted(_CODES)
        told = np.where(part.reason >= 0, part.reason + 1, 0)
        return columns | {
            "from_org": self._codes(part.recipient),
            "status_code": _words(np.searchsorted(codes, part.code), [_CODES[code] for code in codes]),
            "at": _instants(part.at),
            "description": _words(told, ("Đã tiếp nhận", *REASONS)).cast(pa.string()),
            "staff": _words(part.recipient % len(_NAMES), _NAMES).cast(pa.string()),
        }


def _inherited(documents: Mapping[str, Any]) -> dict[str, Any]:
    names = ("agency", "log_day", "page", "page_no", "line", "deleted", "document_row")
    return {name: documents[name] for name in names}


def _as_declared(values: Any, field: pa.Field, length: int) -> pa.Array:
    if values is None:
        return pa.nulls(length, field.type)
    return values if values.type == field.type else values.cast(field.type)


def _words(places: Ints, words: Any) -> pa.DictionaryArray:
    """Words by place; -1 is missing."""
    indices = pa.array(places.astype(np.int32), mask=places < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(list(words), pa.string()))


def _instants(at: Ints) -> pa.Array:
    return pa.array(at.view("datetime64[us]")).cast(pa.timestamp("us", tz="UTC"))


def _hex(rng: np.random.Generator, count: int, size: int) -> pa.Array:
    """Texts of `2 * size` hex digits, as hashes and message ids are."""
    digits = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
    raw = rng.integers(0, 16, count * 2 * size, dtype=np.uint8)
    offsets = np.arange(count + 1, dtype=np.int64) * 2 * size
    texts = pa.LargeStringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(digits[raw]))
    return texts if count * 2 * size >= 1 << 31 else texts.cast(pa.string())
