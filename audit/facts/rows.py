"""The rows of the log as integers, newest versions only, and nothing later than `as_of`.

Each class holds one table: arrays of equal length, and `frame` with the same rows, where the texts are to be had.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from audit.facts.agencies import AgencyIndex
from audit.facts.arrays import Ints, Mask, days, equals, hashes, in_order, instants, looked_up, text_keys, whole_numbers
from audit.facts.identity import Keyed
from audit.facts.versions import newest
from audit.log_table import LogTable
from audit.working_time import DAY, NAT

NO_CODE = -1
"""A status code that is missing or not of the list of 1a in law.md."""
STATUS_CODES = {"01": 1, "02": 2, "03": 3, "04": 4, "05": 5, "06": 6, "13": 13, "15": 15, "16": 16}


@dataclass(frozen=True, slots=True)
class Moment:
    """From when the log is seen: the day (its rows do not exist yet) and the instant at its start."""

    day: int
    at: int

    def told(self, at: Ints) -> Ints:
        """Instants, NAT where they are later than `as_of`: such an event does not exist yet."""
        return np.where(at <= self.at, at, NAT)

    def start_of(self, days: Ints) -> Ints:
        """00:00 local of each day; the offset from UTC is constant."""
        return self.at + (days - self.day) * DAY


@dataclass(frozen=True, slots=True)
class Registrations:
    """The outgoing registers: one row an entry; `place` rises with log day, page and line."""

    frame: pd.DataFrame
    log: Ints
    sender: Ints
    reference: Ints
    first_day: Ints
    place: Ints

    @classmethod
    def read(cls, frame: pd.DataFrame, agencies: AgencyIndex, moment: Moment) -> Registrations:
        """The newest entries."""
        log, sender, reference = _log_sender_reference(frame, agencies)
        keys = [log, sender, reference, hashes(frame["uid_key"])]
        kept = newest(LogTable.of("documents", frame), keys, moment.day)
        return cls(
            frame.iloc[kept.rows].reset_index(drop=True),
            log[kept.rows],
            sender[kept.rows],
            reference[kept.rows],
            kept.first_day,
            _place(frame)[kept.rows],
        )

    def keyed(self) -> Keyed:
        """The rows as `identify` wants them."""
        return Keyed(self.sender, self.reference, self.frame)


@dataclass(frozen=True, slots=True)
class Sends:
    """Attempts to send, in the order of (sent_at, attempt).

    Attributes:
        log_day: the day of the log that holds the row's newest version.
        kind: business type 0 new, 1 recall, 2 update, 3 replacement.
        axis: hash of the axis' message id, 0 = missing.
        done_at: when the state became `done`, NAT where it is not.
        failed: the state is `fail`. What is neither done nor failed is under way.
    """

    frame: LogTable
    log: Ints
    log_day: Ints
    sender: Ints
    reference: Ints
    recipient: Ints
    axis: Ints
    attempt: Ints
    kind: Ints
    sent_at: Ints
    done_at: Ints
    failed: Mask

    @classmethod
    def read(cls, frame: LogTable, agencies: AgencyIndex, moment: Moment) -> Sends:
        """The newest versions; sends without an instant or later than `as_of` are left out."""
        log, sender, reference = _log_sender_reference(frame, agencies)
        recipient, axis = agencies.indexes(frame["recipient"]), hashes(frame["axis_key"])
        attempt = whole_numbers(frame["attempt"], -1)
        sent_at = moment.told(instants(frame["sent_at"]))
        rows = newest(frame, [log, sender, reference, recipient, axis, attempt], moment.day).rows
        rows = rows[sent_at[rows] != NAT]
        rows = rows[in_order(attempt[rows])]
        rows = rows[in_order(sent_at[rows])]
        part = frame.take(rows)
        state_at = instants(part["state_at"])
        reached = state_at <= moment.at  # or none is told
        state_at = np.where(reached, state_at, NAT)
        done = equals(part["state"], "done") & reached
        return cls(
            frame=part,
            log=log[rows],
            log_day=days(part["log_day"]),
            sender=sender[rows],
            reference=reference[rows],
            recipient=recipient[rows],
            axis=axis[rows],
            attempt=attempt[rows],
            kind=whole_numbers(part["business_type"], 0),
            sent_at=sent_at[rows],
            done_at=np.where(done, np.where(state_at != NAT, state_at, sent_at[rows]), NAT),
            failed=equals(part["state"], "fail") & reached,
        )

    def keyed(self) -> Keyed:
        """The rows as `identify` wants them."""
        return Keyed(self.sender, self.reference, self.frame)


@dataclass(frozen=True, slots=True)
class Receipts:
    """Messages received, one row a message, in the order of `came_at`.

    Attributes:
        log_day, kind, axis: as in `Sends`.
        came_at: when they came: `arrived_at`, else `state_at`, else the start of the log day (rule N1).
        done_at: when the state became `done`, NAT where it is not. failed: the state is `fail`.
        failed_at: when it became `fail`, NAT where it did not.
    """

    frame: LogTable
    log: Ints
    log_day: Ints
    sender: Ints
    reference: Ints
    recipient: Ints
    axis: Ints
    kind: Ints
    came_at: Ints
    arrived_at: Ints
    state_at: Ints
    done_at: Ints
    failed: Mask
    forwarded_at: Ints
    completed_at: Ints
    returned_at: Ints
    due_at: Ints

    @classmethod
    def read(cls, frame: LogTable, agencies: AgencyIndex, moment: Moment) -> Receipts:
        """The newest versions; messages that arrived after `as_of` are left out."""
        log, sender, reference = _log_sender_reference(frame, agencies)
        recipient, axis = agencies.indexes(frame["recipient"]), hashes(frame["axis_key"])
        arrived_at = instants(frame["arrived_at"])
        rows = newest(frame, [log, sender, reference, recipient, axis], moment.day).rows
        rows = rows[arrived_at[rows] <= moment.at]
        # by axis id first, as far as it is told: two sorts of integers, each faster than one by both
        rows = rows[np.argsort(axis[rows], kind="stable")]
        came_at = _came_at(frame, rows, arrived_at[rows], moment)
        order = in_order(came_at)
        rows, came_at = rows[order], came_at[order]
        part = frame.take(rows)
        state_at = instants(part["state_at"])
        reached = state_at <= moment.at  # or none is told
        state_at = np.where(reached, state_at, NAT)
        done = equals(part["state"], "done") & reached
        event = {name: moment.told(instants(part[name])) for name in ("forwarded_at", "completed_at", "returned_at")}
        return cls(
            frame=part,
            log=log[rows],
            log_day=days(part["log_day"]),
            sender=sender[rows],
            reference=reference[rows],
            recipient=recipient[rows],
            axis=axis[rows],
            kind=whole_numbers(part["business_type"], 0),
            came_at=came_at,
            arrived_at=arrived_at[rows],
            state_at=state_at,
            done_at=np.where(done, np.where(state_at != NAT, state_at, arrived_at[rows]), NAT),
            failed=equals(part["state"], "fail") & reached,
            due_at=instants(part["due_at"]),
            **event,
        )

    def keyed(self) -> Keyed:
        """The rows as `identify` wants them."""
        return Keyed(self.sender, self.reference, self.frame)


def _came_at(frame: LogTable, rows: Ints, arrived_at: Ints, moment: Moment) -> Ints:
    """When messages came, of which only some say so."""
    untold = np.flatnonzero(arrived_at == NAT)
    told = frame.some(["state_at", "log_day"], rows[untold])
    state_at = moment.told(instants(told["state_at"]))
    came_at = arrived_at.copy()
    came_at[untold] = np.where(state_at != NAT, state_at, moment.start_of(days(told["log_day"])))
    return came_at


@dataclass(frozen=True, slots=True)
class Statuses:
    """Status messages as they stand in the log of either side.

    Attributes:
        code: the code as a number, NO_CODE where it is missing or unknown; `code_key` its hash as text (0 = missing).
        axis: hash of the id of the message that it answers, 0 = missing.
    """

    frame: LogTable
    log: Ints
    log_day: Ints
    from_org: Ints
    to_org: Ints
    reference: Ints
    code: Ints
    code_key: Ints
    at: Ints
    axis: Ints

    @classmethod
    def read(cls, frame: LogTable, agencies: AgencyIndex, moment: Moment) -> Statuses:
        """The newest versions; what is later than `as_of` is left out."""
        log, reference = agencies.indexes(frame["agency"]), hashes(frame["reference"])
        from_org, to_org = agencies.indexes(frame["from_org"]), agencies.indexes(frame["to_org"])
        code_key, told_at = text_keys(frame["status_code"]), instants(frame["at"])
        rows = newest(frame, [log, from_org, to_org, reference, code_key, told_at], moment.day).rows
        at = moment.told(told_at)
        rows = rows[at[rows] != NAT]
        part = frame.take(rows)
        code = _numbers_of(part["status_code"])
        return cls(
            frame=part,
            log=log[rows],
            log_day=days(part["log_day"]),
            from_org=from_org[rows],
            to_org=to_org[rows],
            reference=reference[rows],
            code=code,
            code_key=code_key[rows],
            at=at[rows],
            axis=hashes(part["axis_key"]),
        )

    def keyed(self, sender: Ints) -> Keyed:
        """The rows as `identify` wants them, read as speaking of a document of `sender`."""
        return Keyed(sender, self.reference, self.frame)


def _numbers_of(status_code: pd.Series) -> Ints:
    places, texts = pd.factorize(status_code)
    return looked_up(np.array([*(STATUS_CODES.get(str(text), NO_CODE) for text in texts), NO_CODE]), places)


def _place(frame: pd.DataFrame) -> Ints:
    """The rank of every row by log day, page and line."""
    order = np.lexsort((whole_numbers(frame["line"], 0), whole_numbers(frame["page_no"], 0), days(frame["log_day"])))
    rank = np.empty(len(frame), dtype=np.int64)
    rank[order] = np.arange(len(frame))
    return rank


def _log_sender_reference(frame: pd.DataFrame | LogTable, agencies: AgencyIndex) -> tuple[Ints, Ints, Ints]:
    return agencies.indexes(frame["agency"]), agencies.indexes(frame["sender"]), hashes(frame["reference"])
