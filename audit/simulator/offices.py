"""The agencies of the simulated province: who signs, with which certificates, how their systems write.

The registry's agencies come from the settings; what is added here is invented: persons, certificates, habits.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from audit.settings import Agency
from audit.simulator.clock import DAY
from audit.simulator.options import SimulationOptions
from audit.working_time import day_number

OUTSIDERS: Final[Mapping[str, str]] = {
    "G22": "VPCP",
    "G01": "BNV",
    "G12": "BTC",
    "G17": "BYT",
    "H14": "UBND",
    "H41": "UBND",
    "H49": "UBND",
    "H55": "UBND",
}
"""Ministries and other provinces, in no registry of ours and with no log to be pulled; the organ of their notations.

Only G22, H14, H41, H49 and H55 are codes that have been seen in use; the others are made up.
"""

ISSUERS: Final = (
    "CN=CA phục vụ các cơ quan Nhà nước G2, O=Ban Cơ yếu Chính phủ, C=VN",
    "CN=Co quan chung thuc so Chinh phu, O=Ban Co yeu Chinh phu, C=VN",
)
WHOLE_REGISTERS: Final = ("H03.02", "H03.05", "H03.09", "H03.11", "H03.16", "H03.33")
UNPULLED: Final = "H03.52"
REGISTER_KEEPERS: Final = ("H03", "H03.04", "H03.16")
_FLAGS: Final[Mapping[str, Mapping[str, bool]]] = {
    "H03.19": {"reports_completion": False},
    "H03.55": {"reports_forwarding": False, "reports_completion": False},
    "H03.56": {"reports_signatures": False},
}
_WEIGHTS: Final = {
    "people_committee_province": 10.0,
    "department": 4.0,
    "people_committee_district": 3.0,
    "people_committee_commune": 0.6,
    "mass_organisation": 1.0,
}
_FIRST_SYLLABLES: Final = ("An", "Bình", "Cao", "Dương", "Đồng", "Hà", "Kim", "Lạng", "Mỹ", "Phương", "Quảng", "Thanh")
_SECOND_SYLLABLES: Final = ("Giáo", "Khê", "Lãng", "Mạc", "Phúc", "San", "Thắng", "Trạch", "Vân", "Xá")
_DISTRICTS: Final = tuple(range(31, 39))


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as signatures name it; validity in seconds of local time."""

    subject: str
    serial: str
    issuer: str
    valid_from: int
    valid_to: int


@dataclass(frozen=True, slots=True)
class Signer:
    """A person who signs, with the lines that stand above the name."""

    name: str
    position: str
    competence: str | None
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Style:
    """How an agency's system writes its log; every one of these ways is allowed by the contract."""

    old_codes: bool = False
    time_form: str = "offset"
    decomposed: bool = False
    dash: str = "-"
    joined_numbers: bool = False
    """Incoming: ``814/UBND-VXNV`` as the number, no notation."""
    tells_changes: bool = True
    """Whether rows carry `changed_at`."""
    absent_for_null: bool = False
    short_codes: bool = False
    """Status codes without the leading zero."""
    own_ids: bool = False
    """Incoming rows without the sender's document_uid."""
    lower_notation: bool = False
    """Incoming: notations typed in small letters by the clerk."""


@dataclass(frozen=True, slots=True)
class Office:
    """An agency with its people and habits."""

    code: str
    name: str
    kind: str
    organ: str
    weight: float
    signers: tuple[Signer, ...]
    seal: Certificate
    style: Style
    fields: tuple[int, ...]
    """Indexes into the text's fields that it writes of."""
    register_whole: bool
    reports_forwarding: bool
    reports_completion: bool
    reports_signatures: bool


@cache
def texts() -> Mapping[str, Any]:
    """The invented words: ``texts.toml``."""
    return tomllib.loads((Path(__file__).parent / "texts.toml").read_text(encoding="utf-8"))


def registry_agencies(shipped: Sequence[Agency], options: SimulationOptions) -> tuple[Agency, ...]:
    """The simulated registry: the shipped one (or its beginning) with the flags of this province, then communes."""
    chosen = []
    for agency in shipped[: options.agencies]:
        change: dict[str, Any] = {"source": None, "register_whole": agency.code in WHOLE_REGISTERS}
        if options.flags:
            change |= _FLAGS.get(agency.code, {})
        chosen.append(agency.model_copy(update=change))
    model = shipped[0]
    for index in range(options.agencies - len(chosen)):
        district, place = _DISTRICTS[index % len(_DISTRICTS)], index // len(_DISTRICTS) + 1
        first, second = divmod(index, len(_SECOND_SYLLABLES))
        commune = Agency(
            code=f"{model.code}.{district}.{place:02d}",
            aliases=(f"000.{place:02d}.{district}.{model.code}",),
            name=f"UBND xã {_FIRST_SYLLABLES[first]} {_SECOND_SYLLABLES[second]}",
            kind="people_committee_commune",
            notations=("UBND",),
            valid_from=model.valid_from,
            valid_to=model.valid_to,
        )
        chosen.append(commune)
    return tuple(chosen)


def offices(agencies: Sequence[Agency], options: SimulationOptions, rng: random.Random) -> dict[str, Office]:
    """An office for every agency, by code."""
    names = _Names(rng)
    found = {}
    for place, agency in enumerate(agencies):
        found[agency.code] = Office(
            code=agency.code,
            name=agency.name,
            kind=agency.kind,
            organ=agency.notations[0] if agency.notations else _party_organ(agency.name),
            weight=7.0 if agency.name.startswith("Văn phòng") else _WEIGHTS.get(agency.kind, 1.0),
            signers=_signers(agency, options.start, names, rng),
            seal=_certificate(f"CN={agency.name.upper()}, O=UBND tỉnh Bắc Kạn, C=VN", options.start, rng),
            style=_style(place) if options.traps else Style(),
            fields=_fields_of(agency.name),
            register_whole=agency.register_whole,
            reports_forwarding=agency.reports_forwarding,
            reports_completion=agency.reports_completion,
            reports_signatures=agency.reports_signatures,
        )
    return found


def signers_register(
    known: Mapping[str, Office], options: SimulationOptions, rng: random.Random
) -> tuple[list[dict[str, Any]], dict[str, Signer]]:
    """Entries of ``signers.toml`` for the agencies that keep a register, and one former deputy of each."""
    keepers = [known[code] for code in REGISTER_KEEPERS if code in known] or [next(iter(known.values()))]
    entries: list[dict[str, Any]] = []
    former = {}
    taken = {signer.name for office in known.values() for signer in office.signers}
    since = date(options.start.year - 3, 1, 1)
    for office in keepers:
        entries += [
            {"agency": office.code, "name": signer.name, "position": signer.position, "valid_from": since}
            for signer in office.signers
        ]
        deputy = office.signers[1]
        name = _Names(rng, taken)()
        subject = deputy.certificate.subject.replace(deputy.name, name)
        former[office.code] = Signer(
            name, deputy.position, deputy.competence, _certificate(subject, options.start, rng)
        )
        gone = options.first_day - timedelta(days=40)
        entries.append(
            {"agency": office.code, "name": name, "position": deputy.position, "valid_from": since, "valid_to": gone}
        )
    return entries, former


class _Names:
    """Invented names, none twice."""

    def __init__(self, rng: random.Random, taken: set[str] | None = None) -> None:
        self._rng, self._words, self._used = rng, texts()["people"], {"", *(taken or ())}

    def __call__(self) -> str:
        name = ""
        while name in self._used:
            sex = self._rng.choice(("men", "women"))
            parts = (self._words["families"], self._words[f"middles_{sex}"], self._words[f"given_{sex}"])
            name = " ".join(self._rng.choice(part) for part in parts)
            if len(self._used) > 4000:
                name += " " + self._rng.choice(self._words["given_men"])
        self._used.add(name)
        return name


def _style(place: int) -> Style:
    """The habits of the agency at a place of the registry: each odd way at some; eight agencies have most of them."""
    return Style(
        old_codes=place % 4 == 2,
        time_form=("offset", "offset", "local", "offset", "utc", "offset", "millis", "local")[place % 8],
        decomposed=place % 6 == 3,
        dash=("-", "–", "-", "\u2011", "-", " - ", "\u2212")[place % 7],
        joined_numbers=place % 9 == 4,
        tells_changes=place % 5 != 4,
        absent_for_null=place % 3 == 1,
        short_codes=place % 7 == 5,
        own_ids=place % 4 == 3,
        lower_notation=place % 8 == 6,
    )


def _signers(agency: Agency, start: date, names: _Names, rng: random.Random) -> tuple[Signer, ...]:
    """The head, two deputies and the head of the office, who signs by order."""
    collective = None
    if agency.kind.startswith("people_committee"):
        head, collective = "CHỦ TỊCH", "TM. ỦY BAN NHÂN DÂN"
    elif agency.kind == "mass_organisation":
        head = "BÍ THƯ" if agency.name.startswith("Tỉnh đoàn") else "CHỦ TỊCH"
        collective = "TM. BAN THƯỜNG VỤ"
    elif agency.name.startswith("Sở"):
        head = "GIÁM ĐỐC"
    else:
        head = {"Văn": "CHÁNH VĂN PHÒNG", "Tha": "CHÁNH THANH TRA"}.get(agency.name[:3], "TRƯỞNG BAN")
    lines = [collective] if collective else []
    deputy_lines = "; ".join([*lines, f"KT. {head}"])
    order = "TRƯỞNG PHÒNG HÀNH CHÍNH" if head == "CHÁNH VĂN PHÒNG" else "CHÁNH VĂN PHÒNG"
    posts = [(head, "; ".join(lines) or None)] + [(f"PHÓ {head}", deputy_lines)] * 2 + [(order, f"TL. {head}")]
    signers = []
    for position, competence in posts:
        name = names()
        subject = f"CN={name}, OU={agency.name}, O=UBND tỉnh Bắc Kạn, C=VN"
        signers.append(Signer(name, position, competence, _certificate(subject, start, rng)))
    return tuple(signers)


def _certificate(subject: str, start: date, rng: random.Random) -> Certificate:
    """Issued one to three years before the period, for five years."""
    valid_from = (day_number(date(start.year, 1, 1)) - rng.randint(365, 1000)) * DAY
    return Certificate(
        subject, f"{rng.getrandbits(126) | 1 << 125:X}", rng.choice(ISSUERS), valid_from, valid_from + 1826 * DAY
    )


def _party_organ(name: str) -> str:
    """A mass organisation's organ, from the capitals of its name."""
    return "".join(word[0] for word in name.replace("Ủy ban", "").split() if word[0].isupper()) or "BCH"


def _fields_of(name: str) -> tuple[int, ...]:
    fields = texts()["fields"]
    own = [
        index
        for index, field in enumerate(fields)
        if name.startswith(tuple(field["agencies"])) and not field.get("topic")
    ]
    return tuple(own) or (len(fields) - 1,)
