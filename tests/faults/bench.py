"""A small province, a deployment before and after each command, and trials that break the command in between."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from email import message_from_bytes
from pathlib import Path
from typing import Any, Self

from audit.evidence import Evidence
from audit.simulator import Served, SimulationOptions, serve, simulate
from tests.postbox import Postbox, open_postbox

ROOT = Path(__file__).parents[2]
OPTIONS = SimulationOptions(
    agencies=4, documents_per_day=6, mean_recipients=3, lead_in_days=0, history_weeks=0, outage=False, partial=False,
    unpulled=False, probe_minutes=0,
)  # fmt: skip
DAYS = ("--from", "2021-02-01", "--to", "2021-02-07")
COMMANDS = ("pull", "judge", "report", "deliver", "backup")
BACKUP = "safe.tar.zst"


@dataclass(frozen=True)
class Fault:
    """What goes wrong: ``kill`` or ``full`` at a step, ``kill_after`` so many seconds; ``""``: nothing."""

    kind: str = ""
    step: int = 0
    seconds: float = 0.0
    days: int = 0


@dataclass(frozen=True)
class Ended:
    """How a command ended; a negative status is a signal."""

    status: int
    steps: int
    seconds: float
    out: str
    err: str
    memory_mib: int = 0
    handles: int = 0


class Zygote:
    """Runs commands in forks of a process that has loaded everything."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(60)

    def run(self, words: list[str], folder: Path, fault: Fault) -> Ended:
        told = folder.parent / f"{folder.name}-"
        task = {"words": words, "folder": f"{folder}{os.sep}", "told": str(told), **vars(fault)}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        out, err = (Path(f"{told}{number}.told").read_text(encoding="utf-8") for number in (1, 2))
        return Ended(out=out, err=err, **answer)


@dataclass
class Place:
    """A deployment in a folder."""

    folder: Path
    config: Path
    zygote: Zygote

    @property
    def data(self) -> Path:
        return self.folder / "var"

    def run(self, command: str, fault: Fault | None = None, *more: str) -> Ended:
        words = {"backup": ["backup", str(self.folder / BACKUP)], "status": ["status"], "verify": ["verify", "--deep"]}
        given = words.get(command, [command, *DAYS])
        options = ["--config", str(self.config), "--data", str(self.data), "--out", str(self.folder / "out"), "--quiet"]
        return self.zygote.run([*given, *more, *options], self.folder, fault or Fault())

    def findings(self) -> str:
        return self.run("findings", None, "--format", "jsonl").out

    def state(self) -> dict[str, Any]:
        """What must be the same however it came about."""
        files = sorted(
            path for name in ("var/log", "out") for path in (self.folder / name).rglob("*") if path.is_file()
        )
        evidence = Evidence(self.data / "evidence")
        return {
            "files": {
                path.relative_to(self.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in files
                if "conformed" not in path.parts
            },
            "pages": {
                f"{day} {one.agency} {one.table}": (one.is_complete, one.pages, one.rows)
                for day in evidence.days()
                for one in evidence.day(day).counted()
            },
        }

    def litter(self) -> list[str]:
        """Half-written files that nobody will ever look at again."""
        return [
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.name.endswith((".new", ".part", "-journal"))
            or path.name.startswith((".backup-", ".new-", ".restore-"))
        ]


@dataclass
class Bench:
    """All that trials need; `before` and `after` each command."""

    root: Path
    served: Served
    config: Path
    zygote: Zygote
    post: Postbox
    steps: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    mails: Counter[tuple[str, str]] = field(default_factory=Counter)
    _count: int = 0

    def place(self, name: str) -> Place:
        return Place(self.root / name, self.config, self.zygote)

    def before(self, command: str) -> Place:
        """A copy of the deployment as it was before a command, at the same path each time: the ledger knows paths."""
        work = self.place("work")
        shutil.rmtree(work.folder, ignore_errors=True)
        shutil.copytree(self.root / f"before-{command}", work.folder, copy_function=shutil.copy2)
        self.post.mails.clear()
        return work

    def prepare(self) -> None:
        """Do everything once, without a fault, and keep what was there before and after."""
        work = self.place("work")
        work.folder.mkdir()
        for command in COMMANDS:
            shutil.copytree(work.folder, self.root / f"before-{command}", copy_function=shutil.copy2)
            ended = work.run(command)
            assert ended.status in (0, 1), (command, ended.err)
            self.steps[command], self.seconds[command] = ended.steps, ended.seconds
            self.states[command] = work.state()
            if command == "deliver":
                self.mails = sent(self.post)
        assert work.run("verify").status == 0


def sent(post: Postbox) -> Counter[tuple[str, str]]:
    """How often each file went to each address."""
    found: Counter[tuple[str, str]] = Counter()
    for mail in post.mails:
        names = [str(part.get_filename()) for part in mail.iter_attachments()]
        found.update((str(mail["To"].addresses[0].addr_spec), name) for name in names)
    return found


@contextmanager
def opened(root: Path) -> Iterator[Bench]:
    """A bench whose province is served until the block is left."""
    assert message_from_bytes
    with (
        serve(simulate(OPTIONS), root / "province", page_rows=20) as served,
        Zygote() as zygote,
        open_postbox() as post,
    ):
        config = served.config
        text = (config / "audit.toml").read_text(encoding="utf-8") if (config / "audit.toml").exists() else ""
        mail = f'\n[mail]\nenabled = true\nhost = "127.0.0.1"\nport = {post.port}\nsecurity = "none"\nsender = "audit@so.example"\n'
        hurry = "\n[pull]\nattempts = 2\nwait_first_s = 0.01\nwait_most_s = 0.05\n" if "[pull]" not in text else ""
        (config / "audit.toml").write_text(text + mail + hurry, encoding="utf-8")
        code = next(iter(served.base_urls))
        (config / "recipients.toml").write_text(
            '[[recipients]]\naddress = "pct@tinh.example"\nname = "Văn phòng"\neditions = ["weekly_pdf", "province_book"]\n'
            f'[[recipients]]\naddress = "vt@so.example"\nname = "Văn thư"\nagency = "{code}"\neditions = ["agency_book"]\n',
            encoding="utf-8",
        )
        bench = Bench(root, served, config, zygote, post)
        bench.prepare()
        yield bench


DAY = date(2021, 2, 4)
