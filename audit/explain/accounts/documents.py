"""The rules about a document as it was sent: groups T (but T4), Q, K, D and M."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np

from audit.explain.account import Account, Timeline, without_flag
from audit.explain.course import main_file_is_checked
from audit.explain.step import Step, Word, step
from audit.explain.target import NONE, Target, agency_name, day, happened, instant, one
from audit.facts import Facts
from audit.facts.attachments import pdf_files
from audit.facts.certificates import certificate_faults
from audit.facts.checked import is_checked
from audit.facts.components import missing_components
from audit.facts.notation import Form, notations, own_notations
from audit.facts.populations import Documents
from audit.facts.signers import signer_facts
from audit.facts.signing import (
    NO_FILE,
    PERSON,
    SIGNED,
    UNKNOWN,
    UNSIGNED,
    file_states,
    main_signatures,
    sealed_files,
    signed_by_name_at,
    signing_times,
)
from audit.rules.missing_timestamp import LAW_ENDED_ON
from audit.working_time import NEVER, day_number


class SentDocument(Account):
    """Documents by their first send. What no register tells of lacks its facts."""

    of_pair = False
    needs: tuple[str, ...] = ()
    """Columns of the register without which nothing can be decided."""

    def candidates(self, facts: Facts, document: int, recipient: int | None) -> list[Target]:
        del recipient  # the whole document is judged
        return [Target(facts, document)]

    def unfounded(self, target: Target) -> Iterator[Step]:
        if target.of_document("first_sent_at") == NEVER:
            yield step("kept_out.not_sent", as_of=instant(target.facts.period.as_of_at))

    def timeline(self, target: Target) -> Timeline:
        first = target.of_document("first_sent_at")
        return Timeline((step("timeline.first_send", at=instant(first)),), first)

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        del timeline
        if not target.facts.registry.keeps("documents")[blamed]:
            name = agency_name(target.facts, blamed)
            yield step("kept_out.keeps_no_table", agency=name, tables=(Word("tables", "documents"),))

    def lacks(self, target: Target, timeline: Timeline) -> Iterator[Step]:
        del timeline
        if target.entry == NONE:
            yield step("lacks.register", sender=agency_name(target.facts, target.sender))
            return
        missing = [name for name in self.needs if target.registered(name) is None]
        if missing:
            yield step("lacks.fields", fields=tuple(Word("fields", name) for name in missing))
        yield from self.further_lacks(target)

    def further_lacks(self, target: Target) -> Iterator[Step]:
        """What else is missing of a registered document."""
        del target
        yield from ()


class MalformedNotation(SentDocument):
    """T2."""

    needs: tuple[str, ...] = ("number", "notation")

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        yield from super().excluded(target, blamed, timeline)
        facts = target.facts
        kind = str(facts.agencies.kinds()[target.sender])
        if kind in facts.policy.exempt.kinds:
            yield step("kept_out.exempt_kind", sender=agency_name(facts, target.sender), kind=Word("kinds", kind))


class MissingComponent(MalformedNotation):
    """T5: the forms are those of T2; the text is told by the file alone."""

    needs = ()

    def further_lacks(self, target: Target) -> Iterator[Step]:
        if missing_components(target.facts)[target.document] is None:
            yield step("lacks.file_text" if main_file_is_checked(target) else "lacks.file_at_hand")


class WrongDate(SentDocument):
    """T3."""

    needs = ("issued_date",)

    def further_lacks(self, target: Target) -> Iterator[Step]:
        by_name = int(signed_by_name_at(target.facts)[target.document])
        if not happened(by_name) and not happened(target.of_document("signed_at")):
            yield step("lacks.signing_day")


class WrongCompetence(SentDocument):
    """Q1. Something else may be wrong with a document signed TUQ. without a register, which only the rule knows."""

    needs = ("signer_position",)
    is_exact = False

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        yield from super().excluded(target, blamed, timeline)
        signer = signer_facts(target.facts, _as_documents(target))
        if not signer.has_register[0]:
            yield step("kept_out.authorised_without_register", sender=agency_name(target.facts, target.sender))

    def further_lacks(self, target: Target) -> Iterator[Step]:
        if not signer_facts(target.facts, _as_documents(target)).is_told[0]:
            yield step("lacks.signer_or_date")


class UnauthorisedSigner(SentDocument):
    """Q2."""

    needs = ("signer_name", "issued_date")

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        yield from super().excluded(target, blamed, timeline)
        if not signer_facts(target.facts, _as_documents(target)).has_register[0]:
            yield step("kept_out.no_signers_register", sender=agency_name(target.facts, target.sender))


class ForeignNotation(SentDocument):
    """Q4."""

    needs = ("number", "notation")

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        yield from super().excluded(target, blamed, timeline)
        if not own_notations(target.facts, target.sender):
            yield step("kept_out.no_notations_register", sender=agency_name(target.facts, target.sender))

    def further_lacks(self, target: Target) -> Iterator[Step]:
        read = notations(target.facts)
        if read.form[target.entry] == Form.NONE or not read.fits_number[target.entry]:
            yield step("lacks.readable_notation")


class SecretOnAxis(SentDocument):
    """M1."""

    needs = ("secrecy",)


class MissingAttachment(SentDocument):
    """D1."""

    def further_lacks(self, target: Target) -> Iterator[Step]:
        if not target.registered("has_files"):
            yield step("lacks.files")


class Unsigned(SentDocument):
    """K1: the main file must be there, and its signatures told."""

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        yield from super().excluded(target, blamed, timeline)
        if not main_file_is_checked(target):
            yield from without_flag(target.facts, blamed, "reports_signatures")
        if self.state(target) == NO_FILE:
            yield step("kept_out.no_file")

    def further_lacks(self, target: Target) -> Iterator[Step]:
        if self.state(target) == UNKNOWN:
            yield step("lacks.signatures_untold" if target.registered("has_files") else "lacks.files")

    @staticmethod
    def state(target: Target) -> int:
        """What is told of the main file."""
        return int(file_states(target.facts)[target.document])


class Signed(Unsigned):
    """K2, K3, K5, K6, Q3: the main file is signed."""

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        yield from super().excluded(target, blamed, timeline)
        if self.state(target) == UNSIGNED:
            yield step("kept_out.unsigned")

    def further_lacks(self, target: Target) -> Iterator[Step]:
        yield from super().further_lacks(target)
        if self.state(target) == SIGNED:
            yield from self.unclear(target)

    def unclear(self, target: Target) -> Iterator[Step]:
        """What is missing of the signatures."""
        del target
        yield from ()


class MissingSigningParty(Signed):
    """K2."""

    def unclear(self, target: Target) -> Iterator[Step]:
        if signing_times(target.facts).has_unknown[target.document]:
            yield step("lacks.signing_party")


class SigningOrder(Signed):
    """K3."""

    def unclear(self, target: Target) -> Iterator[Step]:
        times = signing_times(target.facts)
        if not (times.has_person[target.document] and times.has_agency[target.document]):
            yield step("lacks.one_party")
        elif not times.complete[target.document]:
            yield step("lacks.signing_times")


class InvalidCertificate(Signed):
    """K4."""

    def unclear(self, target: Target) -> Iterator[Step]:
        if not certificate_faults(target.facts).told[_signatures(target)].all():
            yield step("lacks.certificate_facts")


class BrokenIntegrity(Signed):
    """K5."""

    def unclear(self, target: Target) -> Iterator[Step]:
        rows = main_signatures(target.facts).row[_signatures(target)]
        part = target.facts.frames.signatures.iloc[rows]
        if part[["intact", "valid"]].isna().any(axis=None) or part["covers_file"].isna().iloc[-1]:
            yield step("lacks.integrity_facts")


class SignerCertificateMismatch(Signed):
    """Q3."""

    needs = ("signer_name",)

    def unclear(self, target: Target) -> Iterator[Step]:
        signatures, rows = main_signatures(target.facts), _signatures(target)
        subject = target.facts.frames.signatures["subject"].iloc[signatures.row[rows]]
        if not ((signatures.party[rows] == PERSON) & subject.notna().to_numpy()).any():
            yield step("lacks.personal_subject")


class MissingTimestamp(Signed):
    """K7."""

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        yield from super().excluded(target, blamed, timeline)
        facts = target.facts
        sent_on = int(facts.day_of(one(timeline.anchored_at))[0])
        if not facts.policy.rule(self.rule.id).after_law and sent_on >= day_number(LAW_ENDED_ON):
            yield step("kept_out.timestamp_law_ended", day=day(sent_on), ended=_day_before(LAW_ENDED_ON))


class UnsignedAttachment(SentDocument):
    """D2."""

    def excluded(self, target: Target, blamed: int, timeline: Timeline) -> Iterator[Step]:
        yield from super().excluded(target, blamed, timeline)
        if not is_checked(target.facts.frames.files)[self._pdf_rows(target)].any():
            yield from without_flag(target.facts, blamed, "reports_signatures")
        if target.entry != NONE and target.registered("has_files") and not self._pdf_rows(target).size:
            yield step("kept_out.no_pdf_beside")

    def further_lacks(self, target: Target) -> Iterator[Step]:
        files = target.facts.files
        if not target.registered("has_files"):
            yield step("lacks.files")
        elif not files["is_main"][files["document"] == target.document].any():
            yield step("lacks.main_file")
        elif not sealed_files(target.facts)[1][self._pdf_rows(target)].all():
            yield step("lacks.signatures_untold")

    @staticmethod
    def _pdf_rows(target: Target) -> np.ndarray:
        files = target.facts.files
        beside = files["row"][(files["document"] == target.document) & ~files["is_main"]].to_numpy()
        return np.asarray(beside[pdf_files(target.facts)[beside]])


def _signatures(target: Target) -> np.ndarray:
    """The signatures of the main file: rows of `main_signatures`."""
    return np.flatnonzero(main_signatures(target.facts).document == target.document)


def _as_documents(target: Target) -> Documents:
    """The document alone, as the facts of several are asked for."""
    return Documents(*(one(value) for value in (target.document, target.sender, target.entry, target.sender, 0)))


def _day_before(first: date) -> date:
    return date.fromordinal(first.toordinal() - 1)


ACCOUNTS: Mapping[str, type[Account]] = {
    "missing_information": SentDocument,
    "malformed_notation": MalformedNotation,
    "wrong_date": WrongDate,
    "missing_component": MissingComponent,
    "wrong_competence": WrongCompetence,
    "unauthorised_signer": UnauthorisedSigner,
    "signer_certificate_mismatch": SignerCertificateMismatch,
    "foreign_notation": ForeignNotation,
    "unsigned": Unsigned,
    "missing_signing_party": MissingSigningParty,
    "signing_order": SigningOrder,
    "invalid_certificate": InvalidCertificate,
    "broken_integrity": BrokenIntegrity,
    "missing_signature_information": Signed,
    "missing_timestamp": MissingTimestamp,
    "missing_attachment": MissingAttachment,
    "unsigned_attachment": UnsignedAttachment,
    "secret_on_axis": SecretOnAxis,
}
