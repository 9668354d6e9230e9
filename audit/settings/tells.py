"""What each kind of source can tell at all, so that rules which need more are NOT_TESTED instead of wrong.

An agency tells what its settings say *and* its kind of source can: `audit.settings.agencies` narrows its tables and
flags by what stands here, so whoever asks an agency gets the truth. Grounds: ``wire.md`` sections 1 to 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

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
    limited_rules: frozenset[str] = frozenset()
    """Ids of rules that are judged by fewer facts than the plain log has: a breach found is one, but some are not."""
    columns: Mapping[Table, frozenset[str]] | None = None
    """Fields of the contract's rows that can be told at all, by table; None: all."""

    def narrowed(self, table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row of the plain log with what can be told of it."""
        if self.columns is None:
            return dict(row)
        told = {name: value for name, value in row.items() if name in self.columns[table]}
        if not self.signatures and told.get("files") is not None:
            told["files"] = [{name: file.get(name) for name in FILE_FIELDS} for file in told["files"]]
        return told


FILE_FIELDS: Final = ("name", "role", "content_type", "size_bytes", "sha256")
"""What is told of a file by those who know nothing of its signatures."""
_KEY: Final = frozenset({"document_uid", "sender", "number", "notation", "issued_date"})
_MESSAGE: Final = _KEY | {"recipient", "business_type"}
_DOCUMENT: Final = _KEY | {
    "doc_type",
    "subject",
    "signer_name",
    "signer_position",
    "urgency",
    "page_count",
    "recipients",
}
_RECEIVED: Final = frozenset({"subject", "doc_type", "signer_name", "urgency", "due_at"})
_TRANSPORT: Final = frozenset({"axis_doc_id", "state", "state_at", "error_message"})
_STATUS: Final = _KEY - {"sender"} | {"from_org", "to_org", "status_code", "at", "description", "staff"}
_OF_MESSAGES: Final[Mapping[Table, frozenset[str]]] = {
    "documents": _DOCUMENT | {"signer_competence", "due_date", "files"},
    "sends": _MESSAGE | {"reason", "replaces", "sent_at"},
    "receipts": _MESSAGE | _RECEIVED | {"arrived_at", "state", "received_file_sha256"},
    "statuses": _STATUS,
}
"""What edXML messages tell."""
_OF_LISTS: Final[Mapping[Table, frozenset[str]]] = {
    **_OF_MESSAGES,
    "sends": _OF_MESSAGES["sends"] | _TRANSPORT,
    "receipts": _OF_MESSAGES["receipts"] | _TRANSPORT,
}
"""What the axis' lists tell beside them."""
_OF_REGISTERS: Final[Mapping[Table, frozenset[str]]] = {
    "documents": _DOCUMENT | {"secrecy", "signed_at"},
    "sends": frozenset(),
    "receipts": _KEY
    | _RECEIVED
    | {"recipient", "secrecy", "arrival_number", "arrived_at", "forwarded_at", "completed_at"},
    "statuses": frozenset(),
}
"""What clerks' registers have a column for."""

_NOT_IN_MESSAGES: Final = frozenset({"secret_on_axis", "late_urgent_send"})
"""Rules for which a message lacks the secrecy and the instant of signing."""
_BY_MESSAGES_ALONE: Final = frozenset({"late_send", "overdue_send", "wrong_date", "missing_attachment"})
"""Judged by the date on the document, not by its signing; a document sent to nobody is not seen, nor how many files it
should have."""
_BY_ANSWERS_ALONE: Final = frozenset({"misrouted"})
"""Judged by what recipients answered: a wrong code that nobody answers for is not seen."""

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
    "vxp": Tells(
        completion=False,
        signatures=False,
        whole_register=False,
        untold_rules=_NOT_IN_MESSAGES,
        limited_rules=_BY_MESSAGES_ALONE,
        columns=_OF_LISTS,
    ),
    # The provincial interface lists what was received, and has no call for what was sent, answers among it.
    "lgsp": Tells(
        tables=("receipts", "statuses"),
        forwarding=False,
        completion=False,
        signatures=False,
        whole_register=False,
        untold_rules=_TIMES_OF_HANDLING - {"failed_receipt"},
        limited_rules=_BY_ANSWERS_ALONE,
        columns=_OF_LISTS,
    ),
    # Messages carry no transport state and no id of the axis: attempts cannot be told apart.
    "edxml": Tells(
        completion=False,
        signatures=False,
        whole_register=False,
        untold_rules=frozenset({"failed_send", "undelivered", "failed_receipt", "duplicate_send"}) | _NOT_IN_MESSAGES,
        limited_rules=_BY_MESSAGES_ALONE,
        columns=_OF_MESSAGES,
    ),
    # Registers of NĐ 30/2020 Phụ lục IV have days where rules ask for minutes, and no column for position and pages.
    "register_file": Tells(
        tables=("documents", "receipts"),
        forwarding=False,
        completion=False,
        signatures=False,
        # without the sends, the second version of a document looks like a second document
        untold_rules=_TIMES_OF_HANDLING | {"missing_information", "number_reused"},
        limited_rules=_BY_ANSWERS_ALONE,
        columns=_OF_REGISTERS,
    ),
}
"""What each kind tells."""

_DIRECTIONS: Final[Mapping[str, tuple[Table, ...]]] = {"outgoing": ("documents",), "incoming": ("receipts",)}


def tells_of(kind: SourceKind, direction: str = "") -> Tells:
    """What a source of this kind tells; of a register only that of its direction, where one is set."""
    told = TELLS[kind]
    if kind != "register_file" or direction not in _DIRECTIONS:
        return told
    return replace(told, tables=_DIRECTIONS[direction])


def together(sides: Sequence[Tells]) -> Tells:
    """What several sources of one agency tell together: what any of them can tell, is told."""
    if len(sides) == 1:
        return sides[0]
    untold = frozenset.intersection(*(side.untold_rules for side in sides))
    limited = frozenset.intersection(*(side.untold_rules | side.limited_rules for side in sides)) - untold
    columns: dict[Table, frozenset[str]] = {}
    for table in ALL_TABLES:
        columns[table] = frozenset().union(*(side.columns[table] for side in sides if side.columns is not None))
    return Tells(
        tables=tuple(table for table in ALL_TABLES if any(table in side.tables for side in sides)),
        forwarding=any(side.forwarding for side in sides),
        completion=any(side.completion for side in sides),
        signatures=any(side.signatures for side in sides),
        whole_register=any(side.whole_register for side in sides),
        untold_rules=untold,
        limited_rules=limited,
        columns=None if any(side.columns is None for side in sides) else columns,
    )
