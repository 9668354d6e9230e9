"""Every command of the operator's handbook is run, in its order, on a province that is really served."""

from __future__ import annotations

import json
import re
import shlex
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from pathlib import Path

import pytest
import time_machine

from audit import cli
from audit.period import LOCAL_ZONE
from audit.simulator import SimulationOptions, serve, simulate
from tests.deployment import TOKEN, Deployment
from tests.rules.harness import Row, document, receipt, send
from tests.test_delivery import Postbox, post  # noqa: F401  # a fixture
from tests.test_deploy import HANDBOOK, commands, settings_blocks

OPTIONS = SimulationOptions(agencies=4, documents_per_day=8, lead_in_days=2, history_weeks=0)
CODES = {"H03.12": "H03.01", "H03.16": "H03.02"}
"""The handbook's agencies, and those of the small province that stand for them."""
PATHS = {
    "/var/backups/document-audit": "backups",
    "/var/lib/document-audit": "lib",
    "/tmp": "tmp",  # noqa: S108  # the handbook's
    "/srv/tra-lai": "out/2021-W05/don-vi",
    "/srv/thong-ke": "lib",
}
NOW = datetime(2021, 2, 8, 8, tzinfo=LOCAL_ZONE)
ENDLESS = ["serve"]
"""`audit-run serve` never ends: `tests/test_scheduling.py` runs it."""
MAIL = '[pull]\nattempts = 1\n[mail]\nenabled = true\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "audit@so.example"\n'
RECIPIENTS = (
    '[[recipients]]\naddress = "pct@tinh.example"\nname = "Văn phòng"\neditions = ["weekly_pdf", "province_book"]\n'
)

pytestmark = pytest.mark.usefixtures("process_restored")


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "a token of the tests")


@dataclass(frozen=True)
class Place:
    """Where the handbook's folders are in the test."""

    folder: Path

    def here(self, word: str) -> str:
        """A word of the handbook with its paths and codes as they are here."""
        for there, here in PATHS.items():
            if word.startswith(there + "/"):
                word = f"{self.folder / here}{word.removeprefix(there)}"
        for there, here in CODES.items():
            word = word.replace(there, here)
        return word

    def run(self, words: list[str]) -> int:
        """Run a command as `audit-run` does: its options first, so that the handbook's win."""
        data = self.folder / ("moved" if words[0] == "restore" else "var")
        options = ["--config", str(self.folder / "config"), "--data", str(data), "--out", str(self.folder / "out")]
        if words[0] == "restore":
            options[-1] = str(self.folder / "moved-out")
        with redirect_stdout(StringIO()):
            return cli.main([*options, *(self.here(word) for word in words), "--quiet"])


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_command_of_the_handbook_runs(tmp_path: Path, post: Postbox) -> None:  # noqa: F811
    place = Place(tmp_path)
    for name in ("backups", "lib", "tmp"):
        (tmp_path / name).mkdir()
    declared = [{"organDomain": "H03.01", "total_received": 340, "total_sent": 120}]
    (tmp_path / "lib" / "ThongKeVanBan.xlsx").write_text(json.dumps(declared))  # what it is, its content tells
    asked = [words for words in commands(HANDBOOK) if words != ENDLESS]
    assert len(asked) > 35
    failed = []
    with serve(simulate(OPTIONS), tmp_path / "config") as served, time_machine.travel(NOW, tick=True):
        (served.config / "audit.toml").write_text(MAIL.format(port=post.port), encoding="utf-8")
        (served.config / "recipients.toml").write_text(RECIPIENTS, encoding="utf-8")
        for words in [["weekly", "--week", "2021-W05"], *asked]:  # a book to send back must be there
            status = place.run(words)
            # 1: gaps, since the province has a day that is lost for good, or something that needs a look
            if status not in (0, 1):
                failed.append((" ".join(words), status))
    assert failed == []
    assert post.mails


def received(number: str, clock: str) -> list[Row]:
    """A document to H03.12 that arrives on its last day and is not answered."""
    key = {"sender": "H55.07", "number": number, "issued_date": "2025-06-30"}
    return [
        document(**key, log="H55.07", recipients=["H03.12"], signed_at="2025-06-30 14:00"),
        send(**key, log="H55.07", recipient="H03.12", sent_at=f"2025-06-30 {clock}"),
        receipt(**key, log="H03.12", recipient="H03.12", arrived_at=f"2025-06-30 {clock}"),
    ]


def test_the_merger_of_the_handbook_hands_over_what_falls_due_after_it(tmp_path: Path) -> None:
    """Bắc Kạn became part of Thái Nguyên on 1 July 2025: what H03.12 owes from then on is H55.02's."""
    (block,) = [block for block in settings_blocks() if "H55.02" in block]
    source = f'[agencies.source]\nkind = "log_api"\nbase_url = "https://qlvb.example"\ntoken = "env:{TOKEN}"\n\n'
    deployment = Deployment(tmp_path / "deployed", agencies=dict.fromkeys(("H03.12", "H55.02", "H55.07"), ""))
    province, *agencies = block.split("[[agencies]]")
    agencies.append('\ncode = "H55.07"\nname = "Sở Y tế"\nkind = "department"\n')
    deployment.write("agencies", "[[agencies]]".join([province, *(f"{part.rstrip()}\n{source}" for part in agencies)]))
    for name in ("signers", "waivers"):
        deployment.write(name, f"{name} = []")
    key = {"sender": "H03.12", "log": "H03.12", "number": "814", "issued_date": "2025-06-26"}
    rows = [
        document(**key, recipients=["H55.07"], signed_at="2025-06-26 08:00"),
        send(**key, recipient="H55.07", sent_at="2025-06-26 08:30", state="fail", state_at="2025-06-26 08:31"),
        *received("21", "15:00"),
        *received("22", "18:00"),
    ]
    deployment.pulled(rows, date(2025, 6, 23), date(2025, 7, 6))
    told = deployment.findings("2025-06-23", "2025-07-06")
    blamed = {(one["rule"], one["number"]): one["agency"] for one in told}
    # the answer to 21 was due at the end of 30 June, that to 22 a working day later
    assert blamed["failed_send", "814"] == "H03.12"
    assert blamed["unanswered_receipt", "21"] == "H03.12"
    assert blamed["unanswered_receipt", "22"] == "H55.02"
    _, csv = deployment.run("coverage", "--from", "2025-06-30", "--to", "2025-07-01", "--format", "csv")
    states = {tuple(line.split(",")[:2]): line.split(",")[3] for line in csv.splitlines()[1:]}
    assert states["H03.12", "2025-06-30"] == states["H55.02", "2025-07-01"] == "complete"
    assert states["H03.12", "2025-07-01"] == states["H55.02", "2025-06-30"] == "not_due"


def test_no_command_of_the_handbook_is_left_out() -> None:
    lines = [line for block in re.findall(r"```sh\n(.*?)```", HANDBOOK, re.DOTALL) for line in block.splitlines()]
    others = {shlex.split(line, comments=True)[0] for line in lines if line.strip()} - {"audit-run", "run_audit.py"}
    # what the system does: tests/test_deploy.py makes the installation and reads the units, tests/test_cluster.py runs Dask
    assert others == {"make", "systemctl", "install", "dask"}
