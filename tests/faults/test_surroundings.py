"""What goes wrong around a run: a disk that is really full, a folder that is read only, the clock, another run, files
that were damaged.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from audit.ledger import Ledger
from audit.period import LOCAL_ZONE
from tests.faults.bench import DAY, DAYS, ROOT, Bench, Ended, Fault, Place, Zygote
from tests.faults.conftest import Note
from tests.faults.test_commands import MOST

CAN_MOUNT = sys.platform == "linux" and os.geteuid() == 0 and shutil.which("unshare") is not None
SIZES_KIB = (64, 200, 400, 700, 1000) if MOST else (400,)
MOUNTED = """
set -e
mount -t tmpfs -o size={first} none "$FOLDER/var"
{fill}
{before}
set +e
"$@" 1>"$FOLDER/first" 2>&1; echo $? >"$FOLDER/first-status"
{after}
"$@" 1>"$FOLDER/second" 2>&1; echo $? >"$FOLDER/second-status"
cp -a "$FOLDER/var" "$FOLDER/kept"
"""


def on_a_disk(place: Place, command: str, **steps: str) -> tuple[Ended, Ended]:
    """A command twice on a disk of its own, in a namespace of its own: as `steps` say before, and after the first."""
    (place.folder / "var").mkdir(exist_ok=True)
    words = [sys.executable, str(ROOT / "run_audit.py"), command, *DAYS, "--config", str(place.config)]
    words += ["--data", str(place.data), "--out", str(place.folder / "out"), "--quiet"]
    script = MOUNTED.format(**{"first": "64m", "fill": "", "before": "", "after": "", **steps})
    subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", *words],
        cwd=ROOT, env={**os.environ, "FOLDER": str(place.folder)}, check=True, timeout=280,
    )  # fmt: skip
    ended = []
    for name in ("first", "second"):
        said = (place.folder / name).read_text(encoding="utf-8")
        ended.append(Ended(int((place.folder / f"{name}-status").read_text()), 0, 0.0, said, said))
    shutil.rmtree(place.data)
    (place.folder / "kept").rename(place.data)
    return ended[0], ended[1]


@pytest.mark.skipif(not CAN_MOUNT, reason="only root may mount a small disk")
@pytest.mark.slow
@pytest.mark.parametrize("kib", SIZES_KIB)
def test_a_disk_that_is_really_full(bench: Bench, note: Note, kib: int) -> None:
    place = bench.before("pull")
    broken, again = on_a_disk(place, "pull", first=f"{kib}k", after='mount -o remount,size=64m "$FOLDER/var"')
    assert broken.status in (1, 3), broken.err
    assert again.status in (0, 1), again.err
    assert place.state() == bench.states["pull"]
    assert place.run("verify").status == 0
    note("full-disk", f"{broken.status}")


@pytest.mark.skipif(not CAN_MOUNT, reason="only root may mount a disk that even root cannot write to")
@pytest.mark.slow
def test_a_folder_that_is_read_only(bench: Bench, note: Note) -> None:
    place = bench.before("judge")
    (place.data).rename(place.folder / "was")
    broken, again = on_a_disk(
        place,
        "judge",
        fill='cp -a "$FOLDER/was/." "$FOLDER/var/"',
        before='mount -o remount,ro "$FOLDER/var"',
        after='mount -o remount,rw "$FOLDER/var"',
    )
    shutil.rmtree(place.folder / "was")
    assert broken.status == 3, broken.err
    assert again.status in (0, 1), again.err
    assert place.run("verify").status == 0
    note("read-only", f"{broken.status}")


@pytest.mark.parametrize("direction", ["back", "forward"])
def test_a_clock_that_is_wrong(bench: Bench, note: Note, direction: str) -> None:
    """Set back into the week, only the days that are over by it count; once it is right, the others are pulled."""
    if not MOST and direction == "forward":
        pytest.skip("in make faults")
    today = (datetime.now(LOCAL_ZONE).date() - DAY).days
    place = bench.before("pull")
    ended = place.run("pull", Fault(days=-today if direction == "back" else 3000))
    assert ended.status == 0, ended.err
    counted = {key[:10] for key, (is_complete, *_) in place.state()["pages"].items() if is_complete}
    assert max(counted) == ("2021-02-03" if direction == "back" else "2021-02-07")
    assert ("not_due" in ended.out) == (direction == "back")
    again = place.run("pull")
    assert again.status == 0, again.err
    assert place.state() == bench.states["pull"]
    assert place.run("verify").status == 0
    note(f"clock-{direction}", f"{ended.status}")


def test_two_runs_at_once(bench: Bench, note: Note) -> None:
    place = bench.before("pull")
    ended: list[Ended] = []
    with Zygote() as other:
        beside = Place(place.folder, place.config, other)
        first = threading.Thread(target=lambda: ended.append(place.run("pull")))
        first.start()
        lock = place.data / "run.lock.json"
        while first.is_alive() and not lock.exists():
            pass
        ended.append(beside.run("coverage"))  # reading goes on
        second = beside.run("pull") if first.is_alive() else None
        first.join()
    assert second is None or second.status in (0, 5)
    assert all(one.status in (0, 1) for one in ended)
    assert place.run("pull").status == 0
    assert place.state() == bench.states["pull"]
    assert place.run("verify").status == 0
    note("two-at-once", f"{second.status if second else '-'}")


def damage(path: Path, kind: str) -> None:
    content = bytearray(path.read_bytes())
    match kind:
        case "flipped":
            for start in range(len(content) // 9, len(content), len(content) // 9):  # some places are of no page
                content[start : start + 64] = bytes(byte ^ 0xFF for byte in content[start : start + 64])
        case "cut":
            del content[len(content) // 2 :]
        case "zeros":
            content[:4096] = bytes(4096)
        case "empty":
            content.clear()
    path.write_bytes(content)


@pytest.mark.parametrize("kind", ["flipped", "cut", "zeros", "empty"])
@pytest.mark.parametrize("file", ["evidence/2021-02-04.sqlite", "ledger.sqlite"])
def test_a_database_that_was_damaged(bench: Bench, note: Note, file: str, kind: str) -> None:
    """It is said and named, nothing is made of it; a backup brings everything back, and what is pulled goes on."""
    if not MOST and (kind, file) != ("empty", "ledger.sqlite"):
        pytest.skip("in make faults")
    place = bench.before("backup")
    assert place.run("backup").status == 0
    damage(place.data / file, kind)
    proved = place.run("verify")
    assert proved.status in (1, 3)
    assert Path(file).name in proved.out + proved.err or "2021-02-04" in proved.out + proved.err
    ended = place.run("pull", None, "--refresh")
    assert ended.status in (0, 1, 3), ended.err
    shutil.rmtree(place.data)
    shutil.rmtree(place.folder / "out")
    options = ["--config", str(place.config), "--data", str(place.data), "--out", str(place.folder / "out"), "--quiet"]
    back = bench.zygote.run(["restore", str(place.folder / "safe.tar.zst"), *options], place.folder, Fault())
    assert back.status == 0, back.err
    assert place.state() == bench.states["backup"]
    assert place.run("verify").status == 0
    assert place.run("judge").status in (0, 1)
    note(f"damaged-{'evidence' if 'evidence' in file else 'ledger'}", f"verify {proved.status}, pull {ended.status}")


def test_a_ledger_is_made_whole_or_not_at_all(tmp_path: Path) -> None:
    """A run that is killed between two tables of a new ledger leaves one that the next run can open."""
    script = """
import os, sqlite3, sys
from pathlib import Path
opened, made = sqlite3.connect, []
def kill(text):
    made.append(text.lstrip().upper().startswith("CREATE TABLE"))
    if sum(made) == 5:
        os.kill(os.getpid(), 9)
def connect(*given, **named):
    connection = opened(*given, **named)
    connection.set_trace_callback(kill)
    return connection
sqlite3.connect = sqlite3.dbapi2.connect = connect
from audit.ledger import Ledger
Ledger.in_folder(Path(sys.argv[1])).close()
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=False, timeout=200)
    assert done.returncode == -9
    with closing(Ledger.in_folder(tmp_path)) as ledger:
        assert ledger.begin_run("pull", {}, "0" * 64, {})
