"""The settings: a folder of TOML files → one frozen, validated value.

``load_settings`` reports all mistakes of all files at once. A file absent from the folder is taken from the shipped
``config/``; a key absent from a file takes its default. Every section is a frozen model in a module of this package;
what a key means, its unit and its default stand there and in the comments of ``config/*.toml``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from audit.errors import ConfigError, Mistake
from audit.settings.agencies import AgenciesFile, Agency, Province, SourceSettings
from audit.settings.base import AgencyKind, Section, Severity, Table
from audit.settings.calendar import CalendarSettings, SessionHours
from audit.settings.crosschecks import check
from audit.settings.deployment import AuditSettings
from audit.settings.labels import Labels, RuleLabel
from audit.settings.law import Instrument, Law, PolicyGround, Provision
from audit.settings.loading import SHIPPED, SettingsFile
from audit.settings.parts import Parts
from audit.settings.policy import Limits, Policy, RuleSettings
from audit.settings.registers import (
    DocumentTypes,
    Edition,
    Recipient,
    RecipientsFile,
    Signer,
    SignersFile,
    Topic,
    TopicsFile,
    Waiver,
    WaiversFile,
)
from audit.settings.secrets import Reference, Secret
from audit.settings.tells import SourceKind, Tells

__all__ = [
    "SHIPPED",
    "Agency",
    "AgencyKind",
    "AuditSettings",
    "CalendarSettings",
    "DocumentTypes",
    "Edition",
    "Instrument",
    "Labels",
    "Law",
    "Limits",
    "Policy",
    "PolicyGround",
    "Province",
    "Provision",
    "Recipient",
    "Reference",
    "RuleLabel",
    "RuleSettings",
    "Secret",
    "SessionHours",
    "Settings",
    "Severity",
    "Signer",
    "SourceKind",
    "SourceSettings",
    "Table",
    "Tells",
    "Topic",
    "Waiver",
    "load_settings",
]

_FILES: Final[Mapping[str, tuple[type[Section], tuple[str, ...]]]] = {
    "agencies": (AgenciesFile, ("agencies.toml",)),
    "calendar": (CalendarSettings, ("calendar.toml",)),
    "policy": (Policy, ("rules.toml",)),
    "topics": (TopicsFile, ("topics.toml",)),
    "signers": (SignersFile, ("signers.toml",)),
    "waivers": (WaiversFile, ("waivers.toml",)),
    "recipients": (RecipientsFile, ("recipients.toml",)),
    "document_types": (DocumentTypes, ("document_types.toml", "document-types.toml")),
    "law": (Law, ("law.toml",)),
    "labels": (Labels, ("labels.vi.toml",)),
    "audit": (AuditSettings, ("audit.toml",)),
}


class Settings(Section):
    """Everything that can be set."""

    province: Province
    agencies: tuple[Agency, ...]
    calendar: CalendarSettings
    policy: Policy
    topics: tuple[Topic, ...]
    signers: tuple[Signer, ...]
    waivers: tuple[Waiver, ...]
    recipients: tuple[Recipient, ...]
    document_types: DocumentTypes
    law: Law
    labels: Labels
    audit: AuditSettings
    folder: Path
    """Folder that was read; relative paths in the settings are relative to the working directory, not to it."""
    digest: str
    """SHA-256 (hex) over the files as read, for runs: the same digest, the same settings."""

    @property
    def priority_topic(self) -> Topic | None:
        """The topic that page 1 speaks of: the one that ``audit.toml`` names, else the first; None without topics."""
        named = (topic for topic in self.topics if self.audit.priority_topic in {None, topic.id})
        return next(named, None)

    def with_engine(self, dask: str) -> Settings:
        """The same, judging on the Dask cluster at an address; ``""``: on this machine."""
        judge = self.audit.judge.model_copy(update={"dask": dask})
        return self.model_copy(update={"audit": self.audit.model_copy(update={"judge": judge})})

    @property
    def conform_digest(self) -> str:
        """SHA-256 (hex) of what conforming depends on: codes, aliases, how files are read, placeholders, zone."""
        names = [[agency.code, *agency.aliases] for agency in self.agencies]
        readings = {agency.code: agency.source.reading for agency in self.agencies if agency.source is not None}
        for agency in self.agencies:
            readings |= {f"{agency.code} {source.name}": source.reading for source in agency.more_sources}
        depends_on = [
            names,
            readings,
            self.policy.placeholders.model_dump(mode="json"),
            self.calendar.timezone,
        ]
        return hashlib.sha256(json.dumps(depends_on, ensure_ascii=False).encode()).hexdigest()


def load_settings(config_dir: Path | None = None) -> Settings:
    """The settings of a folder; None: the shipped ones.

    Raises:
        ConfigError: With every mistake of every file, in the order of files and keys.
    """
    if config_dir is not None and not config_dir.is_dir():
        raise ConfigError.of(str(config_dir), "", "(not a folder)", "a folder that holds settings (TOML)")
    files = {attribute: SettingsFile(config_dir, names) for attribute, (_, names) in _FILES.items()}
    read: dict[str, Any] = {}
    mistakes: list[Mistake] = []
    for attribute, (model, _) in _FILES.items():
        read[attribute], found = files[attribute].read_as(model)
        mistakes += found
    names = {attribute: file.name for attribute, file in files.items()}
    raw = {attribute: file.raw for attribute, file in files.items()}
    mistakes += check(Parts(raw=raw, names=names, models=read))
    if mistakes:
        raise ConfigError(tuple(sorted(set(mistakes))))
    return Settings.model_construct(
        province=read["agencies"].province,
        agencies=read["agencies"].agencies,
        topics=read["topics"].topics,
        signers=read["signers"].signers,
        waivers=read["waivers"].waivers,
        recipients=read["recipients"].recipients,
        folder=config_dir or SHIPPED,
        digest=_digest(files),
        **{key: read[key] for key in ("calendar", "policy", "document_types", "law", "labels", "audit")},
    )


def _digest(files: Mapping[str, SettingsFile]) -> str:
    lines = (f"{attribute} {file.sha256}\n" for attribute, file in files.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()
