"""The department's signature on the PDFs of a report, where the settings want one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from audit.period import LOCAL_ZONE
from audit.pipeline.workspace import Workspace
from audit.signatures.signing import Mark, Signer, is_signed_form_of
from reports.placing import placed

WriteInto = Callable[[Path], object]


def signer_of(workspace: Workspace) -> Signer | None:
    """Who signs; None where the settings want no signature.

    Raises:
        ConfigError: the key cannot be read.
    """
    report = workspace.settings.audit.report
    wanted = report.signature
    if not wanted.pkcs12_file or wanted.password is None:
        return None
    secret = wanted.password.resolve("report.signature.password", "audit.toml")
    return Signer(Path(wanted.pkcs12_file), secret.reveal(), report.issuer)


def write_signed(path: Path, write: WriteInto, signer: Signer | None, issuer: str) -> None:
    """Write a PDF, signed where there is a signer.

    A file that is there already and is this very PDF, signed, stays: its signature would only get another time.

    Args:
        path: where it goes.
        write: writes the PDF without signature.
        signer: who signs.
        issuer: what the mark names.
    """
    if signer is None:
        write(path)
        return
    with TemporaryDirectory(prefix="audit-sign-") as folder:
        plain, mark = Path(folder) / path.name, Path(folder) / "mark.pdf"
        write(plain)
        pdf = plain.read_bytes()
        if path.exists() and is_signed_form_of(path.read_bytes(), pdf):
            return
        width, height = _write_mark(mark, issuer)
        signed = signer.sign(pdf, Mark(mark, width, height))
    with placed(path) as part:
        part.write_bytes(signed)


def _write_mark(path: Path, issuer: str) -> tuple[float, float]:
    from reports.pdf import write_mark  # noqa: PLC0415  # WeasyPrint takes a second to load

    return write_mark(path, (issuer, f"Thời gian ký: {datetime.now(LOCAL_ZONE).isoformat(timespec='seconds')}"))
