"""``law.toml``: instruments, provisions with their validity, and what each rule cites. `audit.law` picks by date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from audit.settings.base import Day, Identifier, Section, Text, Unique
from audit.settings.registers import Dated

Sure = Literal["T", "S"]
"""T: the provision's text was seen; S: an official portal or newspaper restates it. Weaker knowledge is not printed."""


class Instrument(Dated):
    """A law, decree, decision, circular or letter."""

    id: Identifier
    name: Text
    """As cited: ``Nghị định số 30/2020/NĐ-CP``."""
    title: str = ""
    """``về công tác văn thư``; ``""`` where no text was seen."""
    issuer: Text
    issued_on: Day | None = None
    basis: Literal["law", "policy"] = "law"
    """``policy``: an instruction of the province or a programme, printed as such."""


class Provision(Dated):
    """A place in an instrument. Its validity is the instrument's, narrowed by its own days."""

    id: Identifier
    instrument: Identifier
    place: str = ""
    """``điểm d khoản 2 Điều 4``; ``""``: the instrument as a whole."""
    gist: Text
    """What it demands, in one sentence."""
    sure: Sure


class PolicyGround(Dated):
    """What the province's own rules decide, ``rules.toml`` mostly: printed as policy, never as law."""

    id: Identifier
    text: Text
    """May hold ``{value}``, ``{khan}``, ``{thuong_khan}``, ``{hoa_toc}``: what stands under `key`."""
    key: str = ""
    """Path in ``rules.toml``, e.g. ``limits.undelivered_hours``; ``""``: no single key."""


class Law(Section):
    """The whole of ``law.toml``."""

    instruments: Annotated[tuple[Instrument, ...], Field(min_length=1)]
    provisions: tuple[Provision, ...] = ()
    policies: tuple[PolicyGround, ...] = ()
    rules: Mapping[str, Annotated[tuple[Identifier, ...], Unique, Field(min_length=1)]]
    """Rule id = ids of provisions and policies, in the order in which they are printed."""
