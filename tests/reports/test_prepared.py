"""What one process prepares for those that it forks: they begin with the layout, and write the same bytes."""

import json
import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import json, sys
from pathlib import Path
from unittest import mock
from cffi import FFI
from jinja2 import Environment
from audit.confined_fork import in_fork
from reports import pdf
from reports.view import build_view
from tests.reports.province import make_inputs

folder = Path(sys.argv[1])
begun = []

def noting(real):
    return lambda self, told, *more: begun.append(str(told)[:60]) or real(self, told, *more)

def write():
    with (
        mock.patch.object(FFI, "_typeof_locked", noting(FFI._typeof_locked)),
        mock.patch.object(Environment, "compile", noting(Environment.compile)),
    ):
        pages = pdf.write_agency_pdf(view.agencies["H03.16"], folder / "agency.pdf")
        pdf.write_pdf(view, folder / "province.pdf")
    (folder / "begun.json").write_text(json.dumps(begun))
    return pages

view = build_view(make_inputs())
pdf.prepare()
in_fork("agency_pdf", write, folder)
"""
AFTER_A_MARK = """
import os, sys
from pathlib import Path
from audit.confined_fork import in_fork
from reports import pdf
from reports.view import build_view
from tests.reports.province import make_inputs

folder = Path(sys.argv[1])
view = build_view(make_inputs())
pdf.prepare()
pdf.write_mark(folder / "mark.pdf", ("Ký bởi: Sở Thử nghiệm",))
assert list(Path(os.environ["TMPDIR"]).iterdir()) == [], "folders of fonts that a fork would never clear away"
in_fork("agency_pdf", lambda: pdf.write_agency_pdf(view.agencies["H03.16"], folder / "agency.pdf"), folder)
"""
OF_A_DOCUMENTS_GLYPHS = "hb_codepoint_t["
"""Types that are named after how many glyphs a document has: nobody can know them before."""


def test_a_fork_of_a_prepared_process_reads_no_template_or_declaration_again(files: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], check=True, cwd=Path(__file__).parents[2])
    begun = json.loads((tmp_path / "begun.json").read_text())
    assert [one for one in begun if not one.startswith(OF_A_DOCUMENTS_GLYPHS)] == []
    for name in ("agency.pdf", "province.pdf"):
        assert (tmp_path / name).read_bytes() == (files / name).read_bytes()


def test_a_fork_has_fonts_of_its_own_where_the_system_has_none(files: Path, tmp_path: Path) -> None:
    # what signs has laid out a mark before; its fonts' folder is closed to the fork
    bare, spare = tmp_path / "fonts.conf", tmp_path / "spare"
    spare.mkdir()
    bare.write_text('<?xml version="1.0"?><fontconfig></fontconfig>')
    subprocess.run(
        [sys.executable, "-c", AFTER_A_MARK, str(tmp_path)],
        check=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"FONTCONFIG_FILE": str(bare), "TMPDIR": str(spare)},
    )
    assert (tmp_path / "agency.pdf").read_bytes() == (files / "agency.pdf").read_bytes()
