"""Backup, restore, prune and verify on a small simulated province that was really pulled, judged and reported."""

from __future__ import annotations

import io
import json
import logging
import os
import shutil
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
import zstandard

from audit import cli
from audit.backup_file import CONTENTS, Limits, read_backup, writing
from audit.errors import DataError
from audit.lock import run_lock
from audit.logging_setup import _JsonFormatter
from audit.manifests import ManifestChain
from audit.period import week_of
from audit.pipeline import backing_up, reporting
from audit.pipeline.accounting import imbalances
from audit.pipeline.demonstration import demonstrate
from audit.pipeline.judging import told
from audit.pipeline.privacy import initials
from audit.pipeline.report_inputs import report_inputs
from audit.pipeline.workspace import Workspace
from audit.settings import load_settings
from audit.simulator import Province, SimulationOptions
from audit.simulator.serving import token_of
from audit.verified_files import FILE

OPTIONS = SimulationOptions(agencies=4, documents_per_day=8, lead_in_days=1, history_weeks=0, file_agencies=1)
DAYS = ("--from", "2021-02-01", "--to", "2021-02-07")

pytestmark = pytest.mark.usefixtures("process_restored")


@dataclass(frozen=True)
class Place:
    """A deployment in a folder."""

    folder: Path
    config: Path

    @property
    def data(self) -> Path:
        return self.folder / "var"

    def run(self, *words: str) -> int:
        options = ["--config", str(self.config), "--data", str(self.data), "--out", str(self.folder), "--quiet"]
        return cli.main([*words, *options])


@dataclass(frozen=True)
class Made:
    """A demonstration, and the log lines that it wrote."""

    folder: Path
    province: Province
    lines: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder, stream, root = tmp_path_factory.mktemp("demo"), io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(stream), root.level
    handler.setFormatter(_JsonFormatter())
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        done = demonstrate(OPTIONS, folder, lambda _line: None, quiet=True)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert done.equals_truth, (done.missed, done.invented)
    return Made(folder, done.province, stream.getvalue())


@pytest.fixture
def made(demo: Made) -> Path:
    return demo.folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Place:
    """A deployment of its own, to be changed."""
    shutil.copytree(made, tmp_path / "demo", copy_function=shutil.copy2)
    return Place(tmp_path / "demo", tmp_path / "demo" / "config")


@pytest.fixture
def backup(place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "safe" / "audit.tar.zst"
    assert place.run("backup", str(path)) == 0
    capsys.readouterr()
    return path


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "run.lock"
    }


def test_a_restored_deployment_makes_the_same_reports(
    place: Place, backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = Place(tmp_path / "there", place.config)
    assert there.run("restore", str(backup)) == 0
    assert digests(there.folder / "2021-W05") == digests(place.folder / "2021-W05") != {}
    assert digests(there.data / "log") == digests(place.data / "log") != {}
    assert digests(there.data / "config.restored" / "trust") == digests(place.config / "trust")
    assert len(digests(place.config / "trust")) >= 4
    assert (there.data / "verified" / FILE).exists()
    assert (there.data / "config.restored" / "agencies.toml").read_bytes() == (
        place.config / "agencies.toml"
    ).read_bytes()
    assert there.run("verify", "--deep") == 0
    capsys.readouterr()
    assert place.run("findings", *DAYS, "--format", "jsonl") == 0
    before = capsys.readouterr().out
    assert there.run("findings", *DAYS, "--format", "jsonl") == 0
    assert capsys.readouterr().out == before != ""
    shutil.rmtree(there.folder / "2021-W05")
    assert there.run("weekly", "--week", "2021-W05") == 1
    assert digests(there.folder / "2021-W05") == digests(place.folder / "2021-W05")
    assert there.run("verify") == 0


def test_a_backup_is_taken_beside_a_run_and_restored_only_where_nothing_is(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "beside.tar.zst"
    with run_lock(place.data, "pull"), closing(sqlite3.connect(place.data / "ledger.sqlite")) as writer:
        writer.execute("BEGIN IMMEDIATE")  # a run in the middle of its transaction
        writer.execute("DELETE FROM coverage")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("audit.ledger.database.BUSY_TIMEOUT_S", 0)
            patch.setattr("audit.ledger.Ledger.begin_run", lambda *_given: "run")
            patch.setattr("audit.ledger.Ledger.end_run", lambda *_given: None)
            assert place.run("backup", str(path)) == 0
        writer.rollback()
    there = Place(tmp_path / "there", place.config)
    assert there.run("restore", str(path)) == 0
    with closing(sqlite3.connect(there.data / "ledger.sqlite")) as ledger:
        assert ledger.execute("SELECT count(*) FROM coverage").fetchone()[0] > 0
    capsys.readouterr()
    before = digests(there.folder)
    assert there.run("restore", str(path)) == 3
    assert "only an empty data folder" in capsys.readouterr().err
    assert digests(there.folder) == before


def test_no_report_is_overwritten_by_a_restore(
    place: Place, backup: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = Place(tmp_path / "there", place.config)
    (there.folder / "2021-W05").mkdir(parents=True)
    (there.folder / "2021-W05" / "bao-cao-2021-W05.pdf").write_bytes(b"mine")
    assert there.run("restore", str(backup)) == 3
    assert "would be overwritten" in capsys.readouterr().err
    assert digests(there.folder) == {"2021-W05/bao-cao-2021-W05.pdf": sha256(b"mine").hexdigest()}


def test_log_lines_hold_no_subject_no_person_and_no_token(demo: Made) -> None:
    rows = [
        row
        for office in demo.province.offices
        for day in demo.province.days()
        for table in ("documents", "receipts", "statuses")
        for row in demo.province.rows(office, day, table)
    ]
    told = {str(row[key]) for row in rows for key in ("subject", "signer_name", "staff") if row.get(key)}
    told |= {
        str(one["subject"])
        for row in rows
        for file in row.get("files") or ()
        for one in file.get("signatures") or ()
        if one.get("subject")
    }
    told |= {token_of(OPTIONS.seed, office) for office in demo.province.offices}
    assert len(told) > 30
    # agencies sign, too, and their names are no secret
    names = {agency.name.casefold() for agency in demo.province.agencies}
    assert [text for text in told if len(text) > 4 and text.casefold() not in names and text in demo.lines] == []
    assert {"run", "conformed", "reports", "out of service"} <= {
        word for word in ("run", "conformed", "reports", "out of service") if word in demo.lines
    }


def test_what_the_program_writes_nobody_else_may_read(place: Place, backup: Path, tmp_path: Path) -> None:
    there = Place(tmp_path / "there", place.config)
    assert there.run("restore", str(backup)) == 0
    assert there.run("judge", "--from", "2021-02-02", "--to", "2021-02-03") in (0, 1)
    there.run("verify")
    written = [path for path in [*there.folder.rglob("*"), backup] if path.exists()]
    assert len(written) > 50
    assert [str(path) for path in written if path.stat().st_mode & 0o027] == []


def test_signers_are_masked_for_all_but_their_own_agency(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Q2: a signer who is not in the register; his name stands in the finding's facts."""
    asked = ("findings", *DAYS, "--rule", "Q3", "--format", "jsonl")

    def names(*more: str) -> set[tuple[str, str]]:
        capsys.readouterr()
        assert place.run(*asked, *more) == 0
        found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return {(one["sender"], one["detail"]["signer_name"]) for one in found}

    open_names = names()
    assert open_names
    audit = place.config / "audit.toml"
    audit.write_text(audit.read_text().replace("mask_signers = false", "mask_signers = true"))
    assert names() == {(sender, initials(name)) for sender, name in open_names}
    sender, name = next(iter(open_names))
    assert (sender, name) in names("--agency", sender)
    # reports lay out what the views hold
    workspace = Workspace(load_settings(place.config), place.data, place.folder, quiet=True)
    week = week_of(date(2021, 2, 1))
    of_all, own = reporting._views(workspace, report_inputs(workspace, told(workspace, week), week))
    workspace.close()
    theirs = " ".join(own[sender].findings["why"])
    everybodys = " ".join(of_all.findings["why"])
    assert name in theirs
    assert initials(name) in everybodys
    assert [one for _, one in open_names if one in everybodys] == []
    assert [one for other, one in open_names if other != sender and one in theirs] == []


def test_a_report_that_is_not_the_one_noted_is_left_out_and_named(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place.folder / "2021-W05" / "bao-cao-2021-W05.pdf").write_bytes(b"%PDF half")
    assert place.run("backup", str(tmp_path / "b.tar.zst")) == 1
    assert "bao-cao-2021-W05.pdf is not the report that the ledger knows" in capsys.readouterr().out
    contents = read_backup(tmp_path / "b.tar.zst", Limits(10**9))
    assert "reports/2021-W05/bao-cao-2021-W05.pdf" not in contents["files"]
    assert "reports/2021-W05/toan-tinh-2021-W05.xlsx" in contents["files"]


def test_files_of_people_and_files_that_vanish_do_not_keep_a_backup_from_being_made(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config = shutil.copytree(place.config, tmp_path / "config")
    here = Place(shutil.copytree(place.folder, tmp_path / "here"), config)
    plain = next(path for path in sorted((config / "trust").iterdir()) if path.suffix == ".crt")
    for name in ("Root CA.crt", "CA chuyên dùng (G2).crt", "hai\ndòng.crt", "dài" * 40 + ".crt"):
        shutil.copy(plain, config / "trust" / name)
    (config / "trust" / "old.d").mkdir()
    (here.data / "provisional" / "evidence").mkdir(parents=True)
    (here.data / "provisional" / "evidence" / "running.sqlite").write_bytes(b"of the running day")
    real = backing_up.snapshot
    gone = next(iter(sorted((here.data / "evidence").rglob("*.sqlite"))))

    def vanishing(source: Path, target: Path) -> Path:
        if source == gone:
            source.unlink()
        return real(source, target)

    monkeypatch.setattr(backing_up, "snapshot", vanishing)
    assert here.run("backup", str(tmp_path / "b.tar.zst")) == 1
    told = capsys.readouterr().out
    assert (told.count("went away"), told.count("has a name"), told.count("is a folder")) == (1, 2, 1)
    there = Place(tmp_path / "there", config)
    assert there.run("restore", str(tmp_path / "b.tar.zst")) == 0
    trust = there.data / "config.restored" / "trust"
    for name in ("Root CA.crt", "CA chuyên dùng (G2).crt"):
        assert (trust / name).read_bytes() == plain.read_bytes()
    assert not (there.data / "provisional").exists()


def test_verify_names_what_was_changed(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.run("verify") == 0
    assert "no faults" in capsys.readouterr().out
    with closing(sqlite3.connect(place.data / "evidence" / "2021-02-03.sqlite")) as evidence:
        body = zstandard.ZstdCompressor().compress(b'{"items":[]}')
        evidence.execute(
            "UPDATE bodies SET packed = ?, size = 12 WHERE sha256 = (SELECT min(sha256) FROM bodies)", (body,)
        )
        evidence.commit()
    log = place.data / "log" / "sends" / "2021-02-04.parquet"
    shutil.copyfile(place.data / "log" / "sends" / "2021-02-03.parquet", log)
    (place.folder / "2021-W05" / "toan-tinh-2021-W05.xlsx").unlink()
    (book,) = (place.folder / "2021-W05" / "don-vi").glob("H03-*.xlsx")
    book.write_bytes(b"another book")
    assert place.run("verify") == 1
    told = capsys.readouterr().out
    assert "evidence of 2021-02-03: the page" in told
    assert "2021-02-04: sends of the log is not the file that was written" in told
    assert "report toan-tinh-2021-W05.xlsx of 2021-W05 is missing" in told
    assert f"report {book.name} of 2021-W05 is not the file that was made" in told


def test_verify_misses_pages_and_days_that_a_run_was_made_from(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    (place.data / "evidence" / "2021-02-02.sqlite").unlink()
    with closing(sqlite3.connect(place.data / "evidence" / "2021-02-03.sqlite")) as evidence:
        evidence.execute("DELETE FROM pages WHERE series = (SELECT min(series) FROM pages)")
        evidence.commit()
    assert place.run("verify") == 1
    told = capsys.readouterr().out
    assert "evidence of 2021-02-02: the file is missing" in told
    assert "the evidence of 2021-02-03 has other pages than run" in told


def test_only_making_the_log_again_finds_a_log_and_marker_forged_together(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    log = place.data / "log" / "statuses" / "2021-02-04.parquet"
    shutil.copyfile(place.data / "log" / "statuses" / "2021-02-03.parquet", log)
    marker = place.data / "log" / "conformed" / "2021-02-04.json"
    told = json.loads(marker.read_text())
    told["files"]["statuses"] = sha256(log.read_bytes()).hexdigest()
    marker.write_text(json.dumps(told))
    place.run("verify")
    assert "is not what the evidence gives" not in capsys.readouterr().out
    assert place.run("verify", "--deep") == 1
    assert "2021-02-04: statuses of the log is not what the evidence gives" in capsys.readouterr().out


def test_a_manifest_tells_what_a_run_was_made_from_and_made(place: Place) -> None:
    (manifest,) = ManifestChain(place.data / "manifests").read()
    content = manifest.content
    assert set(content["inputs"]["evidence"]) == {path.stem for path in (place.data / "evidence").glob("*.sqlite")}
    assert content["rows"]
    assert all(rows["received"] == rows["in_log"] + rows["rejects"] for rows in content["rows"].values())
    assert sum(rows["received"] for rows in content["rows"].values()) == content["counts"]["pulled_rows"]
    assert (
        content["outputs"]["weekly_pdf  2021-W05 revision 1"] == digests(place.folder)["2021-W05/bao-cao-2021-W05.pdf"]
    )


def test_counts_balance_from_stage_to_stage_and_where_not_it_is_named(place: Place) -> None:
    (manifest,) = ManifestChain(place.data / "manifests").read()
    rows, counts = manifest.content["rows"], manifest.content["counts"]
    assert all(told["pulled"] == told["received"] for told in rows.values())
    assert all(told["findings"] == told["counted"] > 0 for told in counts["judged"].values() if told["findings"])
    assert [*imbalances(rows, counts)] == manifest.content["unbalanced"] == []
    day, told = next(iter(rows.items()))
    period, judged = next(iter(counts["judged"].items()))
    assert [*imbalances({day: told | {"rejects": told["rejects"] + 1}}, {})] == [
        f"{day}: {told['received']} rows received, {told['in_log']} in the log and {told['rejects'] + 1} rejects"
    ]
    assert [*imbalances({day: told | {"pulled": 1}}, {})] == [f"{day}: 1 rows pulled, {told['received']} received"]
    assert [*imbalances({}, {"judged": {period: judged | {"counted": 0, "findings": 2}}})] == [
        f"{period}: 2 findings, 0 counted in the outcomes"
    ]


def test_the_chain_of_manifests_shows_every_break(tmp_path: Path) -> None:
    chain = ManifestChain(tmp_path)
    noted = {f"run-{number}": chain.append(f"run-{number}", {"counts": number}) for number in range(1, 5)}
    assert chain.faults(noted) == []
    first, second, _third, fourth = chain.paths()
    body = second.read_text()
    second.write_text(body.replace('"counts": 2', '"counts": 7'))
    assert chain.faults(noted) == [
        "manifest 2 of run run-2 is not the one that the ledger noted",
        "manifest 3 of run run-3 does not follow from the one before it",
    ]
    second.write_text(body)
    fourth.unlink()
    assert chain.faults(noted) == ["the manifest of run run-4 is missing"]
    first.write_text("{")
    assert chain.faults(noted) == [f"{first.name}: this manifest cannot be read"]
    first.unlink()
    assert "manifests are missing" in chain.faults(noted)[0]


def test_only_what_a_proved_backup_holds_is_pruned(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    audit = place.config / "audit.toml"
    text = audit.read_text().replace("evidence_days = 0", "evidence_days = 30").replace("log_days = 0", "log_days = 30")
    audit.write_text(text.replace("reports_days = 0", "reports_days = 30"))
    before = digests(place.folder)
    assert place.run("backup", str(tmp_path / "b-%Y.tar.zst"), "--prune") == 0
    (path,) = tmp_path.glob("b-2*.tar.zst")
    assert list((place.data / "evidence").glob("*.sqlite")) == []
    assert list((place.data / "log").rglob("*.parquet")) == []
    assert list((place.folder / "2021-W05").rglob("*.pdf")) == []
    assert "files past their time deleted" in capsys.readouterr().out
    assert place.run("verify") == 0
    held = {name.partition("/")[2]: one["sha256"] for name, one in read_backup(path, Limits(10**9))["files"].items()}
    gone = {name.removeprefix("var/"): digest for name, digest in before.items() if name not in digests(place.folder)}
    assert gone
    assert all(held[name] == digest for name, digest in gone.items() if not name.endswith(".sqlite"))


def archive(path: Path, entries: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for info, body in entries:
            tar.addfile(info, io.BytesIO(body))
    path.write_bytes(zstandard.compress(plain.getvalue()))
    return path


def entry(
    name: str, body: bytes = b"x", kind: bytes = tarfile.REGTYPE, link: str = ""
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(body), kind, link
    return info, body


@pytest.mark.parametrize(
    ("hostile", "told"),
    [
        (entry("/etc/cron.d/x"), "no file of a backup is called so"),
        (entry("data/../../x"), "no file of a backup is called so"),
        (entry("data/.ssh/authorized_keys"), "no file of a backup is called so"),
        (entry("data"), "no file of a backup is called so"),
        (entry("data//x"), "no file of a backup is called so"),
        (entry("data/a\\b"), "no file of a backup is called so"),
        (entry("data/.."), "no file of a backup is called so"),
        (entry("data/a\x1b[2J"), "no file of a backup is called so"),
        (entry("data/a\u202egpj.exe"), "no file of a backup is called so"),
        (entry("bin/sh"), "no file of a backup is called so"),
        (entry("data/x", b"", tarfile.SYMTYPE, "/etc/passwd"), "no plain file"),
        (entry("data/x", b"", tarfile.LNKTYPE, "/etc/passwd"), "no plain file"),
        (entry("data/x", b"", tarfile.CHRTYPE), "no plain file"),
        (entry("data/x", b"", tarfile.DIRTYPE), "no plain file"),
        (entry("data/" + "x" * 120), "no plain file"),
        (entry("data/large", bytes(200_000)), "more than there is room for"),
        (entry("data/a", b"other"), "is not what the backup's contents say"),
        (entry("data/more"), "is not what the backup's contents say"),
        (entry(CONTENTS, b"[1]"), "cannot be read"),
        (entry(CONTENTS, b"[" * 100_000), "cannot be read"),
        (entry(CONTENTS, b'{"format": 9}'), "newer version"),
    ],
)
def test_a_hostile_archive_puts_nothing_in_place(
    tmp_path: Path, hostile: tuple[tarfile.TarInfo, bytes], told: str
) -> None:
    contents = {"format": 1, "files": {"data/a": {"size": 1, "sha256": sha256(b"x").hexdigest(), "mtime_ns": 0}}}
    good = entry(CONTENTS, json.dumps(contents).encode())
    entries = [hostile, good] if hostile[0].name == "data/a" else [entry("data/a"), hostile, good]
    path = archive(tmp_path / "b.tar.zst", entries)
    (tmp_path / "out").mkdir()
    with pytest.raises(DataError, match=told):
        read_backup(path, Limits(100_000), tmp_path / "out")
    assert {each.name for each in tmp_path.iterdir()} == {"b.tar.zst", "out"}
    assert set(digests(tmp_path / "out")) <= {"data/a", "data/more"}


@pytest.mark.parametrize("cut", [1, 3, 10, 20, 60, 99])
def test_an_archive_cut_or_damaged_anywhere_is_refused(tmp_path: Path, cut: int) -> None:
    (tmp_path / "a").write_bytes(os.urandom(5000))
    with writing(tmp_path / "b.tar.zst") as writer:
        writer.add("data/a", tmp_path / "a")
        writer.finish({})
    whole = (tmp_path / "b.tar.zst").read_bytes()
    assert read_backup(tmp_path / "b.tar.zst", Limits(5000))["files"]["data/a"]["size"] == 5000
    at = len(whole) * cut // 100
    for body in (
        whole[:at],
        whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :],
        b"",
        b"PK\x03\x04",
        os.urandom(600),
    ):
        (tmp_path / "c.tar.zst").write_bytes(body)
        with pytest.raises(DataError):
            read_backup(tmp_path / "c.tar.zst", Limits(5000))
