"""The facts of a period: everything that more than one rule needs, computed once, over integers.

`Facts` is built from the frames of the log (`audit.tables`) as they stood at `as_of`. Documents, pairs, messages and
events are rows of frames or arrays of equal length and are named by their position. What only few rules need is
computed when first asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.facts.agencies import AgencyIndex
from audit.facts.arrays import Ints, Mask, any_of, are_first, days, first_rows, instants, is_one_of, latest, looked_up
from audit.facts.checked import Verified, judged_frames
from audit.facts.coverage import Coverage
from audit.facts.documents import (
    URGENCY_UNKNOWN,
    documents_of,
    main_files,
    register_content,
    text_of,
    texts_of,
    urgency_levels,
)
from audit.facts.events import same_events
from audit.facts.identity import Identity, KeyedStatuses, Registered, identify
from audit.facts.merging import merged
from audit.facts.pairs import CHAIN_KINDS, PairNumbers, Pairs, Sides, handled, sent, speaks_of_document
from audit.facts.period import Period
from audit.facts.probes import Probes
from audit.facts.recalls import Events, Messages, OwnEvents, PairRows, Recalls, find_recalls
from audit.facts.refusals import misrouted
from audit.facts.rows import Moment, Receipts, Registrations, Sends, Statuses
from audit.log_table import LogTable
from audit.registry import Registry
from audit.settings import Settings
from audit.working_time import MINUTE, NAT, NO_DAY, WorkingCalendar

_ASKS = 13
_REFUSED = 2


@dataclass(frozen=True, slots=True)
class Frames:
    """What is judged: the tables of the log, the coverage and the probes, as pandas frames; and what was verified."""

    documents: pd.DataFrame
    files: pd.DataFrame
    signatures: pd.DataFrame
    sends: pd.DataFrame | LogTable
    receipts: pd.DataFrame | LogTable
    statuses: pd.DataFrame | LogTable
    coverage: pd.DataFrame
    probes: pd.DataFrame
    verified: Verified | None = None
    """Files whose signatures the audit has verified itself; None: it did not ask for any."""


class Facts:
    """All facts of one period, seen from one instant.

    Attributes:
        period, calendar, settings, policy, registry: what it is judged by.
        agencies: agencies as integers. coverage: which days of which log are complete.
        registrations, sends, receipts, statuses: the newest rows of the log; of agencies with several logs, merged.
        contradicted_on: log day of every value that two logs of one agency tell differently.
        identity: which document each of them speaks of.
        documents: one a document key.
        pairs: one a (document, recipient).
        events, event_of_statuses: status events; messages: recalls, updates and requests.
    """

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        calendar: WorkingCalendar,
        frames: Frames,
        dates: tuple[date, date, date],
    ) -> None:
        self.settings = settings
        self.policy = settings.policy
        self.registry = registry
        self.calendar = calendar
        self.frames = judged_frames(frames)
        self.period = Period.of(calendar, *dates)
        self.agencies = AgencyIndex(registry, _codes_named(frames))
        self.coverage = Coverage(frames.coverage, self.agencies, self.period.as_of_day)
        self._read()
        self._identify()
        self._follow()

    def _read(self) -> None:
        moment = Moment(self.period.as_of_day, self.period.as_of_at)
        documents, sends, receipts, statuses = (
            merged(LogTable.of(name, rows), self.agencies, moment.day)
            for name, rows in (
                ("documents", self.frames.documents),
                ("sends", self.frames.sends),
                ("receipts", self.frames.receipts),
                ("statuses", self.frames.statuses),
            )
        )
        self.contradicted_on: Ints = np.concatenate(
            [one.contradictions for one in (documents, sends, receipts, statuses)]
        )
        entries = documents.table.whole() if len(documents.things) else self.frames.documents
        self.registrations = Registrations.read(entries, self.agencies, moment)
        self.sends = Sends.read(sends.table, self.agencies, moment)
        self.receipts = Receipts.read(receipts.table, self.agencies, moment)
        self.statuses = Statuses.read(statuses.table, self.agencies, moment)

    def _identify(self) -> None:
        statuses = KeyedStatuses(
            to_org=self.statuses.keyed(self.statuses.to_org),
            from_org=self.statuses.keyed(self.statuses.from_org),
            asks=self.statuses.code == _ASKS,
        )
        self.identity: Identity = identify(
            self.registrations.keyed(), self._registered, self.sends.keyed(), self.receipts.keyed(), statuses
        )
        self.documents = documents_of(self.identity, self.registrations, self.sends, self.calendar)
        self._status_recipient = np.where(self.identity.by_issuer, self.statuses.to_org, self.statuses.from_org)

    def _registered(self) -> Registered:
        entries = self.registrations
        return Registered(
            uid=text_of(entries.frame["document_uid"], np.arange(len(entries.frame))),
            first_day=entries.first_day,
            place=entries.place,
            own_log=self.keeps_log_of(entries.log, entries.sender, entries.first_day),
            content=register_content(entries, self.frames.files),
        )

    def _follow(self) -> None:
        documents = [self.identity.of_sends, self.identity.of_receipts, self.identity.of_statuses]
        recipients = [self.sends.recipient, self.receipts.recipient, self._status_recipient]
        self._pair_numbers = PairNumbers(documents, recipients, len(self.agencies))
        sides = self._pair_numbers.sides(self.documents.sender)
        self.pair_of_sends, self.pair_of_receipts, self.pair_of_statuses = map(
            self._pair_numbers.of, documents, recipients
        )
        self.events, self.event_of_statuses = self._events(sides)
        by_recipient = self.keeps_log_of(self.receipts.log, self.receipts.recipient, self.receipts.log_day)
        rows = PairRows(
            self.pair_of_sends, self.pair_of_receipts, by_recipient, sides.recipient, (self.calendar, self.coverage)
        )
        self._recalls: Recalls = find_recalls(self.sends, self.receipts, self.events, rows)
        self.pairs = Pairs.of(
            sides,
            sent(len(sides), self.sends, self.pair_of_sends),
            handled(self.sends, self.receipts, self.events, self._recalls, rows),
        )

    def _events(self, sides: Sides) -> tuple[Events, Ints]:
        statuses, pair = self.statuses, self.pair_of_statuses
        window = self.policy.limits.same_event_minutes * MINUTE
        first_row = same_events(pair, statuses.code_key, statuses.at, window)
        begins = first_row == np.arange(len(first_row))
        firsts = np.flatnonzero(begins)
        event = (np.cumsum(begins) - 1)[first_row]
        size = len(firsts)
        recipient, sender = sides.recipient[pair], sides.sender[pair]
        axis = np.zeros(size, dtype=np.int64)
        bears = np.flatnonzero(statuses.axis != 0)[::-1]
        axis[event[bears]] = statuses.axis[bears]
        events = Events(
            pair=pair[firsts],
            code=statuses.code[firsts],
            code_key=statuses.code_key[firsts],
            at=statuses.at[firsts],
            first=firsts,
            axis=axis,
            issuer=statuses.from_org[firsts],
            by_recipient=statuses.from_org[firsts] == recipient[firsts],
            in_recipient_log=any_of(size, event[self.keeps_log_of(statuses.log, recipient, statuses.log_day)]),
            in_sender_log=any_of(size, event[self.keeps_log_of(statuses.log, sender, statuses.log_day)]),
        )
        return events, np.asarray(event, dtype=np.int64)

    @cached_property
    def own_events(self) -> OwnEvents:
        """The recipients' own statuses in their own logs."""
        statuses = self.statuses
        recipient = self.pairs.recipient[self.pair_of_statuses]
        mine = np.flatnonzero(
            (statuses.from_org == recipient) & self.keeps_log_of(statuses.log, recipient, statuses.log_day)
        )
        window = self.policy.limits.same_event_minutes * MINUTE
        pair = self.pair_of_statuses[mine]
        events = same_events(pair, statuses.code_key[mine], statuses.at[mine], window)
        first = mine[events == np.arange(len(events))]
        return OwnEvents(self.pair_of_statuses[first], statuses.code[first], statuses.at[first], first)

    def pairs_of(self, document: Ints, recipient: Ints) -> Ints:
        """The pair of each document and recipient; -1 where there is none, or one of the two is -1."""
        return self._pair_numbers.of(document, recipient)

    @property
    def messages(self) -> Messages:
        """Messages of type 1 and 2 and requests 13."""
        return self._recalls.messages

    @property
    def answers(self) -> Mask:
        """Which events answer a recall and so neither acknowledge nor refuse the document."""
        return self._recalls.answers

    def keeps_log_of(self, log: Ints, agency: Ints, day: Ints) -> Mask:
        """Whether a log is the agency's own: kept by itself, by the agency of its `log_of`, or on that day by its
        successor.
        """
        own = np.asarray(looked_up(self.agencies.log_of, agency) == log)
        others = np.flatnonzero(~own)
        answering = self.agencies.answerable(agency[others], day[others])
        own[others] = (answering >= 0) & (self.agencies.log_of[answering] == log[others])
        return own

    def blamed(self, agency: Ints, anchored_at: Ints, *, at_end: bool) -> Ints:
        """Who is blamed: the agency, after its end its successor, -1 where nobody is in scope on the anchor's day.

        Args:
            agency: indexes.
            anchored_at: instants.
            at_end: the anchor is a deadline; 24:00 belongs to the day that it ends.
        """
        return self.agencies.answerable(agency, self.day_of(anchored_at, at_end=at_end))

    def day_of(self, at: Ints, *, at_end: bool = False) -> Ints:
        """The local day of instants; with `at_end` 24:00 belongs to the day that it ends."""
        return self.calendar.day_of(at - (at > 0) if at_end else at).astype(np.int64)

    def complete(self, agency: Ints, first_at: Ints, last_at: Ints, tables: tuple[str, ...]) -> Mask:
        """Whether the agency's log is complete from the day of `first_at` to that of `last_at`, which may be a
        deadline.
        """
        return self.coverage.complete(agency, self.day_of(first_at), self.day_of(last_at, at_end=True), tables)

    @cached_property
    def pair_urgency(self) -> Ints:
        """The level of every pair: by the sender's register where it tells one, else by the first receipt that does; of
        several at one instant the highest.
        """
        size, receipts = len(self.pairs), self.receipts
        entry = self.documents.entry[self.pairs.document]
        registered = self.registrations.frame["urgency"]
        by_sender = np.append(registered.notna().to_numpy(), False)[entry]
        of_sender = np.append(urgency_levels(registered), URGENCY_UNKNOWN)[entry]
        by_receipt = receipts.frame["urgency"]
        row = np.flatnonzero(by_receipt.notna().to_numpy() & is_one_of(receipts.kind, CHAIN_KINDS))
        pair = self.pair_of_receipts[row]
        first = are_first(size, pair, receipts.came_at[row])
        of_receipts = latest(size, pair[first], urgency_levels(by_receipt.iloc[row[first]]))
        return np.where(by_sender, of_sender, np.maximum(of_receipts, URGENCY_UNKNOWN))

    @cached_property
    def due_at(self) -> Ints:
        """The limit of every pair: the receipt's, else the document's; NAT = none."""
        by_receipt = self.pairs.due_at
        entry = self.documents.entry[self.pairs.document]
        told = np.append(instants(self.registrations.frame["due_at"]), NAT)
        return np.where(by_receipt != NAT, by_receipt, told[entry])

    @cached_property
    def misrouted(self) -> Mask:
        """Pairs refused with a reason that says "wrong recipient" (`refusals.misrouted`)."""
        return misrouted(self)

    @cached_property
    def refusing_events(self) -> Mask:
        """Events 02 that refuse the document, and do not only answer a recall."""
        return np.asarray((self.events.code == _REFUSED) & self.speaking_events)

    @cached_property
    def speaking_events(self) -> Mask:
        """Events that say something of the document itself, and not only of a recall or update."""
        return speaks_of_document(len(self.pairs), self.events, self._recalls)

    @cached_property
    def probes(self) -> Probes:
        """Whether the systems answered, and until when."""
        return Probes.read(self.frames.probes, self.agencies, self.period.as_of_at)

    @cached_property
    def files(self) -> pd.DataFrame:
        """One row a file: document, entry, is_main, row (position in `frames.files`)."""
        files = main_files(self.registrations, self.frames.files)
        return files.assign(document=self.document_of_entry[files["entry"]])

    @cached_property
    def document_of_entry(self) -> Ints:
        """The document that each entry of the register describes, -1 for the second entry of one document."""
        described = np.full(len(self.registrations.frame), -1, dtype=np.int64)
        entry = self.documents.entry
        described[entry[entry >= 0]] = np.flatnonzero(entry >= 0)
        return described

    def entry_texts(self, documents: Ints, column: str) -> npt.NDArray[np.object_]:
        """A text of the register for some documents; None where it is missing."""
        return text_of(self.registrations.frame[column], self.documents.entry[documents])

    @cached_property
    def issued_day(self) -> Ints:
        """The date of issue of every document: its key's, else its register's (NO_DAY where nobody tells it)."""
        of_key = self.keys["issued_day"].to_numpy()
        return np.where(of_key != NO_DAY, of_key, self.documents.issued_day)

    @cached_property
    def keys(self) -> pd.DataFrame:
        """The key of every document as people read it: number, notation (None), issued_day (NO_DAY).

        Where number, notation or date is missing, `number` is the document's uid and the others are empty; the second
        of two documents of one key has its uid behind a `#`.
        """
        sources = (
            (LogTable.of("documents", self.registrations.frame), self.documents.entry),
            (self.sends.frame, self.identity.of_sends),
            (self.receipts.frame, self.identity.of_receipts),
            (self.statuses.frame, self.identity.of_statuses),
        )
        size = self.identity.size
        number, notation = np.full(size, None, dtype=object), np.full(size, None, dtype=object)
        uid, issued_day = np.full(size, None, dtype=object), np.full(size, NO_DAY, dtype=np.int64)
        left = np.ones(size, dtype=bool)
        for place, (frame, of_rows) in enumerate(sources):
            row = of_rows if place == 0 else first_rows(size, of_rows)
            take = np.flatnonzero(left & (row >= 0))
            if not len(take):
                continue
            told = frame.some(["number", "notation", "document_uid", "issued_date"], row[take])
            number[take], notation[take], uid[take] = (texts_of(told[name]) for name in told.columns[:3])
            issued_day[take] = days(told["issued_date"])
            left[take] = False
        by_uid = pd.isna(number) | pd.isna(notation) | (issued_day == NO_DAY)
        twin = self.identity.twin != ""
        number[by_uid] = uid[by_uid]
        number[twin] = number[twin] + "#" + self.identity.twin[twin]
        notation[by_uid], issued_day[by_uid] = None, NO_DAY
        keys = pd.DataFrame({"number": number, "notation": notation}, dtype="object")
        return keys.assign(issued_day=issued_day)


def _codes_named(frames: Frames) -> list[Iterable[str]]:
    """The codes in every column that names agencies."""
    named = [
        frame[name]
        for frame, names in (
            (frames.documents, ("agency", "sender")),
            (frames.sends, ("agency", "sender", "recipient")),
            (frames.receipts, ("agency", "sender", "recipient")),
            (frames.statuses, ("agency", "from_org", "to_org")),
            (frames.coverage, ("agency",)),
            (frames.probes, ("agency",)),
        )
        for name in names
    ]
    return [*map(_codes_in, named), frames.documents["recipients"].list.flatten().dropna().unique()]


def _codes_in(column: pd.Series) -> Iterable[str]:
    is_category = isinstance(column.dtype, pd.CategoricalDtype)
    codes: Iterable[str] = column.cat.categories.tolist() if is_category else column.dropna().unique()
    return codes
