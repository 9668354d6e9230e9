"""What is fuzzed: every parser that reads what strangers made, each a function of bytes that may refuse and not crash.

A target returns for input that it takes, and for input that it refuses in the way it is documented to; anything else
that it raises is a finding. Rows that a page counts must all come out again, as rows or as rejects.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from audit.conform import Origin, PageItems, conform
from audit.edxml import UnreadableMessageError, read_message
from audit.errors import ConfigError
from audit.normalise import Normaliser
from audit.records import split
from audit.registry import Registry
from audit.settings import SHIPPED, load_settings
from audit.source import Request
from audit.sources import source_class
from audit.sources.register_file.sheets import UnreadableFileError, read_sheets, read_workbook
from reports.xlsx_notes import NotAWorklistError, read_notes
from tests.signatures.signed_files import agency, person, signed, trust, unsigned
from tests.sources import test_fuzz as pages
from tests.sources.messages import document, status
from tests.sources.server import settings_of
from tests.sources.test_register_file import FORMS

DAY = date(2021, 2, 4)


@dataclass(frozen=True, slots=True)
class Target:
    """A parser.

    Attributes:
        run: reads an input.
        seeds: good inputs to start from.
        modules: whose branches guide the search.
        length_max: longest input.
    """

    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    modules: tuple[str, ...]
    length_max: int = 20_000


def _page(kind: str) -> Callable[[bytes], None]:
    """A page of a kind of source, read as each of its tables."""
    given = pages.agency(kind)
    registry, normaliser = Registry(settings_of(given)), Normaliser(("N/A", "."))
    items = source_class(kind).items

    def run(body: bytes) -> None:
        for table in given.tables:
            try:
                rows = items(given, Request("H03", table, DAY), body)
                counted = len(split(rows))
            except ValueError:
                continue  # no page of this kind: the pull refuses it, and keeps it
            made = conform(table, [PageItems("p", 1, rows)], Origin("H03", DAY), registry, normaliser)
            if len(made.frame(table)) + made.rejects.num_rows != counted:
                raise AssertionError("a row was lost")

    return run


def _rows() -> Callable[[bytes], None]:
    """Rows of the log interface alone: whatever JSON, as each table."""
    registry, normaliser = Registry(settings_of(pages.agency("log_api"))), Normaliser(("N/A", "."))

    def run(body: bytes) -> None:
        try:
            counted = len(split(body))
        except ValueError:
            return
        for table in pages.TABLES:
            made = conform(table, [PageItems("p", 1, body)], Origin("H03", DAY), registry, normaliser)
            if len(made.frame(table)) + made.rejects.num_rows != counted:
                raise AssertionError("a row was lost")

    return run


def _message(body: bytes) -> None:
    with contextlib.suppress(UnreadableMessageError):
        read_message(body)


def _csv(body: bytes) -> None:
    if body.startswith(b"PK"):
        return
    with contextlib.suppress(UnreadableFileError):
        read_sheets(body)


def _workbook(body: bytes) -> None:
    with contextlib.suppress(UnreadableFileError):
        read_workbook(body)


def _signatures(body: bytes) -> None:
    from audit.signatures import verify  # noqa: PLC0415  # loads slowly

    verify(body, trust())


def _settings(name: str) -> Callable[[bytes], None]:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))

    def run(body: bytes) -> None:
        (folder / name).write_bytes(body)
        try:
            load_settings(folder)
        except ConfigError as error:
            if not str(error):
                raise AssertionError("a mistake without a word") from error

    return run


def _returned(body: bytes) -> None:
    place = Path(tempfile.gettempdir()) / "returned.xlsx"
    place.write_bytes(body)
    with contextlib.suppress(NotAWorklistError):
        read_notes(place, {"f1": "H03.12"}, frozenset({"Mới"}), "H03.12")


@cache
def _signed() -> bytes:
    return signed(signed(unsigned(), person()), agency())


def _shipped(name: str) -> Callable[[], list[bytes]]:
    return lambda: [(SHIPPED / name).read_bytes()]


WAIVER = b"""[[waivers]]
rule = "late_send"
agency = "H03.12"
issued_date = 2021-02-04
reason = "x"
approver = "y"
valid_from = 2021-02-01
valid_to = 2021-03-01
"""

TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        "log_api": Target(_page("log_api"), lambda: pages.SEEDS["log_api"], ("audit.sources.log_api", "audit.records")),
        "rows": Target(_rows(), lambda: [pages.LOG_PAGE[pages.LOG_PAGE.index(b"[") : -15]], ("audit.columns", "audit.instants", "audit.normalise")),
        "edxml_page": Target(_page("edxml"), lambda: pages.SEEDS["edxml"], ("audit.sources.edxml", "audit.archive")),
        "edxml": Target(_message, lambda: [document()], ("audit.edxml",)),
        "status": Target(_message, lambda: [status()], ("audit.edxml",)),
        "vxp": Target(_page("vxp"), lambda: pages.SEEDS["vxp"], ("audit.sources.vxp", "audit.axis")),
        "lgsp": Target(_page("lgsp"), lambda: pages.SEEDS["lgsp"], ("audit.sources.lgsp", "audit.axis")),
        "csv": Target(_csv, lambda: [body for body in FORMS.values() if body[:2] != b"PK"], ("audit.sources.register_file",)),
        "workbook": Target(_workbook, lambda: [body for body in FORMS.values() if body[:2] == b"PK"], ("openpyxl.reader", "audit.archive")),
        "signatures": Target(_signatures, lambda: [_signed(), unsigned()], ("audit.signatures", "pyhanko.pdf_utils"), 200_000),
        "rules": Target(_settings("rules.toml"), _shipped("rules.toml"), ("audit.settings",)),
        "agencies": Target(_settings("agencies.toml"), lambda: [b'[province]\ncode = "H03"\nname = "B"\nplace = "B"\n[[agencies]]\ncode = "H03"\nname = "U"\nkind = "other"\n'], ("audit.settings",)),
        "waivers": Target(_settings("waivers.toml"), lambda: [WAIVER], ("audit.settings",)),
        "returned": Target(_returned, lambda: [FORMS["xlsx"]], ("reports.xlsx_notes",)),
    }
)  # fmt: skip
