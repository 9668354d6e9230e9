"""Documents of a random province: mostly right, each now and then wrong in one of the ways that a rule looks for."""

import hashlib
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from . import normalise as n
from .random_logs import Logs
from .wire_noise import Row

NAMES = ("Hoàng Thị Mận", "Lý Văn Thông", "Triệu Đức Nguyên", "Nông Thị Hiền")
TIMES = ("00:00:00", "07:30:00", "08:00:00", "10:00:00", "11:30:00", "11:30:01", "13:00:00", "15:30:00")
LATE_TIMES = ("16:59:59", "17:00:00", "17:00:01", "20:00:00", "22:00:00", "23:59:59")
SUBJECTS = (
    "V/v tăng cường gửi, nhận văn bản điện tử",
    "V/v phòng, chống dịch COVID - 19",
    "Về nguy cơ SARS–CoV–2",
    "Khẩn trương ứng phó bão, lũ",
    "Kế hoạch năm",
)
GOOD_SIGNERS = (
    ("GIÁM ĐỐC", None),
    ("PHÓ GIÁM ĐỐC", "KT. GIÁM ĐỐC"),
    ("PHÓ CHỦ TỊCH", "TM. ỦY BAN NHÂN DÂN; KT. CHỦ TỊCH"),
    ("CHÁNH VĂN PHÒNG", "TL. CHỦ TỊCH"),
    ("Phó Chánh Văn phòng", "TL. CHỦ TỊCH\nKT. CHÁNH VĂN PHÒNG"),
    ("CHÁNH THANH TRA", "TUQ. CHỦ TỊCH"),
)
BAD_SIGNERS = (
    ("GIÁM ĐỐC", "KT. GIÁM ĐỐC"),
    ("PHÓ GIÁM ĐỐC", "TM. BAN GIÁM ĐỐC"),
    ("CHÁNH VĂN PHÒNG", "TL. Chánh  Văn phòng"),
    ("PHÓ GIÁM ĐỐC", None),
)
ISSUERS = (
    "CN=CA phục vụ các cơ quan Nhà nước G2, O=Ban Cơ yếu Chính phủ",
    "Co quan chung thuc so Chinh phu",
    "CA PHỤC VỤ CÁC CƠ QUAN NHÀ NƯỚC",
)
REQUIRED = ("doc_type", "subject", "signer_name", "signer_position", "urgency", "page_count", "secrecy", "signed_at")
STRANGERS = ("H03.99", "H03.01.07", "X-12", "G22", "H55.01", "H03.02.01")


@dataclass
class Papers:
    """Makes documents; remembers the numbers and hashes given out."""

    rng: random.Random
    logs: Logs
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    made: list[Row] = field(default_factory=list)

    def chance(self, probability: float) -> bool:
        """True that often."""
        return self.rng.random() < probability

    def instant(self, on: date, late: float = 0.15) -> datetime:
        """An instant of that day from the coarse grid."""
        times = LATE_TIMES if self.chance(late) else TIMES
        return datetime.combine(on, time.fromisoformat(self.rng.choice(times)), n.LOCAL).astimezone(UTC)

    def document(self) -> tuple[Row, datetime]:
        """A register row, instants as datetimes, and when it was signed; it is written to the log by its story."""
        senders = [code for code in self.logs.registry.entries if self.chance(0.9)] or ["H03.01"]
        sender = self.rng.choice(senders)
        signed_at = self.instant(self.rng.choice(self.logs.days()))
        issued = n.local_day(signed_at) + timedelta(days=self.rng.choice([0] * 14 + [-1, 1, 2, 4]))
        kind, notation, doc_type = self._notation(sender, issued)
        uid = f"{sender}-{len(self.made)}"
        row: Row = {
            "document_uid": uid,
            "sender": sender,
            "number": self._number(sender, kind),
            "notation": notation,
            "issued_date": issued.isoformat(),
            "doc_type": doc_type,
            "subject": f"{self.rng.choice(SUBJECTS)} {len(self.made)}",
            "signed_at": signed_at,
            "urgency": self.rng.choice(["thuong"] * 6 + ["khan", "thuong_khan", "hoa_toc", " KHAN ", "rất gấp"]),
            "secrecy": self.rng.choice(["thuong"] * 12 + ["mat", "toi_mat"]),
            "due_date": self.rng.choice([None, None, None, (issued + timedelta(days=2)).isoformat()]),
            "page_count": self.rng.choice([2, 2, 2, 2, "3", 0]),
            "recipients": self._recipients(sender),
        }
        self._sign(row)
        self._files(row)
        self._damage(row)
        self.made.append(row)
        return row, signed_at

    def _notation(self, sender: str, issued: date) -> tuple[str, str, str]:
        own = self.rng.choice(self.logs.registry.notations(sender) or ["CV/TU"])
        if self.chance(0.06):
            own = "SXD"  # somebody else's
        return self.rng.choice(
            [
                ("", f"{own}-VX", "Công văn"),
                ("", f"{own}-VX", "Công văn"),
                ("", f"{own}-VX", "Giấy xác nhận"),
                ("QĐ", f"QĐ-{own}", "Quyết định"),
                ("QĐ", f"QĐ-{own}", "quyết  ĐỊNH"),
                ("TTr", f"TTr-{own}", "Tờ trình"),
                ("", f"{own}-VX", self.rng.choice(["Quyết định", "Công văn"])),
                ("QĐ", f"QĐ-{own}", self.rng.choice(["Báo cáo", "Quyết định"])),
                (f"{issued.year}/QĐ", f"{issued.year}/QĐ-UBND", "Quyết định"),
                ("QĐ", self.rng.choice([f"qđ-{own}", f"QĐ-{own}"]), "Quyết định"),
            ]
        )

    def _number(self, sender: str, kind: str) -> str:
        last = self.numbers.get((sender, kind), self.rng.randint(1, 30))
        step = self.rng.choice([1] * 12 + [2, 3, 20, 21, 0])
        self.numbers[sender, kind] = last + step
        return f"{last + step}a" if self.chance(0.01) else str(last + step)

    def _recipients(self, sender: str) -> list[str]:
        others = [code for code in self.logs.registry.entries if code != sender]
        chosen = self.rng.sample(others, self.rng.randint(1, min(3, len(others))))
        return chosen + ([self.rng.choice(STRANGERS)] if self.chance(0.12) else [])

    def _sign(self, row: Row) -> None:
        row["signer_name"] = self.rng.choice(NAMES)
        row["signer_position"], row["signer_competence"] = self.rng.choice(
            BAD_SIGNERS if self.chance(0.15) else GOOD_SIGNERS
        )

    def _signature(self, party: str, subject: str, at: datetime | None) -> Row:
        signature: Row = {
            "party": party,
            "subject": subject,
            "serial": f"{party[0]}{self.rng.randint(1, 9)}",
            "issuer": self.rng.choice(ISSUERS),
            "valid_from": "2019-05-02T00:00:00+07:00",
            "valid_to": "2029-05-01T00:00:00+07:00",
            "signed_at": at.isoformat() if at else None,
            "timestamp_at": at.isoformat() if at and self.chance(0.7) else None,
            "intact": True,
            "valid": True,
            "covers_file": True,
            "revoked_at": None,
        }
        faults: list[Row] = [
            {"serial": None},
            {"issuer": "VNPT SmartCA RS"},
            {"valid_to": at.isoformat() if at else None},
            {"valid_to": (at - timedelta(seconds=1)).isoformat() if at else None},
            {"revoked_at": at.isoformat() if at else None},
            {"revoked_at": (at + timedelta(seconds=1)).isoformat() if at else None},
            {"intact": False},
            {"covers_file": False},
            {"valid": None},
            {"signed_at": None},
            {"issuer": "N/A"},
            {"subject": None},
            {"party": None},
        ]
        return {**signature, **(self.rng.choice(faults) if self.chance(0.15) else {})}

    def _files(self, row: Row) -> None:
        signed_at = row["signed_at"]
        name = row["signer_name"]
        common = self.rng.choice(
            [f"CN={name}, O=UBND tỉnh, C=VN", name.upper(), f"CN=Ông {name},OU=Sở", f"TS. {name}", "CN=Vi Thị Lan"]
        )
        sealed_at = signed_at + timedelta(seconds=self.rng.choice([600, 600, 600, 0, -1]))
        person = self._signature("person", common, signed_at)
        agency = self._signature("agency", "CN=CƠ QUAN, O=TỈNH", sealed_at)
        main: Row = {
            "name": "van-ban.pdf",
            "role": self.rng.choice(["main", "main", "main", None]),
            "content_type": "application/pdf",
            "size_bytes": self.rng.choice([1000] * 12 + [0]),
            "sha256": self._hash(),
            "signatures": self.rng.choice([[person, agency]] * 10 + [[agency, person], [person], [agency], [], None]),
        }
        row["files"] = [main, *self._beside(agency)]
        row["declared_file_count"] = self.rng.choice([len(row["files"])] * 8 + [None, len(row["files"]) + 1])
        if not self.logs.registry.flag(row["sender"], "reports_signatures"):
            for one in row["files"]:
                one.pop("signatures", None)

    def _beside(self, agency: Row) -> list[Row]:
        if not self.chance(0.3):
            return []
        signatures = self.rng.choice([[agency], [agency], [], None])
        name = self.rng.choice(["phu-luc.PDF", None, "phu-luc.xlsx"])
        kind = "application/vnd.ms-excel" if name == "phu-luc.xlsx" else "application/pdf"
        return [
            {
                "name": name,
                "role": "attachment",
                "content_type": kind,
                "size_bytes": 10,
                "sha256": self._hash(),
                "signatures": signatures,
            }
        ]

    def _hash(self) -> str:
        return hashlib.sha256(str(self.rng.random()).encode()).hexdigest()

    def _damage(self, row: Row) -> None:
        """Missing fields, reused numbers, copied files, no files, other documents under the same key."""
        if self.chance(0.15):
            row[self.rng.choice(REQUIRED)] = self.logs.noise.nothing()
        if self.chance(0.05):
            row[self.rng.choice(["number", "notation", "issued_date"])] = self.rng.choice([None, "N/A"])
        if self.chance(0.02):
            row["number"] = "20210204110432"
        if self.chance(0.04):
            row["files"] = self.rng.choice([[], None])
        same = [other for other in self.made if other["sender"] == row["sender"] and isinstance(other["number"], str)]
        if same and self.chance(0.1):
            other = self.rng.choice(same)
            row["number"], row["notation"] = other["number"], other["notation"]
            if self.chance(0.4):
                row["issued_date"] = other["issued_date"]
        if same and row["files"] and self.chance(0.1):
            other = self.rng.choice(same)
            row["files"][0]["sha256"] = other["files"][0]["sha256"] if other["files"] else None


def copy_of(row: Row) -> dict[str, Any]:
    """The key fields that every message about a document repeats."""
    return {name: row[name] for name in ("document_uid", "sender", "number", "notation", "issued_date")}
