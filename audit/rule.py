"""What a rule is, and the two forms in which it answers.

A rule lives in a file of its own in `audit/rules/`, named by its id. The file's docstring is the rule's documentation
(sections Basis, Population, Breach, No breach) and the module holds one constant `RULE`. `judge` is a pure function
of the facts: it looks at no clock, no file and no other rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from audit.array_records import taken
from audit.working_time import NAT

if TYPE_CHECKING:
    from audit.facts import Facts
    from audit.facts.arrays import Ints, Mask
    from audit.facts.texts import Texts as Objects

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


@dataclass(frozen=True, slots=True)
class Members:
    """The population of a rule in the period, an element a member.

    Members left out by a flag, an exemption or another finding are not there.

    Attributes:
        agency: Index of the blamed agency in facts.agencies.
        decided: Its compliance or breach could be told.
        breach: Decided, and not as the rule wants it.
        suspected: Not decided, and what is in hand is not as the rule wants it.
        document: Index in facts.documents, -1 where the member has none.
        recipient: Index in facts.agencies of the recipient named in the finding, -1 = none.
        counterpart: Index of the other side, -1 = none.
        anchored_at, deadline_at: Microseconds; NAT = the rule has no deadline.
        observed_at: When what was late happened, NAT = it did not.
        severity: A Severity; urgent members may be graver than the rule's base.
        extra: Text that tells findings of one member apart, "" where not applicable.
    """

    agency: Ints
    decided: Mask
    breach: Mask
    suspected: Mask
    document: Ints
    recipient: Ints
    counterpart: Ints
    anchored_at: Ints
    deadline_at: Ints
    observed_at: Ints
    severity: Ints
    extra: Objects

    def __len__(self) -> int:
        return len(self.agency)

    def take(self, rows: Ints | Mask) -> Members:
        """Some of the members."""
        return taken(self, rows)


OWN_TYPES: Final[Mapping[str, str]] = {
    "sender": "int64",  # index in facts.agencies of whose document it is; by default that of the member's document
    "number": "object",  # the key as people read it, None where not applicable
    "notation": "object",
    "issued_date": "object",  # a day, `2021-02-04`, or a year
    "anchored_at": "int64",  # microseconds
    "deadline_at": "int64",
    "observed_at": "int64",
    "witness": "int64",  # index in facts.documents: whose rows are the evidence, where the finding is about no document
}
"""What the findings of a rule may tell themselves, where one member has findings that differ in more than `extra`."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings of some members, an element a finding.

    Attributes:
        member: Position among the members. recipient: Index, -1 = none. extra: Text.
        detail: Dict of plain values, or None.
        own: What the findings tell in their member's stead, by names of `OWN_TYPES`; of all of them, or of none.
    """

    member: Ints
    recipient: Ints
    extra: Objects
    detail: Objects
    own: Mapping[str, npt.NDArray[Any]]

    def __len__(self) -> int:
        return len(self.member)

    def of_members(self, kept: Mask) -> Findings:
        """The findings of those members that are kept, which move up."""
        rows, places = kept[self.member], np.cumsum(kept) - 1
        own = {name: values[rows] for name, values in self.own.items()}
        return Findings(places[self.member[rows]], self.recipient[rows], self.extra[rows], self.detail[rows], own)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a rule says of its whole population.

    Attributes:
        members: the population.
        findings: those in breach have at least one, others none.
        suspected: what would be findings of undecided members if nothing else came, as `findings`; None: one each of
            the members that are `suspected`. Nobody is blamed for it, but what was found before is not resolved by it.
    """

    members: Members
    findings: Findings
    suspected: Findings | None = None

    @property
    def suspicions(self) -> Findings:
        """`suspected`, never None."""
        if self.suspected is not None:
            return self.suspected
        return _one_each(self.members, np.flatnonzero(self.members.suspected))

    def without(self, agencies: Mask) -> Verdicts:
        """The verdicts without the members that are blamed on these agencies, given as a mask over their indexes."""
        if not agencies.any() or (kept := ~agencies[self.members.agency]).all():
            return self
        return Verdicts(
            self.members.take(kept),
            self.findings.of_members(kept),
            None if self.suspected is None else self.suspected.of_members(kept),
        )

    def nobody(self) -> Verdicts:
        """What a rule says that is switched off: nothing of nobody."""
        return self.without(np.ones(self.members.agency.max(initial=-1) + 1, dtype=bool))


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


def members(  # noqa: PLR0913  # one a field of `Members`
    agency: Ints,
    decided: Mask,
    breach: Mask,
    anchored_at: Ints,
    severity: Severity | Ints,
    *,
    document: Ints | int = -1,
    recipient: Ints | int = -1,
    counterpart: Ints | int = -1,
    deadline_at: Ints | int = NAT,
    observed_at: Ints | int = NAT,
    extra: Objects | str = "",
) -> Members:
    """The members; scalars stand for all of them.

    `breach` is masked by `decided`: what could not be told is never a breach, but `suspected`.
    """
    size = len(agency)
    return Members(
        agency=agency,
        decided=decided,
        breach=decided & breach,
        suspected=~decided & breach,
        document=_each(document, "int64", size),
        recipient=_each(recipient, "int64", size),
        counterpart=_each(counterpart, "int64", size),
        anchored_at=anchored_at,
        deadline_at=_each(deadline_at, "int64", size),
        observed_at=_each(observed_at, "int64", size),
        severity=_each(severity, "int64", size),
        extra=_each(extra, "object", size),
    )


def _each(value: Any, dtype: str, size: int) -> npt.NDArray[Any]:
    """An array of the type, which nobody writes to; a scalar is repeated, and takes no memory."""
    if np.ndim(value):
        return np.asarray(value, dtype=dtype)
    return np.broadcast_to(np.array(value, dtype=dtype), size)


def one_finding_each(population: Members, detail: list[dict[str, object]] | None = None) -> Verdicts:
    """Verdicts in which every breaching member has exactly one finding.

    Args:
        population: the members.
        detail: a dict for every member in breach, in their order; None where there is nothing to add.
    """
    return Verdicts(population, _one_each(population, np.flatnonzero(population.breach), detail))


def _one_each(population: Members, rows: Ints, detail: list[dict[str, object]] | None = None) -> Findings:
    return findings(rows, population.recipient[rows], population.extra[rows], detail)


def findings(
    member: Ints,
    recipient: Ints | int,
    extra: Objects | str,
    detail: list[dict[str, object]] | None = None,
    **own: npt.NDArray[Any],
) -> Findings:
    """Findings; scalars are repeated.

    Args:
        member: positions of the members.
        recipient: as in `Findings`.
        extra: as in `Findings`.
        detail: as in `Findings`.
        **own: what of `OWN_TYPES` the findings tell themselves.
    """
    size = len(member)
    told = np.full(size, None, dtype=object) if detail is None else np.fromiter(detail, dtype=object, count=size)
    return Findings(
        member=np.asarray(member, dtype=np.int64),
        recipient=_each(recipient, "int64", size),
        extra=_each(extra, "object", size),
        detail=told,
        own={name: _each(values, OWN_TYPES[name], size) for name, values in own.items()},
    )
