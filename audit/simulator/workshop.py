"""Where breaches and near misses are made: picks documents and pairs of the compliant traffic and keeps them apart.

A document (or pair) is taken once only, so that each fault stands alone and its consequences are known.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from audit.simulator.clock import DAY, HOUR, MINUTE, Clock
from audit.simulator.delivery import Postman
from audit.simulator.model import Document, Pair
from audit.simulator.numbering import LETTER_814
from audit.simulator.offices import Office, Signer
from audit.simulator.options import SimulationOptions
from audit.simulator.province import Province
from audit.simulator.traffic import LETTER, Drafter
from audit.simulator.truth import Truth, of_document
from audit.working_time import day_number

DAY_814: Final = date(2021, 2, 4)
SUBJECT_814: Final = (
    "V/v tăng cường gửi, nhận văn bản điện tử giữa các cơ quan hành chính nhà nước nhằm phòng, chống dịch COVID - 19"
)
WEEK: Final = 7
TOGETHER: Final = 0.4


@dataclass(frozen=True, slots=True)
class Window:
    """A week (or what is left of one) in which something is planted: day numbers ``[first, end)``."""

    first: int
    end: int
    last_start: int
    """Victims are documents registered before this day: the last working day, so that deadlines fall into the week."""
    dense: bool
    """Whether it lies in the period itself; lead-in and history get a few breaches only."""


def any_document(_document: Document) -> bool:
    """No further wish."""
    return True


def any_office(_office: Office) -> bool:
    """No further wish."""
    return True


def not_urgent(document: Document) -> bool:
    """Ordinary mail."""
    return not document.urgent


def urgent(document: Document) -> bool:
    """With one of the three stamps."""
    return document.urgent


class Workshop:
    """Picks victims and notes what follows."""

    def __init__(
        self,
        options: SimulationOptions,
        offices: Mapping[str, Office],
        clock: Clock,
        rng: random.Random,
        drafter: Drafter,
        postman: Postman,
    ) -> None:
        self.options, self.offices, self.clock, self.rng = options, offices, clock, rng
        self.drafter, self.postman = drafter, postman
        self.unsafe: set[str] = set()
        """Agencies whose logs have gaps: nothing is planted where they take part."""
        self.truth: list[Truth] = []
        self.near_misses: list[Truth] = []
        self.registered: set[str] = set()
        """Agencies with a signers' register."""
        self.former: dict[str, Signer] = {}
        """Somebody who no longer signs for each of them."""
        self.only: frozenset[str] = frozenset(offices)
        """The senders whose documents are picked."""
        self._by_day: defaultdict[int, list[Document]] = defaultdict(list)
        self._documents: list[Document] = []

    def letter_814(self) -> list[Document]:
        """Letter 814/UBND-VXNV of 4 February 2021 to all agencies, where the logs hold that day."""
        top = next(iter(self.offices))
        if not self.options.first_day <= DAY_814 < self.options.end or top != "H03":
            return []
        letter = self.drafter.document(self.offices[top], day_number(DAY_814))
        day = day_number(DAY_814) * DAY
        letter.signed_at, letter.registered_at = day + 15 * HOUR + 20 * MINUTE + 11, day + 15 * HOUR + 31 * MINUTE + 40
        letter.issued_day, letter.due_day, letter.urgency, letter.page_count = day // DAY, None, "thuong", 2
        letter.doc_type, letter.number, letter.notation = LETTER, LETTER_814[1], "UBND-VXNV"
        letter.subject, letter.topic = SUBJECT_814, True
        letter.recipients = [code for code in self.offices if code != top]
        signer = self.offices[top].signers[1]
        letter.signer_name, letter.position, letter.competence = signer.name, signer.position, signer.competence
        self.drafter.attach(letter, self.offices[top], signer)
        return [letter]

    def open(self, province: Province) -> None:
        """Looks through the documents, once they have been delivered."""
        self._documents = province.documents
        for document in province.documents:
            if document.has_row and document.sender in self.offices and document.pairs:
                self._by_day[document.registered_at // DAY].append(document)
                if document.subject == SUBJECT_814:
                    document.pairs[0].marked = True  # the letter stays in good order; what its recipients do need not

    def all_documents(self) -> list[Document]:
        """All entries of our agencies' registers, paper ones too, by the time of registration."""
        return [document for document in self._documents if document.has_row and document.sender in self.offices]

    def remove(self, document: Document) -> None:
        """Takes a document out of the province, with all that came of it."""
        self._documents.remove(document)
        if document.pairs:
            self._by_day[document.registered_at // DAY].remove(document)

    def add(self, document: Document) -> None:
        """Brings a further document into the province."""
        self._documents.append(document)

    def unused_number(self, model: Document) -> str:
        """The next number of a document's sender that no document of any year or kind bears."""
        used = {document.number for document in self._documents if document.sender == model.sender}
        number = int(model.number or 0) + 1
        while str(number) in used:
            number += 1
        return str(number)

    def windows(self) -> list[Window]:
        """The weeks of the logs, back from the end of the period."""
        first, end = day_number(self.options.first_day), day_number(self.options.end)
        start = day_number(self.options.start)
        found = []
        while end > first:
            begin = max(first, end - WEEK)
            worked = [day for day in range(begin, end) if self.clock.is_working(day)]
            last_start = worked[-1] if len(worked) > 1 else end
            found.append(Window(begin, end, last_start, begin >= start or end - start > WEEK // 2))
            end = begin
        return found[::-1]

    def running_day(self) -> list[Window]:
        """The running day, where it is served: something for the alerts."""
        day = day_number(self.options.end)
        return [] if self.options.running_hour is None else [Window(day, day + 1, day + 1, dense=True)]

    def documents(self, first: int, end: int, wish: Callable[[Document], bool] = any_document) -> list[Document]:
        """Untouched documents registered on the days ``[first, end)``, of senders whose logs are whole."""
        return [
            document
            for day in range(first, end)
            for document in self._by_day.get(day, ())
            if self.is_untouched(document) and wish(document)
        ]

    def take(self, window: Window, wish: Callable[[Document], bool] = any_document) -> Document | None:
        """An untouched document of the window, now taken; None where there is none."""
        found = self.documents(window.first, window.last_start, wish)
        if not found:
            return None
        document = self.rng.choice(found)
        document.marked = True
        return document

    def take_pair(
        self,
        window: Window,
        wish: Callable[[Document], bool] = any_document,
        recipient: Callable[[Office], bool] = any_office,
    ) -> Pair | None:
        """An untouched pair between two agencies with whole logs, now taken; None where there is none."""
        documents = [
            document
            for day in range(window.first, window.last_start)
            for document in self._by_day.get(day, ())
            if self._is_free(document) and wish(document)
        ]
        self.rng.shuffle(documents)
        if self.rng.random() < TOGETHER:  # faults come together: one letter that several recipients left lying
            documents.sort(key=self.is_untouched)
        for document in documents:
            pairs = [pair for pair in document.pairs if self._may_take(pair, recipient)]
            if pairs:
                pair = self.rng.choice(pairs)
                pair.marked = True
                return pair
        return None

    def _may_take(self, pair: Pair, recipient: Callable[[Office], bool]) -> bool:
        office = self.offices.get(pair.recipient)
        return office is not None and not pair.marked and office.code not in self.unsafe and recipient(office)

    def _is_free(self, document: Document) -> bool:
        return not document.marked and document.sender in self.only and document.sender not in self.unsafe

    def is_untouched(self, document: Document) -> bool:
        """Neither it nor one of its pairs is taken, and its sender's log is whole."""
        return self._is_free(document) and not any(pair.marked for pair in document.pairs)

    def restart(self, pair: Pair) -> int:
        """Undoes what passed between the two; returns when the first message was sent."""
        at = pair.sends[0].sent_at
        pair.sends, pair.receipts, pair.statuses = [], [], []
        return at

    def expect(self, rule: str, document: Document, agency: str, severity: str, **more: object) -> None:
        """Notes a finding about a document or pair that must come out."""
        self.truth.append(of_document(rule, document, agency, severity, **more))  # type: ignore[arg-type]

    def spare(self, rule: str, document: Document, agency: str, **more: object) -> None:
        """Notes a finding that must not come out."""
        self.near_misses.append(of_document(rule, document, agency, "low", **more))
