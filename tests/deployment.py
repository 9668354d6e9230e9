"""A deployment whose evidence is written by hand: rows of the wire laid into real evidence files, then the real command line.

Rows are those of `tests.rules.harness`; times without an offset are local. The province has the agencies given, all with a source that
nobody asks: what a pull would have brought is put where a pull would have put it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from audit import cli
from audit.evidence import Evidence, Recording
from audit.settings import SHIPPED
from audit.source import RawPage, Reading, Request
from audit.tables import WIRE_TABLES
from tests.rules.harness import Row

AGENCIES: Final = {"H03.02": "Sở Nội vụ", "H03.03": "Sở Tư pháp"}
TOKEN: Final = "AUDIT_TEST_TOKEN"


@dataclass
class Deployment:
    """A configuration and a data folder.

    Attributes:
        root: where both are.
        agencies: names by code; each has a source.
        flags: keys of the registry by code.
    """

    root: Path
    agencies: dict[str, str] = field(default_factory=lambda: dict(AGENCIES))
    flags: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.config.mkdir(parents=True)
        self.write_agencies()

    @property
    def config(self) -> Path:
        return self.root / "config"

    @property
    def data(self) -> Path:
        return self.root / "var"

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.data / "evidence")

    def write_agencies(self) -> None:
        """`agencies.toml`."""
        lines = ['[province]\ncode = "H03"\nname = "UBND tỉnh Bắc Kạn"\nplace = "Bắc Kạn"\n']
        for code, name in self.agencies.items():
            lines.append(f'[[agencies]]\ncode = "{code}"\nname = "{name}"\nkind = "department"\n')
            lines += [f"{key} = {json.dumps(value)}\n" for key, value in self.flags.get(code, {}).items()]
            lines.append(
                f'[agencies.source]\nkind = "log_api"\nbase_url = "https://{code.lower()}.example"\ntoken = "env:{TOKEN}"\n'
            )
        self.write("agencies", "".join(lines))

    def write(self, name: str, text: str) -> None:
        """A file of the configuration."""
        (self.config / f"{name}.toml").write_text(text, encoding="utf-8")

    def pulled(self, rows: Iterable[Row], first: date, last: date, *, without: Sequence[tuple[str, date]] = ()) -> None:
        """Complete logs of all agencies from `first` to `last`, both included; `without`: logs that could not be had."""
        told = list(rows)
        for number in range((last - first).days + 1):
            on = first + timedelta(days=number)
            for agency in self.agencies:
                for table in WIRE_TABLES:
                    mine = [dict(row.fields) for row in told if (row.log, row.day, row.table) == (agency, on, table)]
                    if (agency, on) in without:
                        self._fail(agency, table, on)
                    else:
                        self._keep(agency, table, on, mine)

    def _keep(self, agency: str, table: str, on: date, rows: list[dict[str, Any]]) -> None:
        evidence = self.evidence.day(on)
        request = Request(agency, table, on)
        closed_at = datetime(on.year, on.month, on.day, 17, 10, tzinfo=UTC)
        page = {
            "table": table, "day": on.isoformat(), "agency": agency, "generated_at": closed_at.isoformat(),
            "total": len(rows), "items": rows, "next": None,
        }  # fmt: skip
        body = json.dumps(page, ensure_ascii=False).encode()
        raw = RawPage(request, f"https://{agency.lower()}.example/v1/log/{table}?day={on}", 200, closed_at, body)
        recording = Recording(evidence, "run", request, "log_api", provisional=False)
        recording.add(raw, recording.keep(body), Reading(len(rows), None, len(rows), closed_at))
        recording.end("complete")

    def _fail(self, agency: str, table: str, on: date) -> None:
        evidence = self.evidence.day(on)
        recording = Recording(evidence, "run", Request(agency, table, on), "log_api", provisional=False)
        recording.end("failed", "HTTP 503", "agency", 503)

    def run(self, *words: str) -> tuple[int, str]:
        """Exit status and standard output of a command."""
        out = io.StringIO()
        with redirect_stdout(out):
            status = cli.main([*words, "--config", str(self.config), "--data", str(self.data), "--quiet"])
        return status, out.getvalue()

    def findings(self, first: str, last: str, *more: str) -> list[dict[str, Any]]:
        """The findings of a period."""
        status, text = self.run("findings", "--from", first, "--to", last, "--format", "jsonl", *more)
        assert status == 0
        return [json.loads(line) for line in text.splitlines()]


def shipped(name: str) -> str:
    """A shipped file of the configuration."""
    return (SHIPPED / f"{name}.toml").read_text(encoding="utf-8")
