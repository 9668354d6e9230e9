"""The whole line with its ledger on PostgreSQL tells what it tells with a file, to the byte."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
import sqlalchemy as sa

from audit.errors import DataError
from audit.ledger import Ledger
from tests.deployment import Deployment
from tests.postgres import Postgres
from tests.rules.harness import Row, document, send

WEEK = "2021-W05"

pytestmark = pytest.mark.usefixtures("process_restored")


def rows() -> list[Row]:
    """A document that failed, and was not sent again."""
    key = {"number": "814", "issued_date": "2021-02-04"}
    return [
        document(**key, subject="V/v phòng, chống dịch COVID-19", signed_at="2021-02-04 15:20"),
        send(**key, sent_at="2021-02-04 15:41:02", state="fail", state_at="2021-02-04 15:42", error_code="E504"),
    ]


def deployed(folder: Path, url: str = "") -> Deployment:
    deployment = Deployment(folder)
    deployment.write("audit", f'[storage]\ndatabase_url = "{url}"\n')
    deployment.pulled(rows(), date(2021, 2, 1), date(2021, 2, 7), without=[("H03.03", date(2021, 2, 3))])
    return deployment


def test_the_line_on_a_server_tells_what_it_tells_with_a_file(tmp_path: Path, postgres: Postgres) -> None:
    told = []
    for name, url in (("file", ""), ("server", postgres.empty())):
        deployment = deployed(tmp_path / name, url)
        out = tmp_path / name / "out"
        assert deployment.run("weekly", "--week", WEEK, "--out", str(out))[0] == 1
        findings = deployment.findings("2021-02-01", "2021-02-07")
        assert {"failed_send", "missing_log"} <= {finding["rule"] for finding in findings}
        assert deployment.run("verify", "--out", str(out))[0] == 0
        status = json.loads(deployment.run("status", "--format", "json")[1])
        assert status["database"]["state"] == "ok"
        assert (deployment.data / "ledger.sqlite").exists() == (name == "file")
        files = {
            path.relative_to(out).as_posix(): sha256(path.read_bytes()).hexdigest()
            for path in out.rglob("*")
            if path.is_file()
        }
        told.append((findings, status["coverage"], files))
    assert told[0] == told[1]
    assert len(told[0][2]) > 4


@pytest.mark.slow
def test_a_backup_of_a_server_is_restored_into_a_file_and_into_another_server(
    tmp_path: Path, postgres: Postgres
) -> None:
    deployment = deployed(tmp_path / "server", postgres.empty())
    assert deployment.run("judge", "--from", "2021-02-01", "--to", "2021-02-07")[0] == 1
    backup = tmp_path / "b.tar.zst"
    assert deployment.run("backup", str(backup))[0] == 0
    asked = ("2021-02-01", "2021-02-07")
    findings = deployment.findings(*asked)
    for name, url in (("file", ""), ("other", postgres.empty())):
        there = Deployment(tmp_path / name)
        there.write("audit", f'[storage]\ndatabase_url = "{url}"\n')
        assert there.run("restore", str(backup))[0] == 0
        assert (there.data / "ledger.sqlite").exists() == (name == "file")
        assert there.run("verify")[0] == 0
        assert there.findings(*asked) == findings
        # new rows are numbered after those that came
        assert there.run("judge", "--from", "2021-02-01", "--to", "2021-02-05")[0] == 1
        runs = [run["command"] for run in json.loads(there.run("status", "--format", "json")[1])["runs"]]
        assert runs == ["judge", "backup", "judge"]
    # a database that knows something is not written over
    full = Deployment(tmp_path / "full")
    full.write("audit", f'[storage]\ndatabase_url = "{url}"\n')
    assert full.run("restore", str(backup))[0] == 3
    assert not (full.data / "evidence").exists()


def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        Ledger(f"postgresql+psycopg://audit@/ledger?host={tmp_path}", password="hush")
    assert "the ledger cannot be opened" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_a_password_goes_to_the_server(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.fresh()
    owner = sa.create_engine(url)
    with owner.begin() as connection:
        connection.execute(sa.text("SELECT 1"))
    owner.dispose()
    ledger = Ledger(url, password="hush")
    assert "hush" not in ledger.place
    ledger.close()
