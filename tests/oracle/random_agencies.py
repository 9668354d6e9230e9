"""The agencies, flags, calendar and policy of a random province."""

import random
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

MONDAYS = (
    date(2021, 2, 1),
    date(2021, 2, 8),  # Tết: 10-16 February off
    date(2021, 3, 1),
    date(2021, 4, 26),  # 30 April and 3 May off
    date(2025, 12, 29),  # 1-2 January off, Saturday 10 January worked
    date(2026, 11, 9),  # 15 November 2026: TT 41/2017 is repealed; 24 November off
)
SHIPPED = Path(__file__).parents[2] / "config"


def load(name: str) -> dict[str, Any]:
    """A shipped configuration file (facts, not code: calendar, kinds of document)."""
    return tomllib.loads((SHIPPED / name).read_text(encoding="utf-8"))


def plain(code: str, kind: str, notations: list[str], **more: Any) -> dict[str, Any]:
    """An agency as agencies.toml has it."""
    return {
        "code": code,
        "name": f"Cơ quan {code}",
        "kind": kind,
        "notations": notations,
        "valid_from": date(2018, 9, 6),
        "source": {"kind": "log_api", "base_url": f"https://{code.lower().replace('.', '-')}.example"},
        **more,
    }


def random_agencies(rng: random.Random, middle: date) -> dict[str, Any]:
    """Two to six agencies; `middle` is a day within the logs, where an agency may end."""
    ordinary = [
        plain("H03.01", "department", ["VP", "SNV"], aliases=["OLD-01"], register_whole=rng.random() < 0.7),
        plain("H03.02", "department", ["SYT"], aliases=["000.00.02.H03"], register_whole=rng.random() < 0.3),
    ]
    special = [
        [plain("H03.17", "department", ["TTr"], register_whole=rng.random() < 0.5)],
        [plain("H03.51", "mass_organisation", [])],
        [plain("H03.03", "department", ["STC"], pulled=False)],
        [plain("H03.04", "department", ["STP"], log_of="H03.01")],
        [
            plain(
                "H03.05",
                "department",
                ["SCT"],
                tables=rng.choice([["documents", "sends"], ["receipts", "statuses", "sends"]]),
            )
        ],
        [
            plain("H03.31", "people_committee_district", ["UBND"], valid_to=middle, successor="H03.32"),
            plain("H03.32", "people_committee_district", ["UBND"], valid_from=middle + timedelta(days=1)),
        ],
        [plain("H03.33", "people_committee_district", ["UBND"], valid_to=middle)],
        [plain("H03", "people_committee_province", ["UBND"], aliases=["000.00.00.H03"])],
    ]
    listed = ordinary + [entry for group in rng.sample(special, rng.randint(0, 3)) for entry in group]
    for entry in listed:
        for name in ("reports_forwarding", "reports_completion", "reports_signatures"):
            if rng.random() < 0.08:
                entry[name] = False
    return {"province": {"code": "H03", "name": "UBND tỉnh", "place": "Bắc Kạn"}, "agencies": listed}


def random_policy(rng: random.Random) -> dict[str, Any]:
    """Mostly the defaults; now and then another limit."""
    policy: dict[str, Any] = {}
    if rng.random() < 0.6:
        # short enough that a backlog can be seen in one to four weeks
        policy["limits"] = {"backlog_working_days": rng.choice([1, 2, 3])}
    if rng.random() < 0.1:
        policy["rules"] = {"missing_timestamp": {"after_law": True}, "late_send": {"enabled": False}}
    return policy


TOPICS: list[dict[str, Any]] = [
    {"id": "covid-19", "name": "Phòng, chống dịch", "patterns": ["covid", "sarscov2", "ncov"]},
    {
        "id": "bao-lu",
        "name": "Bão lũ",
        "patterns": ["bão.*lũ"],
        "valid_from": date(2021, 2, 10),
        "valid_to": date(2026, 1, 5),
    },
]


def random_signers(rng: random.Random, names: list[str]) -> list[dict[str, Any]] | None:
    """No register, or one that knows some of the signers."""
    if rng.random() < 0.4:
        return None
    return [
        {
            "agency": agency,
            "name": name,
            "position": "PHÓ GIÁM ĐỐC",
            "valid_from": date(2020, 1, 1),
            "valid_to": rng.choice([None, None, date(2021, 3, 3), date(2026, 1, 2)]),
            "authorised": rng.random() < 0.5,
        }
        for agency in ("000.00.01.H03", "H03.02")
        for name in names
        if rng.random() < 0.8
    ]
