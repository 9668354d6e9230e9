"""The small registers: ``topics``, ``signers``, ``waivers``, ``recipients``, ``document_types``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationInfo, field_validator

from audit.settings.base import Code, Day, Flag, Identifier, Pattern, Section, Text, Unique, not_before, refuse

Edition = Literal["weekly_pdf", "province_book", "province_page", "agency_pdf", "agency_book", "alert"]
PROVINCE_EDITIONS: frozenset[Edition] = frozenset({"weekly_pdf", "province_book", "province_page"})
"""Editions that hold data of all agencies: never for a recipient of one agency."""
AGENCY_EDITIONS: frozenset[Edition] = frozenset({"agency_pdf", "agency_book"})
"""Editions of one agency: only for a recipient that names it."""

MailAddress = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$",
        max_length=254,
    ),
]


class Dated(Section):
    """Something in force from a day to a day, both included; None: open."""

    valid_from: Day | None = None
    valid_to: Day | None = None

    @field_validator("valid_to")
    @classmethod
    def _ordered(cls, value: date | None, info: ValidationInfo) -> date | None:
        return not_before(value, info.data.get("valid_from"))

    def in_force_on(self, day: date) -> bool:
        """Whether it is in force on a local day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class Topic(Dated):
    """A priority topic: its documents' findings are raised one step. Not the same as urgency."""

    id: Identifier
    name: Text
    patterns: Annotated[tuple[Pattern, ...], Unique, Field(min_length=1)]
    """Regular expressions, searched in the folded subject without white space and dashes."""


class Signer(Dated):
    """Who may sign for an agency, and from when to when."""

    agency: Code
    name: Text
    position: Text
    authorised: Flag = False
    """Whether an authorisation (TUQ.) is in force for these days."""


class Waiver(Dated):
    """Findings that somebody has approved of, for a time. What is given must all agree."""

    rule: Identifier | None = None
    agency: Code | None = None
    number: Text | None = None
    notation: Text | None = None
    issued_date: Day | None = None
    reason: Text
    approver: Text
    valid_from: Day
    valid_to: Day
    """A waiver without an end would be a change of the rules."""


class Recipient(Section):
    """Who gets which edition by mail."""

    address: MailAddress
    name: Text
    agency: Code | None = None
    """Gets this agency's editions only; None: the province's."""
    editions: Annotated[tuple[Edition, ...], Unique, Field(min_length=1)]

    @field_validator("editions")
    @classmethod
    def _own_data_only(cls, value: tuple[Edition, ...], info: ValidationInfo) -> tuple[Edition, ...]:
        if info.data.get("agency") is None:
            if AGENCY_EDITIONS & set(value):
                raise refuse(
                    "editions of the province (weekly_pdf, province_book, province_page, alert), or an agency beside "
                    "agency_pdf, agency_book"
                )
        elif PROVINCE_EDITIONS & set(value):
            raise refuse("editions of one agency (agency_pdf, agency_book, alert): the others hold every agency's data")
        return value


class TopicsFile(Section):
    """``topics.toml``"""

    topics: tuple[Topic, ...] = ()


class SignersFile(Section):
    """``signers.toml``"""

    signers: tuple[Signer, ...] = ()


class WaiversFile(Section):
    """``waivers.toml``"""

    waivers: tuple[Waiver, ...] = ()


class RecipientsFile(Section):
    """``recipients.toml``"""

    recipients: tuple[Recipient, ...] = ()


class WithoutAbbreviation(Section):
    """``[without_abbreviation]``"""

    kinds: Annotated[tuple[Text, ...], Unique] = ()


class DocumentTypes(Section):
    """``document_types.toml``: the 29 kinds of NĐ 30/2020, Điều 7 and their abbreviations (Phụ lục III, mục I)."""

    kinds: Mapping[Text, Text]
    """Abbreviation = name."""
    copies: Mapping[Text, Text] = Field(default_factory=dict)
    without_abbreviation: WithoutAbbreviation = WithoutAbbreviation()
