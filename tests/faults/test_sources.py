"""Sources that are slow, endless, contradictory or hostile: the other agency has its data, this one's gap is told, and
once the source is good again the next run has everything, once.

What each of them does to one request is tested in tests/sources/; here it is the whole command, its status and report.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from audit.log import Log
from tests.faults.bench import Bench, Place
from tests.faults.conftest import Note
from tests.faults.test_commands import MOST
from tests.sources.server import TOKEN, Exchange, LogServer, sends, serving

DAY = "2021-02-04"
EVIL, GOOD = "H03.12", "H03.02"


def drip(exchange: Exchange) -> bool:
    """A byte at a time, for ever."""
    exchange.send_response(200)
    exchange.send_header("Content-Length", "1000000")
    exchange.end_headers()
    with suppress(OSError):
        for _ in range(600):
            exchange.wfile.write(b" ")
            exchange.wfile.flush()
            time.sleep(0.1)
    exchange.close_connection = True
    return True


def endless(exchange: Exchange) -> bool:
    """Every page names a next one."""
    cursor = int(exchange.parameters.get("cursor", "0"))
    exchange.send_json(exchange.page(agency=EVIL, items=sends(1), next=str(cursor + 1), total=10_000_000))
    return True


def changing_total(numbers: Iterator[int]) -> Callable[[Exchange], bool]:
    return lambda exchange: not exchange.send_json(exchange.page(agency=EVIL, total=20 + next(numbers)))


def repeated(exchange: Exchange) -> bool:
    """Every page is the first one."""
    page = exchange.page(agency=EVIL)
    rows = exchange.server.rows["sends", DAY]
    exchange.send_json(page | {"items": rows[: exchange.server.page_rows]})
    return True


def overlapping(exchange: Exchange) -> bool:
    """Rows in no fixed order: the second page begins with a row of the first, one is left out, and the total fits."""
    page = exchange.page(agency=EVIL)
    if exchange.parameters.get("cursor"):
        page["items"] = [exchange.server.rows["sends", DAY][0], *page["items"][1:]]
    exchange.send_json(page)
    return True


def yesterday(exchange: Exchange) -> bool:
    before = (date.fromisoformat(exchange.parameters["day"]) - timedelta(days=1)).isoformat()
    exchange.send_json(exchange.page(agency=EVIL, day=before))
    return True


def zeros(exchange: Exchange) -> bool:
    """10 GiB of nothing, in 10 MiB."""
    piece = gzip.compress(bytes(64 * 1024 * 1024), compresslevel=1)
    exchange.send_response(200)
    exchange.send_header("Content-Encoding", "gzip")
    exchange.send_header("Content-Length", str(len(piece) * 160))
    exchange.end_headers()
    with suppress(OSError):
        for _ in range(160):
            exchange.wfile.write(piece)
    exchange.close_connection = True
    return True


def refused(exchange: Exchange) -> bool:
    exchange.send(b"", {"Location": "http://localhost:9/elsewhere"}, 302)
    return True


MISDEEDS: dict[str, Callable[[], Callable[[Exchange], bool]]] = {
    "slow": lambda: drip,
    "endless": lambda: endless,
    "total": lambda: changing_total(count()),
    "repeats": lambda: repeated,
    "shuffles": lambda: overlapping,
    "yesterday": lambda: yesterday,
    "html": lambda: lambda exchange: not exchange.send(b"<html>Dang nhap</html>", {"Content-Type": "text/html"}),
    "zeros": lambda: zeros,
    "redirect": lambda: refused,
    "silent": lambda: lambda _exchange: bool(time.sleep(2)) or True,
    "cut": lambda: lambda exchange: not exchange.send(b'{"table": "sends", "day"', {"Content-Length": "24"}),
}
IN_SHORT = ("total", "html", "shuffles")


def settings_for(folder: Path, servers: dict[str, LogServer]) -> Path:
    folder.mkdir()
    agencies = "".join(
        f'\n[[agencies]]\ncode = "{code}"\nname = "{code}"\nkind = "department"\ntables = ["sends"]\n'
        f'[agencies.source]\nkind = "log_api"\nbase_url = "{server.url}"\ntoken = "file:{folder}/token"\n'
        f"timeout_s = 0.3\npages_max = 40\nrequests_per_second = 1000.0\n"
        for code, server in servers.items()
    )
    (folder / "token").write_text(TOKEN)
    (folder / "token").chmod(0o600)
    province = '[province]\ncode = "H03"\nname = "Bắc Kạn"\nplace = "Bắc Kạn"\n'
    (folder / "agencies.toml").write_text(province + agencies, encoding="utf-8")
    (folder / "audit.toml").write_text("[pull]\nattempts = 2\nwait_first_s = 0.01\nwait_most_s = 0.05\n")
    for name in ("signers", "recipients", "waivers"):
        (folder / f"{name}.toml").write_text("")
    return folder


def rows_of(agency: str) -> list[dict[str, Any]]:
    return [{**row, "sender": agency, "recipient": "H03"} for row in sends(25, DAY)]


def states(place: Place) -> dict[str, tuple[str, str]]:
    told = place.run("coverage", None, "--format", "jsonl").out.splitlines()
    rows = [json.loads(line) for line in told]
    return {
        row["agency"]: (row["state"], row["failed_at"]) for row in rows if row["day"] == DAY and row["table"] == "sends"
    }


@pytest.mark.parametrize("misdeed", MISDEEDS)
def test_a_hostile_source_harms_nobody_else(bench: Bench, note: Note, misdeed: str) -> None:
    if not MOST and misdeed not in IN_SHORT:
        pytest.skip("in make faults")
    with serving({("sends", DAY): rows_of(EVIL)}) as evil, serving({("sends", DAY): rows_of(GOOD)}) as good:
        for server, agency in ((evil, EVIL), (good, GOOD)):
            server.misbehaviour = lambda exchange, agency=agency: not exchange.send_json(exchange.page(agency=agency))
        well, evil.misbehaviour = evil.misbehaviour, MISDEEDS[misdeed]()
        work = bench.root / f"source-{misdeed}"
        work.mkdir()
        place = Place(work, settings_for(work / "config", {EVIL: evil, GOOD: good}), bench.zygote)
        begun = time.monotonic()
        broken = place.run("pull")
        assert time.monotonic() - begun < 120
        assert broken.status == 1, broken.err
        told = states(place)
        assert told[GOOD] == ("complete", None)
        assert told[EVIL][0] in ("partial", "missing")
        assert told[EVIL][1] == "agency"
        evil.misbehaviour = well
        again = place.run("pull")
        assert again.status == 0, again.err
        assert states(place) == {EVIL: ("complete", None), GOOD: ("complete", None)}
        rows = Log(place.data / "log").read("sends")
        assert sorted(rows["number"].astype("int64")) == sorted([*range(1, 26)] * 2), "nothing lost, nothing double"
        assert place.run("verify").status == 0
    note(f"source-{misdeed}", f"{broken.status}")
