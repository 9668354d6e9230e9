"""What was verified replaces the log's word in rules K1 to K7, D2 and Q3, and findings say so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from audit.facts.checked import judged_frames
from audit.part import judge_part
from audit.rules import RULES
from audit.signatures import FileFacts, SignatureFacts
from audit.signatures.file_facts import unread
from tests.rules.harness import ISSUER, SIGNER, Case, document, file, send, sha256, signature, verified_facts

MAIN, ANNEX = sha256("van-ban.pdf"), sha256("phu-luc.pdf")
SIGNED = [signature("person"), signature("agency")]


def checked(party: str = "person", **fields: Any) -> SignatureFacts:
    """A good signature as verification finds it."""
    of_agency = party == "agency"
    told: dict[str, Any] = {
        "party": party, "subject": "CN=SỞ NỘI VỤ, UID=MST:4700" if of_agency else f"CN={SIGNER}, E=may@backan.gov.vn",
        "serial": "7A31" if of_agency else "5402", "issuer": ISSUER, "valid_from": datetime(2019, 5, 2, tzinfo=UTC),
        "valid_to": datetime(2024, 5, 1, tzinfo=UTC), "signed_at": datetime(2021, 2, 2, 2, 30 * of_agency, tzinfo=UTC),
        "time_origin": "token", "timestamp_at": datetime(2021, 2, 2, 2, 31, tzinfo=UTC), "timestamp_chain": "trusted",
        "intact": True, "valid": True, "covers_file": of_agency, "chain": "trusted", "revocation": "not_checked", "revoked_at": None,
    }  # fmt: skip
    return SignatureFacts(**told | fields)


PERSON, AGENCY = checked("person"), checked("agency")
EARLY, LATE = datetime(2018, 1, 1, tzinfo=UTC), datetime(2021, 2, 2, 5, 0, tzinfo=UTC)


def said(rule: str, *found: SignatureFacts, signatures: list[dict[str, object]] | None = SIGNED) -> Any:
    """The details of a rule's findings of a document whose main file was verified so; None: it was not decided."""
    case = Case("verified", [document(files=[file(signatures=signatures)]), send()])
    verdicts = RULES[rule].judge(verified_facts(case, {MAIN: FileFacts(signatures=found)}))
    if not verdicts.members.decided.all():
        return None
    return list(verdicts.findings.detail)


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("unsigned", ()),
        ("missing_signing_party", (PERSON,)),
        ("signing_order", (AGENCY, PERSON)),
        ("invalid_certificate", (PERSON, checked("agency", signed_at=EARLY))),
        ("invalid_certificate", (PERSON, checked("agency", revoked_at=EARLY, revocation="revoked"))),
        ("invalid_certificate", (PERSON, checked("agency", issuer="CN=VNPT-CA", chain="no_anchor"))),
        ("broken_integrity", (checked(intact=False), AGENCY)),
        ("broken_integrity", (PERSON, checked("agency", valid=False))),
        ("broken_integrity", (PERSON, checked("agency", covers_file=False))),
        ("missing_signature_information", (checked(signed_at=None), AGENCY)),
        ("missing_timestamp", (checked(timestamp_at=None), AGENCY)),
        ("signer_certificate_mismatch", (checked(subject="CN=Nông Văn Páo, E=pao@backan.gov.vn"), AGENCY)),
    ],
)
def test_the_files_fault_is_found_whatever_the_log_says(rule: str, found: tuple[SignatureFacts, ...]) -> None:
    (detail,) = said(rule, *found)
    assert detail["checked"] == "verified"
    assert said(rule, PERSON, AGENCY) == []


@pytest.mark.parametrize(
    ("rule", "claims"),
    [
        ("unsigned", []),
        ("missing_signing_party", [signature("person")]),
        ("invalid_certificate", [signature("person", issuer="CN=VNPT-CA"), signature("agency")]),
        ("broken_integrity", [signature("person", intact=False), signature("agency")]),
        ("missing_signature_information", [signature("person", serial=None), signature("agency")]),
    ],
)
def test_a_good_file_clears_what_the_log_says(rule: str, claims: list[dict[str, object]]) -> None:
    assert said(rule, PERSON, AGENCY, signatures=claims) == []


def test_the_order_is_that_of_the_file_not_of_clocks() -> None:
    late_token = checked("person", signed_at=LATE)
    assert said("signing_order", late_token, AGENCY) == []
    assert len(said("signing_order", checked("agency", signed_at=None), PERSON)) == 1


def test_a_forged_chain_is_told_and_is_no_fault_of_the_name() -> None:
    forged = checked("agency", chain="untrusted")
    assert said("invalid_certificate", PERSON, forged) == []
    (detail,) = said("invalid_certificate", PERSON, checked("agency", chain="untrusted", signed_at=EARLY))
    assert (detail["reasons"], detail["remarks"]) == (["outside_validity"], ["untrusted_chain"])
    case = Case("forged", [document(files=[file(signatures=SIGNED)]), send()])
    assert (
        judge_part(verified_facts(case, {MAIN: FileFacts(signatures=(PERSON, forged))})).notes["untrusted_chains"] == 1
    )


def test_chain_that_nobody_could_check_is_no_fault() -> None:
    assert said("invalid_certificate", checked(chain="no_anchor"), checked("agency", chain="no_anchor")) == []


def test_coverage_behind_a_document_time_stamp_is_not_decided() -> None:
    assert said("broken_integrity", PERSON, checked("agency", covers_file=None)) is None


@pytest.mark.parametrize(
    "rule", ["unsigned", "missing_signing_party", "broken_integrity", "signer_certificate_mismatch"]
)
def test_a_file_that_could_not_be_read_decides_nothing(rule: str) -> None:
    case = Case("unread", [document(files=[file(signatures=SIGNED)]), send()])
    verdicts = RULES[rule].judge(verified_facts(case, {MAIN: unread("it is encrypted")}))
    assert list(verdicts.members.decided) == [False]
    assert not len(verdicts.findings)


def test_a_verified_file_is_judged_though_the_system_tells_nothing() -> None:
    silent = {"H03.02": {"reports_signatures": False}}
    annex = file(name="phu-luc.pdf", role="attachment", signatures=None)
    case = Case("silent", [document(files=[file(signatures=None), annex]), send()], agencies=silent)
    found = {
        rule: list(RULES[rule].judge(verified_facts(case, {MAIN: FileFacts(), ANNEX: FileFacts()})).members.breach)
        for rule in ("unsigned", "unsigned_attachment")
    }
    assert found == {"unsigned": [True], "unsigned_attachment": [True]}
    assert not len(RULES["unsigned"].judge(verified_facts(case, {})).members)
    assert not len(RULES["unsigned_attachment"].judge(verified_facts(case, {MAIN: FileFacts()})).members)


def test_a_finding_says_that_it_rests_on_the_log() -> None:
    case = Case("claimed", [document(files=[file(signatures=[])]), send()])
    verdicts = RULES["unsigned"].judge(verified_facts(case, {}))
    assert list(verdicts.findings.detail) == [{"checked": "log"}]


def test_attachments_are_verified_one_by_one() -> None:
    annex = file(name="phu-luc.pdf", role="attachment", signatures=[signature("agency")])
    other = file(name="bang.pdf", role="attachment", signatures=[])
    case = Case("annexes", [document(files=[file(), annex, other]), send()])
    verdicts = RULES["unsigned_attachment"].judge(verified_facts(case, {ANNEX: FileFacts(signatures=(PERSON,))}))
    assert list(zip(verdicts.findings.extra, verdicts.findings.detail, strict=True)) == [
        ("phu-luc.pdf", {"position": 2, "checked": "verified"}),
        ("bang.pdf", {"position": 3, "checked": "log"}),
    ]


def test_notes_count_what_rests_on_the_log() -> None:
    case = Case("two", [document(), send(), *_second()])
    assert judge_part(verified_facts(case, {})).notes["log_signatures"] == 4
    verified = {MAIN: FileFacts(signatures=(PERSON, AGENCY, AGENCY))}
    assert judge_part(verified_facts(case, verified)).notes["log_signatures"] == 2


def test_putting_it_in_place_twice_is_as_once() -> None:
    facts = verified_facts(Case("one", [document(), send()]), {MAIN: FileFacts(signatures=(PERSON, AGENCY))})
    again = judged_frames(facts.frames)
    assert again.signatures.equals(facts.frames.signatures)
    assert again.files.equals(facts.frames.files)


def _second() -> list[Any]:
    other = {"number": "13"}
    return [document(files=[file(name="hai.pdf")], **other), send(**other)]
