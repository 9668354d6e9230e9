"""The province's systems on loopback, each in its dialect, and the configuration that reaches them: `serve`."""

from __future__ import annotations

import hashlib
import hmac
import tempfile
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from audit.simulator.configuration import write_config
from audit.simulator.dialects import Dialect
from audit.simulator.dialects.systems import Systems
from audit.simulator.pages import PAGE_ROWS, Answer, Pages, refusal
from audit.simulator.province import Province
from audit.simulator.web import Asked, Servers, Service

_SECOND: Final = " second"
"""Behind an agency's code: the server of its second log."""


@dataclass(frozen=True, slots=True)
class Served:
    """A running province.

    Attributes:
        config: Folder for ``run_audit.py --config``.
        base_urls: Address of each agency that is pulled.
        tokens: Its token, or whatever its dialect has for a secret.
        probes: JSONL file for ``run_audit.py probe --import``; None where nothing was probed.
        dialects: What each agency speaks; those that are not here speak the plain interface.
        down: Agencies whose systems answer 503 as long as they are in it.
    """

    config: Path
    base_urls: dict[str, str]
    tokens: dict[str, str]
    probes: Path | None
    dialects: Mapping[str, Dialect] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)


@contextmanager
def serve(
    province: Province,
    folder: Path | None = None,
    *,
    page_rows: int = PAGE_ROWS,
    prepare: bool = False,
    dialects: Mapping[str, Dialect] | None = None,
    further: Mapping[str, Dialect] | None = None,
) -> Iterator[Served]:
    """Serves the logs of a province until the block is left.

    Args:
        province: What to serve.
        folder: Where the configuration is written, and the files of those who drop files; None: a temporary folder.
        page_rows: Rows of a page of the plain interface.
        prepare: Encode all pages first, so that the first pull is as fast as the second.
        dialects: What each agency speaks (`audit.simulator.dialects.assigned`); None: all the plain interface. The
            hashes of the province's files are changed to those of bytes that can be carried.
        further: A second log of some agencies, in another dialect than the plain one, beside that of their system.

    Raises:
        OSError: No free port.
    """
    pages = Pages(province, page_rows)
    tokens = {code: token_of(province.options.seed, code) for code in province.offices if code not in province.unpulled}
    with tempfile.TemporaryDirectory(prefix="province-") as spare:
        place = folder or Path(spare)
        systems = Systems(province, place / "dropped", dialects or {}) if dialects or further else None
        services: dict[str, Service] = {}
        down: set[str] = set()
        for code, token in tokens.items():
            spoken = systems.service(code, token) if systems else None
            services[code] = _unless_down(code, spoken or _Plain(pages, code, token), down)
        if prepare:
            pages.prepare()
        others = Systems(province, place / "second", further, systems.contents) if systems and further else None
        second = {code: others.service(code, tokens[code]) for code in further or {}} if others else {}
        behind = {f"{code}{_SECOND}": service for code, service in second.items() if service is not None}
        with Servers(services | behind) as found:
            base_urls = {code: url for code, url in found.items() if code not in behind}
            sources: dict[str, dict[str, Any]] = {}
            for code, url in base_urls.items():
                sources[code] = (systems.source(code, url) if systems else None) or {"kind": "log_api", "base_url": url}
            more = {code: others.source(code, found[f"{code}{_SECOND}"]) or {} for code in second} if others else {}
            config, probes = write_config(province, place, sources, tokens, more)
            yield Served(config, base_urls, tokens, probes, dialects or {}, down)


def token_of(seed: int, agency: str) -> str:
    """An agency's token: the same for the same province, and of no use anywhere else."""
    return hashlib.sha256(f"token {seed} {agency}".encode()).hexdigest()[:32]


def _unless_down(code: str, service: Service, down: Container[str]) -> Service:
    return lambda asked: refusal(503, "service unavailable") if code in down else service(asked)


class _Plain:
    """The plain log interface of one agency."""

    def __init__(self, pages: Pages, agency: str, token: str) -> None:
        self._pages, self._agency, self._token = pages, agency, token

    def __call__(self, asked: Asked) -> Answer:
        if asked.method != "GET":
            return refusal(405, "only GET")
        credentials = asked.headers.get("authorization", "")
        if not hmac.compare_digest(credentials.encode("latin-1"), f"Bearer {self._token}".encode("latin-1")):
            return refusal(401, "a valid token is needed")
        prefix, _, table = asked.path.rpartition("/")
        if prefix == "/v1/files":
            return self._pages.paper(self._agency, table)
        if prefix != "/v1/log":
            return refusal(404, "not kept")
        return self._pages.answer(self._agency, table, asked.query.get("day", ""), asked.query.get("cursor", ""))
