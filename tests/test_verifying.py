"""Files fetched from real servers on loopback, verified once, and judged by what they prove."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from audit.archive import pack
from audit.errors import DataError
from audit.log import Log
from audit.pipeline.verifying import Fetched, verify_days
from audit.pipeline.workspace import Run, Workspace
from audit.settings import load_settings
from audit.settings.deployment import AuditSettings, Pull, Verify
from audit.signatures import FileFacts
from audit.tables import SCHEMAS
from audit.verified_files import FILE, VerifiedFiles
from tests.signatures.signed_files import agency, person, root, signed, state_ca, unsigned
from tests.sources.messages import attachment, document
from tests.sources.server import TOKEN, agency_of

DAY = date(2021, 2, 2)
CODE = "H03.02"


@dataclass
class Files:
    """A server of files: what it has, what it was asked, what it says instead of the right bytes."""

    content: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def put(self, content: bytes, instead: bytes | None = None) -> str:
        digest = sha256(content).hexdigest()
        self.content[digest] = content if instead is None else instead
        return digest


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    monkeypatch.setenv("AUDIT_TEST_TOKEN", TOKEN)
    served = Files()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            served.asked.append(self.path)
            allowed = self.headers.get("Authorization") == f"Bearer {TOKEN}"
            body = served.content.get(name, b"")
            self.send_response(200 if allowed and name in served.content else 404 if allowed else 401)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield served
    server.shutdown()
    server.server_close()
    thread.join(10)


def workspace_of(
    files: Files, folder: Path, *, allowed: bool = True, kind: str = "log_api", path: str = "", **verify: Any
) -> Workspace:
    """A deployment of one agency, which trusts the CAs of the tests."""
    trust = folder / "config" / "trust"
    trust.mkdir(parents=True, exist_ok=True)
    (trust / "root.crt").write_bytes(root().der)
    (trust / "state.cer").write_bytes(state_ca().der)
    audit = AuditSettings(
        pull=Pull(attempts=1, wait_first_s=0.01), verify=Verify.model_validate({"processes": 1} | verify)
    )
    of_kind = {"kind": kind} | (
        {"path": path}
        if kind == "edxml"
        else {"system_id": "x", "secret": "env:AUDIT_TEST_TOKEN"}
        if kind == "vxp"
        else {}
    )
    sender = agency_of(files.url, CODE, files=allowed, timeout_s=20.0, **of_kind)
    changes = {"agencies": (sender,), "audit": audit, "folder": folder / "config"}
    return Workspace(load_settings().model_copy(update=changes), folder / "var", folder / "out", quiet=True)


def tell(log: Log, *hashes: str | None, name: str = "van-ban.pdf", page: str = "p") -> None:
    """A day's log with files of these hashes."""
    at = datetime(2021, 2, 2, tzinfo=UTC)
    rows = [
        {
            "agency": CODE, "log_day": DAY, "page": page, "page_no": 1, "line": number, "changed_at": at, "deleted": False,
            "document_row": number, "file_no": 1, "name": name, "role": "main", "content_type": None, "size_bytes": 1,
            "sha256": digest, "has_signatures": True,
        }
        for number, digest in enumerate(hashes, start=1)
    ]  # fmt: skip
    log.replace(DAY, CODE, {"files": pa.Table.from_pylist(rows, schema=SCHEMAS["files"])})


def test_each_file_is_fetched_and_verified_once(files: Files, tmp_path: Path) -> None:
    good = files.put(signed(signed(unsigned(), person()), agency()))
    bare, broken = files.put(unsigned()), files.put(b"%PDF-1.7 and no more")
    workspace = workspace_of(files, tmp_path)
    tell(workspace.log, good, good, bare, broken, None)
    run = Run("1")
    assert verify_days(workspace, run, [DAY]) == Fetched(verified=2, unread=1)
    assert run.counts == {"files_verified": 2, "files_unread": 1, "files_not_fetched": 0}
    known = VerifiedFiles(workspace.verified_folder).known([good, bare, broken])
    assert [one.party for one in known[good].signatures] == ["person", "agency"]
    assert {one.chain for one in known[good].signatures} == {"trusted"}
    assert (known[bare], known[broken].is_read) == (FileFacts(), False)
    assert len(files.asked) == 3
    assert verify_days(workspace, run, [DAY]) == Fetched()
    assert len(files.asked) == 3


def test_other_trust_verifies_again(files: Files, tmp_path: Path) -> None:
    good = files.put(signed(unsigned(), person()))
    workspace = workspace_of(files, tmp_path)
    tell(workspace.log, good)
    verify_days(workspace, Run("1"), [DAY])
    for path in (workspace.settings.folder / "trust").iterdir():
        path.unlink()
    assert verify_days(workspace, Run("2"), [DAY]) == Fetched(verified=1)
    assert VerifiedFiles(workspace.verified_folder).known([good])[good].signatures[0].chain == "no_anchor"


@pytest.mark.parametrize("case", [{"allowed": False}, {"enabled": False}])
def test_nothing_is_asked_where_it_is_not_allowed(files: Files, tmp_path: Path, case: dict[str, bool]) -> None:
    workspace = workspace_of(files, tmp_path, **case)
    tell(workspace.log, files.put(unsigned()))
    assert verify_days(workspace, Run("1"), [DAY]) == Fetched()
    assert files.asked == []


def test_only_pdfs_are_asked_for(files: Files, tmp_path: Path) -> None:
    workspace = workspace_of(files, tmp_path)
    tell(workspace.log, files.put(unsigned()), name="bang.xlsx")
    assert verify_days(workspace, Run("1"), [DAY]) == Fetched()


def test_other_bytes_than_told_prove_nothing(files: Files, tmp_path: Path) -> None:
    told = files.put(signed(unsigned(), person()), instead=unsigned())
    workspace = workspace_of(files, tmp_path)
    tell(workspace.log, told)
    assert verify_days(workspace, Run("1"), [DAY]) == Fetched(failed=1)
    assert VerifiedFiles(workspace.verified_folder).known([told]) == {}


def test_too_large_is_not_fetched(files: Files, tmp_path: Path) -> None:
    workspace = workspace_of(files, tmp_path, file_bytes_max=100)
    tell(workspace.log, files.put(unsigned()))
    assert verify_days(workspace, Run("1"), [DAY]) == Fetched(failed=1)


def test_a_system_that_gives_nothing_is_left_alone(files: Files, tmp_path: Path) -> None:
    workspace = workspace_of(files, tmp_path, failures_max=2)
    tell(workspace.log, *(f"{number:064x}" for number in range(5)))
    assert verify_days(workspace, Run("1"), [DAY]) == Fetched(failed=5)
    assert len(files.asked) == 2


def test_damaged_store_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database at all, and long enough to be looked at" * 40)
    with pytest.raises(DataError):
        VerifiedFiles(tmp_path).known(["00"])


def test_rubbish_among_the_certificates_is_told(files: Files, tmp_path: Path) -> None:
    workspace = workspace_of(files, tmp_path)
    (workspace.settings.folder / "trust" / "x.crt").write_bytes(b"rubbish")
    run = Run("1")
    assert verify_days(workspace, run, [DAY]) == Fetched()
    assert run.counts["verification_failed"] == "trust/x.crt: not a Certificate in PEM or DER"


def test_a_secret_that_is_not_there_hinders_nothing_else(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = workspace_of(files, tmp_path)
    tell(workspace.log, files.put(unsigned()))
    monkeypatch.delenv("AUDIT_TEST_TOKEN")
    assert verify_days(workspace, Run("1"), [DAY]) == Fetched(failed=1)


@pytest.mark.parametrize("kind", ["edxml", "vxp"])
def test_files_of_messages_are_taken_from_the_evidence(tmp_path: Path, kind: str) -> None:
    """Nobody is asked; a page that is not there any more, or holds other files, proves nothing."""
    good = signed(signed(unsigned(), person()), agency())
    message = document(files=[attachment("814.pdf", good), attachment("bang.xlsx", b"PK no workbook", zipped=False)])
    packed = {"edxml": [("814.edxml", message)], "vxp": [("list.json", b"{}"), ("0.edoc", message), ("1.edoc", b"?")]}
    workspace = workspace_of(Files(url="http://127.0.0.1:9"), tmp_path, kind=kind, path=str(tmp_path))
    page = workspace.evidence.day(DAY).keep(pack(packed[kind]))
    known = sha256(good).hexdigest()
    tell(workspace.log, known, "11" * 32, page=page)
    assert verify_days(workspace, Run("1"), [DAY]) == Fetched(verified=1, failed=1)
    (first, last) = VerifiedFiles(workspace.verified_folder).known([known])[known].signatures
    assert (first.party, last.party, last.covers_file) == ("person", "agency", True)
    tell(workspace.log, "22" * 32, page="33" * 32)
    assert verify_days(workspace, Run("2"), [DAY]) == Fetched(failed=1)
