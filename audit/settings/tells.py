"""What each kind of source can tell at all, so that rules which need more are NOT_TESTED instead of wrong.

An agency tells what its settings say *and* its kind of source can: `audit.settings.agencies` narrows its tables and
flags by what stands here, so whoever asks an agency gets the truth. Grounds: ``wire.md`` sections 1 to 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from audit.settings.base import Table

SourceKind = Literal["log_api", "vxp", "lgsp", "edxml", "register_file"]
ALL_TABLES: Final[tuple[Table, ...]] = ("documents", "sends", "receipts", "statuses")


@dataclass(frozen=True, slots=True)
class Tells:
    """What a kind of source tells."""

    tables: tuple[Table, ...] = ALL_TABLES
    forwarding: bool = True
    """04, 05 or a time of forwarding."""
    completion: bool = True
    """06 or a time of completion."""
    signatures: bool = True
    whole_register: bool = True
    """Whether its documents may be the whole outgoing register, sent or not."""
    untold_rules: frozenset[str] = frozenset()
    """Ids of rules that cannot be judged of the agency, for want of a fact that no flag stands for."""


_TIMES_OF_HANDLING: Final = frozenset(
    {
        "failed_receipt", "unanswered_receipt", "late_acknowledgement", "late_forwarding", "backlog", "urgent_backlog",
        "late_processing", "status_out_of_order", "unanswered_recall", "refusal_without_reason",
    }
)  # fmt: skip
"""Rules about what a recipient did, and when."""

TELLS: Final[Mapping[SourceKind, Tells]] = {
    "log_api": Tells(),
    # The axis knows what went through it: transport states, messages, no register. Software that finishes a document
    # need not send 06 (vOffice does not), so its absence proves nothing.
    "vxp": Tells(completion=False, signatures=False, whole_register=False),
    # The provincial interface lists what was received, and has no call for what was sent, answers among it.
    "lgsp": Tells(
        tables=("receipts", "statuses"),
        forwarding=False,
        completion=False,
        signatures=False,
        whole_register=False,
        untold_rules=_TIMES_OF_HANDLING - {"failed_receipt"},
    ),
    # Messages carry no transport state and no id of the axis: attempts cannot be told apart.
    "edxml": Tells(
        completion=False,
        signatures=False,
        whole_register=False,
        untold_rules=frozenset({"failed_send", "undelivered", "failed_receipt", "duplicate_send"}),
    ),
    # Registers of NĐ 30/2020 Phụ lục IV have days where rules ask for minutes, and no column for position and pages.
    "register_file": Tells(
        tables=("documents", "receipts"),
        forwarding=False,
        completion=False,
        signatures=False,
        untold_rules=_TIMES_OF_HANDLING | {"missing_information"},
    ),
}
"""What each kind tells."""

_DIRECTIONS: Final[Mapping[str, tuple[Table, ...]]] = {"outgoing": ("documents",), "incoming": ("receipts",)}


def tells_of(kind: SourceKind, direction: str = "") -> Tells:
    """What a source of this kind tells; of a register only that of its direction, where one is set."""
    told = TELLS[kind]
    if kind != "register_file" or direction not in _DIRECTIONS:
        return told
    return Tells(
        _DIRECTIONS[direction],
        told.forwarding,
        told.completion,
        told.signatures,
        told.whole_register,
        told.untold_rules,
    )
