"""What every section of the settings is made of: a frozen model that knows no other key than its own, and typed values.

TOML already types its values, so nothing is converted: ``"4"`` is no number and ``1`` is no flag.
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from audit.settings.patterns import is_bounded

TEXT_MAX = 2_000
"""Longest text of the settings; what is longer is a slip of the keyboard or an attack."""
PATTERN_MAX = 500
"""Longest regular expression."""


class Section(BaseModel):
    """A table of a settings file: frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def refuse(allowed: str) -> PydanticCustomError:
    """The error of a validator: `allowed` says what may stand there."""
    # pydantic formats its templates: braces of ours are not places
    return PydanticCustomError("settings", "{allowed}", {"allowed": allowed})


def _plain_date(value: Any) -> Any:
    """A TOML date, or the same as text; neither a number nor a date with a time."""
    if type(value) is date:
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise refuse("a date, YYYY-MM-DD")


def _clock(value: Any) -> Any:
    """A TOML local time, or ``"HH:MM"``."""
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        return time.fromisoformat(value)
    if type(value) is time and value.tzinfo is None and not value.microsecond:
        return value
    raise refuse('a time of the day, "HH:MM"')


def _pattern(value: str) -> str:
    """A regular expression that compiles and cannot explode."""
    try:
        bounded = is_bounded(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise refuse(f"a regular expression ({getattr(error, 'msg', 'too deep')})") from None
    if not bounded:
        raise refuse(
            "a regular expression without a repeated group that itself repeats or chooses, such as (a+)+ or (a|b)*, "
            "and with one .* at most: it would be tried for hours on some texts"
        )
    return value


def _unique(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) != len(values):
        raise refuse("each entry once")
    return values


Day = Annotated[date, BeforeValidator(_plain_date)]
Clock = Annotated[time, BeforeValidator(_clock)]
Flag = StrictBool
Whole = Annotated[StrictInt, Field(ge=0, le=10**9)]
Positive = Annotated[StrictInt, Field(ge=1, le=10**9)]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Seconds = Annotated[float, Field(strict=True, gt=0, le=86_400)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_MAX)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z]\d{2}(\.[0-9A-Z]+)*$", max_length=35)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=80)]
Pattern = Annotated[Text, StringConstraints(max_length=PATTERN_MAX), AfterValidator(_pattern)]
Unique = AfterValidator(_unique)

Severity = Literal["critical", "high", "medium", "low"]
Table = Literal["documents", "sends", "receipts", "statuses"]
AgencyKind = Literal[
    "people_committee_province",
    "people_committee_district",
    "people_committee_commune",
    "people_council",
    "department",
    "public_service_unit",
    "party",
    "mass_organisation",
    "other",
]


def not_before(valid_to: date | None, valid_from: date | None) -> date | None:
    """`valid_to`, which may not lie before `valid_from`; both days are included."""
    if valid_to is not None and valid_from is not None and valid_to < valid_from:
        raise refuse(f"a date not before valid_from ({valid_from.isoformat()})")
    return valid_to
