"""What a rule is, and the two forms in which it answers.

A rule lives in a file of its own in `audit/rules/`, named by its id. The file's docstring is the rule's documentation
(sections Basis, Population, Breach, No breach) and the module holds one constant `RULE`. `judge` is a pure function
of the facts: it looks at no clock, no file and no other rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from audit.working_time import NAT

if TYPE_CHECKING:
    from audit.facts import Facts

type_of_members = Literal[
    "pair", "document", "message", "receipt", "status", "event", "send", "series", "agency", "day", "endpoint"
]


class Severity(IntEnum):
    """How grave a breach is; a priority topic raises it by one step, up to critical (rules.md section 1)."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def weight(self) -> int:
        """The weight of the rule in the compliance index: 1, 2, 4, 8 (rules.md section 3)."""
        return 1 << (self.value - 1)

    @property
    def text(self) -> str:
        """The word used in findings and configuration: low, medium, high, critical."""
        return self.name.lower()


MEMBER_COLUMNS = {
    "agency": "int64",  # index of the blamed agency in facts.agencies
    "decided": "bool",  # its compliance or breach could be told
    "breach": "bool",  # decided, and not as the rule wants it
    "suspected": "bool",  # not decided, and what is in hand is not as the rule wants it
    "document": "int64",  # index in facts.documents, -1 where the member has none
    "recipient": "int64",  # index in facts.agencies of the recipient named in the finding, -1 = none
    "counterpart": "int64",  # index of the other side, -1 = none
    "anchored_at": "int64",  # microseconds
    "deadline_at": "int64",  # microseconds, NAT = the rule has none
    "observed_at": "int64",  # microseconds: when what was late happened, NAT = it did not
    "severity": "int64",  # a Severity; urgent members may be graver than the rule's base
    "extra": "object",  # text that tells findings of one member apart, "" where not applicable
}

NO_MEMBER: dict[str, Any] = {
    "document": -1,
    "recipient": -1,
    "counterpart": -1,
    "deadline_at": NAT,
    "observed_at": NAT,
    "extra": "",
}
"""What a member has where its rule says nothing."""

FINDING_COLUMNS = ("member", "recipient", "extra", "detail")

OWN_COLUMNS = {
    "sender": "int64",  # index in facts.agencies of whose document it is; by default that of the member's document
    "number": "object",  # the key as people read it, None where not applicable
    "notation": "object",
    "issued_date": "object",  # a day, `2021-02-04`, or a year
    "anchored_at": "int64",  # microseconds
    "deadline_at": "int64",
    "observed_at": "int64",
    "witness": "int64",  # index in facts.documents: whose rows are the evidence, where the finding is about no document
}
"""Columns that the findings of a rule may have beside `FINDING_COLUMNS`, where one member has findings that differ in
more than `extra`. A column that is there stands for all findings of the rule."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a rule says of its whole population.

    Attributes:
        members: one row a member of the population in the period, columns `MEMBER_COLUMNS`. Members left out by a
            flag, an exemption or another finding are not there.
        findings: one row a finding: `member` (position in `members`), `recipient` (index, -1 = none), `extra` (text),
            `detail` (dict of plain values, or None), and some of `OWN_COLUMNS`. Members with `breach` have at least
            one.
        suspected: what would be findings of undecided members if nothing else came, as `findings`; None: one each of
            the members that are `suspected`. Nobody is blamed for it, but what was found before is not resolved by it.
    """

    members: pd.DataFrame
    findings: pd.DataFrame
    suspected: pd.DataFrame | None = None

    @property
    def suspicions(self) -> pd.DataFrame:
        """`suspected`, never None."""
        if self.suspected is not None:
            return self.suspected
        place = np.flatnonzero(self.members["suspected"].to_numpy())
        return findings(
            place, self.members["recipient"].to_numpy()[place], self.members["extra"].to_numpy(dtype=object)[place]
        )

    def without(self, agencies: np.ndarray) -> Verdicts:
        """The verdicts without the members that are blamed on these agencies, given as a mask over their indexes."""
        kept = ~agencies[self.members["agency"].to_numpy()]
        if kept.all():
            return self
        return Verdicts(
            self.members[kept].reset_index(drop=True),
            _of_members(self.findings, kept),
            None if self.suspected is None else _of_members(self.suspected, kept),
        )


def _of_members(found: pd.DataFrame, kept: np.ndarray) -> pd.DataFrame:
    """The findings of those members that are kept, which move up."""
    places = np.cumsum(kept) - 1
    found = found[kept[found["member"].to_numpy()]].reset_index(drop=True)
    return found.assign(member=places[found["member"].to_numpy()])


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the catalogue.

    Attributes:
        code: as in rules.md section 2, e.g. `G1`.
        id: the file's name, the word in findings and configuration, e.g. `failed_send`.
        severity: the base severity, before urgency and topic.
        member: the word in the population column of rules.md.
        judge: the pure function.
        elapsed: delays are elapsed minutes (limits that run day and night), not working minutes. Where a rule has
            both kinds of limits (N4), those of urgent documents are elapsed.
        follows_topic: a priority topic of the document's subject raises the severity.
    """

    code: str
    id: str
    severity: Severity
    member: type_of_members
    judge: Callable[[Facts], Verdicts]
    elapsed: bool = field(default=False)
    follows_topic: bool = field(default=True)

    @property
    def group(self) -> str:
        """The letter of the rule group: G N T Q K D L R M H."""
        return self.code[0]


def members(
    agency: np.ndarray,
    decided: np.ndarray,
    breach: np.ndarray,
    anchored_at: np.ndarray,
    severity: Severity | np.ndarray,
    **columns: Any,
) -> pd.DataFrame:
    """The members' frame with all columns of `MEMBER_COLUMNS`; those not given take their "none" value.

    `breach` is masked by `decided`: what could not be told is never a breach, but `suspected`.
    """
    told: dict[str, Any] = {
        "agency": agency,
        "decided": decided,
        "breach": decided & breach,
        "suspected": ~decided & breach,
        "anchored_at": anchored_at,
        "severity": severity,
    }
    given = NO_MEMBER | columns | told
    frame = {name: _column(given[name], dtype, len(agency)) for name, dtype in MEMBER_COLUMNS.items()}
    # as a Series: else pandas looks through all texts to find out what they are
    return pd.DataFrame(frame | {"extra": pd.Series(frame["extra"], dtype=object)}, copy=False)


def _column(value: Any, dtype: str, size: int) -> np.ndarray:
    """An array of the type, which nobody writes to; a scalar is repeated, and takes no memory."""
    if np.ndim(value):
        return np.asarray(value, dtype=dtype)
    return np.broadcast_to(np.array(value, dtype=dtype), size)


def one_finding_each(frame: pd.DataFrame, detail: list[dict[str, object]] | None = None) -> Verdicts:
    """Verdicts in which every breaching member has exactly one finding.

    Args:
        frame: the members.
        detail: a dict for every member in breach, in their order; None where there is nothing to add.
    """
    position = np.flatnonzero(frame["breach"].to_numpy())
    return Verdicts(
        frame, findings(position, frame["recipient"].to_numpy()[position], frame["extra"].to_numpy()[position], detail)
    )


def findings(
    member: np.ndarray,
    recipient: np.ndarray | int,
    extra: Any,
    detail: list[dict[str, object]] | None = None,
    **own: Any,
) -> pd.DataFrame:
    """The findings' frame of `Verdicts`; scalars are repeated.

    Args:
        member: positions in the members' frame.
        recipient: as in `Verdicts`.
        extra: as in `Verdicts`.
        detail: as in `Verdicts`.
        **own: columns of `OWN_COLUMNS` in which the findings differ from their member.
    """
    size = len(member)
    told = np.full(size, None, dtype=object) if detail is None else np.fromiter(detail, dtype=object, count=size)
    columns = {
        "member": _column(member, "int64", size),
        "recipient": _column(recipient, "int64", size),
        "extra": _column(extra, "object", size),
        "detail": told,
    }
    columns |= {name: _column(value, OWN_COLUMNS[name], size) for name, value in own.items()}
    texts = {name: pd.Series(column, dtype=object) for name, column in columns.items() if column.dtype == object}
    return pd.DataFrame(columns | texts, copy=False)
