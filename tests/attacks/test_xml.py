"""XML of strangers: external entities, entity bombs and attribute bombs, in messages and in workbooks."""

from __future__ import annotations

import io
import time
import tracemalloc
import xml.sax
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.sax.handler import ContentHandler, feature_external_ges

import openpyxl
import pytest

from audit.edxml import UnreadableMessageError, read_message
from audit.edxml.tree import NODES_MAX, parse
from audit.sources.register_file.sheets import UnreadableFileError, read_sheets
from tests.attacks.canary import SECRET, canary

BOMB = (
    "<!DOCTYPE a ["
    "<!ENTITY e0 'lollollollol'>"
    + "".join(f"<!ENTITY e{number} '{f'&e{number - 1};' * 10}'>" for number in range(1, 5))
    + "]><a>&e4;</a>"
)
"""120 000 letters of 400; two more lines would be 12 million."""


def external(address: str) -> str:
    return f'<!DOCTYPE a [<!ENTITY x SYSTEM "{address}">]><a>&x;</a>'


class Text(ContentHandler):
    """Collects text."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def characters(self, content: str) -> None:
        self.text += content


def naive(document: str) -> str:
    """A reader that resolves what a document asks for, as many do by default."""
    reader, text = xml.sax.make_parser(), Text()
    reader.setFeature(feature_external_ges, True)
    reader.setContentHandler(text)
    reader.parse(io.StringIO(document))
    return text.text


def test_the_danger_a_reader_that_resolves_takes_files_asks_servers_and_grows(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"<s>{SECRET}</s>")
    assert SECRET in naive(external((tmp_path / "secret").as_uri()))
    with canary() as server:
        naive(external(f"{server.url}/xxe"))
        assert server.asked == ["/xxe"]
    assert len(ET.fromstring(BOMB).text or "") > 100 * len(BOMB)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_a_message_that_declares_anything_is_refused_unread(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "secret").write_text(SECRET)
    with canary() as server:
        for document in (BOMB, external(f"{server.url}/xxe"), external((tmp_path / "secret").as_uri())):
            with pytest.raises(UnreadableMessageError) as caught:
                read_message(document.encode(encoding))
            assert SECRET not in str(caught.value)
        assert server.asked == []


def test_undeclared_entities_and_parameter_entities_are_no_way_around() -> None:
    for document in ("<a>&x;</a>", "<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/x.dtd'><a/>", "<!DOCTYPE a [%x;]><a/>"):
        with pytest.raises(UnreadableMessageError):
            parse(document.encode())


def test_many_attributes_names_and_levels_end_in_time_and_memory() -> None:
    attributes = "<a " + " ".join(f"a{number}='x'" for number in range(60_000)) + "/>"
    names = "<a>" + "".join(f"<n{number}/>" for number in range(NODES_MAX + 10)) + "</a>"
    levels = "<a>" * 200_000
    tracemalloc.start()
    begun = time.process_time()
    assert parse(attributes.encode()).name == "a"
    for document in (names, levels):
        with pytest.raises(UnreadableMessageError):
            parse(document.encode())
    assert time.process_time() - begun < 10
    assert tracemalloc.get_traced_memory()[1] < 100 * 1024 * 1024
    tracemalloc.stop()


def workbook_with(text: str, encoding: str = "utf-8") -> bytes:
    """A workbook whose only cell holds what is given, in a part that declares the entities of `BOMB`."""
    head, _, _ = BOMB.partition("<a>")
    plain, made = io.BytesIO(), io.BytesIO()
    book = openpyxl.Workbook()
    book.worksheets[0]["A1"] = "hier"
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if b"hier" in part:
                bare = part.decode().partition("?>")[2] if part.startswith(b"<?xml") else part.decode()
                part = f'<?xml version="1.0" encoding="{encoding}"?>{head}{bare.replace("hier", text)}'.encode(encoding)
            new.writestr(name, part)
    return made.getvalue()


def test_the_danger_a_workbook_grows_while_it_is_read() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_with("&e3;")))
    assert book.worksheets[0]["A1"].value == "lollollollol" * 1000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_workbook_that_declares_entities_is_refused(encoding: str) -> None:
    with pytest.raises(UnreadableFileError, match="declares entities"):
        read_sheets(workbook_with("&e3;", encoding))
