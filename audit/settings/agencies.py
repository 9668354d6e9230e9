"""``agencies.toml``: the province, its agencies, what their systems can tell, and how to reach them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

from audit.settings.base import (
    AgencyKind,
    Code,
    Day,
    Flag,
    Positive,
    Seconds,
    Section,
    Table,
    Text,
    Unique,
    not_before,
    refuse,
)
from audit.settings.secrets import Reference
from audit.settings.tells import ALL_TABLES, SourceKind, Tells, tells_of, together

NEEDED_KEYS: Mapping[str, frozenset[str]] = {
    "log_api": frozenset({"base_url", "token"}),
    "vxp": frozenset({"base_url", "system_id", "secret"}),
    "lgsp": frozenset({"base_url", "system_id", "secret"}),
    "edxml": frozenset({"path"}),
    "register_file": frozenset({"path"}),
}
"""Keys without which a kind of source cannot work. Any key of `SourceSettings` may stand beside them."""


def _web_address(value: str) -> str:
    """An http(s) address without credentials, query or fragment: the settings are copied around."""
    try:
        parts = urlsplit(value)
        port_reads = parts.port is None or parts.port > 0
    except ValueError:
        port_reads, parts = False, urlsplit("")
    plain = parts.scheme in {"http", "https"} and parts.hostname and not (parts.query or parts.fragment)
    if not (plain and port_reads) or "@" in parts.netloc or any(letter.isspace() for letter in value):
        raise refuse("an address http(s)://host[:port][/path] without user, password, query and fragment")
    return value.rstrip("/")


def _code_or_alias(value: str) -> str:
    code = value.strip().upper()
    if code != value:
        raise refuse("a code in capitals, without blanks around it")
    return value


def _without_tls(value: str) -> str:
    # TLS within a proxy's TLS is not bounded in time, and for http:// systems requests does not verify the proxy
    if urlsplit(value).scheme != "http":
        raise refuse("an http:// proxy; what is asked of an https:// system is encrypted within it all the same")
    return value


WebAddress = Annotated[Text, AfterValidator(_web_address)]
ProxyAddress = Annotated[WebAddress, AfterValidator(_without_tls)]
Alias = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_code_or_alias)]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", max_length=100)]


class Province(Section):
    """The province whose report it is."""

    code: Code
    """Prefix of all its agencies' codes."""
    name: Text
    place: Text
    """Place line of its documents: ``Bắc Kạn``."""
    valid_from: Day | None = None
    valid_to: Day | None = None
    successor: Code | None = None
    """Code of the province that it became part of; need not be in this registry."""

    @field_validator("valid_to")
    @classmethod
    def _ordered(cls, value: date | None, info: ValidationInfo) -> date | None:
        return not_before(value, info.data.get("valid_from"))


class SourceSettings(Section):
    """How to reach one agency's system. Secrets stand here by reference only; `audit.settings.secrets` opens them."""

    kind: SourceKind
    base_url: WebAddress | None = None
    token: Reference | None = None
    header: HeaderName = "Authorization"
    """Header that carries the token; ``Authorization`` gets ``Bearer`` before it."""
    ca_file: str = ""
    """Own CA bundle (PEM); ``""``: the system's."""
    client_cert: str = ""
    client_key: str = ""
    proxy: ProxyAddress | Literal[""] = ""
    timeout_s: Seconds = 30.0
    """Longest wait for the connection and between two bytes, in seconds."""
    page_bytes_max: Positive = 64 * 1024 * 1024
    """Largest answer that is read, decompressed, in bytes."""
    pages_max: Annotated[Positive, Field(lt=1_000_000)] = 10_000
    """Most pages of one table and day; more is a system that goes in circles."""
    requests_per_second: Annotated[float, Field(strict=True, gt=0, le=1000)] = 20.0
    health_url: WebAddress | Literal[""] = ""
    """What the probe asks; ``""``: ``{base_url}/v1/health``."""
    files: Flag = False
    """Whether the agency lets the audit fetch files and verify signatures itself."""
    path: str = ""
    """Folder or file pattern of sources that read files; ``{day}`` stands for ``YYYY-MM-DD``."""
    mapping: Mapping[Text, Text] = Field(default_factory=dict)
    """Heading in the file = column of the contract, for workbooks and CSV with headings of their own."""
    direction: Literal["outgoing", "incoming", ""] = ""
    sheet: str = ""
    date_formats: tuple[Text, ...] = ()
    """`strptime` patterns tried in this order before the well-known ones."""
    system_id: str = ""
    secret: Reference | None = None
    username: str = ""
    password: Reference | None = None
    private_key: Reference | None = None
    """Of an SFTP server: the key that opens it, without a passphrase."""
    known_hosts: str = ""
    """Of an SFTP server: a file of host keys, as OpenSSH has it, in which the server's stands."""
    host_key: str = ""
    """Of an SFTP server: its public key itself (``ssh-ed25519 AAAA…``), instead of `known_hosts`."""

    @property
    def reading(self) -> list[Any]:
        """How its files are read, as values of JSON: what the rows of a page depend on beside the page."""
        return [self.kind, dict(self.mapping), self.direction, self.sheet, self.date_formats, "{day}" in self.path]

    @property
    def is_sftp(self) -> bool:
        """Whether its files lie on an SFTP server."""
        return self.path.lower().startswith("sftp://")

    @property
    def probe_url(self) -> str:
        """What the probe asks; ``""`` where there is nothing to ask."""
        return self.health_url or (f"{self.base_url}/v1/health" if self.base_url else "")


def _document_url(pattern: str) -> str:
    """A web address with places for what is known of a document; anything else would break every link."""
    allowed = "an address such as https://qlvb.example/van-ban?so={number}&kh={notation}"
    if not pattern:
        return pattern
    try:
        shown = pattern.format(number="1", notation="UBND")
    except (KeyError, IndexError, ValueError):
        raise refuse(allowed) from None
    parts = urlsplit(shown)
    if parts.scheme not in {"http", "https"} or not parts.hostname or shown == pattern or re.search(r"[\s\"<>]", shown):
        raise refuse(allowed)
    return pattern


class FurtherSource(SourceSettings):
    """Another log of the same agency: beside its own system's, say, what the axis keeps of it."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=20)]
    """Its name in evidence, coverage and messages."""


class Agency(Section):
    """One agency of the registry; what it tells is what its settings say and its kinds of source can."""

    model_config = ConfigDict(validate_default=True)

    code: Code
    name: Text
    kind: AgencyKind
    aliases: Annotated[tuple[Alias, ...], Unique] = ()
    notations: Annotated[tuple[Text, ...], Unique] = ()
    """Organ parts of its notations (``SNV``); none: rule Q4 is not tested."""
    valid_from: Day | None = None
    valid_to: Day | None = None
    """Last day, included."""
    successor: Code | None = None
    """Who answers for it from the day after `valid_to`."""
    log_of: Code | None = None
    """Whose log holds its rows; None: its own."""
    pulled: Flag | None = None
    """Whether its log is fetched; None: whether there is a `source`."""
    document_url: Annotated[str, AfterValidator(_document_url)] = ""
    """Where its system shows a document, with `{number}`, `{notation}` in their places; ``""``: nowhere."""
    source: SourceSettings | None = None
    more_sources: tuple[FurtherSource, ...] = ()
    """Further logs of the agency, merged with that of `source`."""
    # the fields below are narrowed by what its kinds of source can tell, so those stand before them
    reports_forwarding: Flag = True
    reports_completion: Flag = True
    reports_signatures: Flag = True
    register_whole: Flag = False
    """Whether its outgoing register holds paper documents too."""
    tables: Annotated[tuple[Table, ...], Unique, Field(min_length=1)] = ALL_TABLES

    @field_validator("valid_to")
    @classmethod
    def _ordered(cls, value: date | None, info: ValidationInfo) -> date | None:
        return not_before(value, info.data.get("valid_from"))

    @field_validator("reports_forwarding", "reports_completion", "reports_signatures", "register_whole")
    @classmethod
    def _told_by_source(cls, value: bool, info: ValidationInfo) -> bool:
        told = _tells(info.data)
        flags = {
            "reports_forwarding": told.forwarding,
            "reports_completion": told.completion,
            "reports_signatures": told.signatures,
            "register_whole": told.whole_register,
        }
        return value and flags[str(info.field_name)]

    @field_validator("tables")
    @classmethod
    def _kept_by_source(cls, value: tuple[Table, ...], info: ValidationInfo) -> tuple[Table, ...]:
        told = _tells(info.data).tables
        kept = tuple(table for table in value if table in told)
        if not kept:
            raise refuse(f"at least one of the tables that its kind of source tells: {', '.join(told)}")
        return kept

    @property
    def tells(self) -> Tells:
        """What its kinds of source can tell, together."""
        return _tells({"source": self.source, "more_sources": self.more_sources})

    @property
    def source_names(self) -> tuple[str, ...]:
        """Names of its sources: ``""`` for `source`, then those of the further ones in order; none where none is."""
        further = sorted(source.name for source in self.more_sources)
        return () if self.source is None else ("", *further)

    def through(self, name: str) -> Agency:
        """The agency as it is seen through one of its sources alone.

        Args:
            name: Of `source_names`. A name that is none of them, of a source that was there once, is seen as `source`.
        """
        found = next((source for source in self.more_sources if source.name == name), self.source)
        if found is None or not self.more_sources:
            return self
        told = tells_of(found.kind, found.direction)
        return self.model_copy(
            update={
                "source": found,
                "more_sources": (),
                "tables": tuple(table for table in self.tables if table in told.tables),
            }
        )

    @property
    def untold_rules(self) -> frozenset[str]:
        """Ids of the rules that cannot be judged of it, because its kind of source does not tell enough."""
        return self.tells.untold_rules

    @property
    def is_pulled(self) -> bool:
        """Whether the audit fetches this agency's log: `pulled` where it is given, else whether there is a source."""
        return self.source is not None if self.pulled is None else self.pulled


def _tells(fields: Mapping[str, Any]) -> Tells:
    """What the sources among an agency's fields tell together; without one, everything that its settings say."""
    source, further = fields.get("source"), fields.get("more_sources") or ()
    if not isinstance(source, SourceSettings):
        return Tells()
    return together([tells_of(one.kind, one.direction) for one in (source, *further)])


class AgenciesFile(Section):
    """The whole of ``agencies.toml``."""

    province: Province
    agencies: Annotated[tuple[Agency, ...], Field(min_length=1)]
