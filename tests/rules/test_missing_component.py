"""T5 missing_component: cases. What the text of the main file lacks is told by the verification of files."""

import pytest

from audit.facts import Facts
from audit.facts.checked import Verified
from audit.rules import RULES
from audit.signatures.file_facts import FileFacts, Wording, unread
from tests.rules.harness import Case, Judged, document, file, judged, send, sha256, verified_facts

MAIN, ANNEX = sha256("van-ban.pdf"), sha256("phu-luc.pdf")
WITH_ANNEX = [file(), file(name="phu-luc.pdf", role="attachment")]
FINE = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN = Judged((), {"H03.02": (0, 0, 1)})
NOBODY = Judged((), {})


def lacks(letters: str, *, is_whole: bool = True) -> FileFacts:
    return FileFacts(wording=Wording(missing=tuple(letters), is_whole=is_whole))


def wrong(*letters: str) -> Judged:
    return Judged(tuple(("H03.02", "12/SNV-VP", "", letter) for letter in letters), {"H03.02": (1, 1, 0)})


CASES = [
    ("all components", [document(), send()], {MAIN: lacks("")}, FINE),
    ("one is missing", [document(), send()], {MAIN: lacks("g")}, wrong("g")),
    ("each is a finding", [document(), send()], {MAIN: lacks("ađi")}, wrong("a", "i", "đ")),
    ("not at hand", [document(), send()], {}, UNKNOWN),
    ("only the annex is at hand", [document(files=WITH_ANNEX), send()], {ANNEX: lacks("a")}, UNKNOWN),
    ("the annex is no document", [document(files=WITH_ANNEX), send()], {MAIN: lacks(""), ANNEX: lacks("abcdgi")}, FINE),
    ("no text: a scan", [document(), send()], {MAIN: FileFacts()}, UNKNOWN),
    ("could not be read", [document(), send()], {MAIN: unread("it is encrypted")}, UNKNOWN),
    ("it may stand on a scanned page", [document(), send()], {MAIN: lacks("i", is_whole=False)}, UNKNOWN),
    ("a scanned annex behind a whole text", [document(), send()], {MAIN: lacks("", is_whole=False)}, FINE),
    ("files not told", [document(files=None), send()], {MAIN: lacks("a")}, UNKNOWN),
    ("no file", [document(files=[]), send()], {MAIN: lacks("a")}, UNKNOWN),
    ("sent before the period", [document(), send(sent_at="2021-01-29 10:00")], {MAIN: lacks("a")}, NOBODY),
    ("not sent", [document()], {MAIN: lacks("a")}, NOBODY),
]


@pytest.mark.parametrize(("name", "rows", "known", "expected"), CASES, ids=[case[0] for case in CASES])
def test_cases(name: str, rows: list[object], known: dict[str, FileFacts], expected: Judged) -> None:
    facts = verified_facts(Case(name, rows), known)  # type: ignore[arg-type]
    assert judged(facts, RULES["missing_component"].judge(facts)) == expected


def test_mass_organisations_have_forms_of_their_own() -> None:
    kind = {"H03.02": {"kind": "mass_organisation"}}
    facts = verified_facts(Case("exempt", [document(), send()], agencies=kind), {MAIN: lacks("abc")})
    assert judged(facts, RULES["missing_component"].judge(facts)) == NOBODY


def test_without_any_verification_nothing_is_decided() -> None:
    facts: Facts = verified_facts(Case("none", [document(), send()]), None)
    assert judged(facts, RULES["missing_component"].judge(facts)) == UNKNOWN
    assert Verified.of({}).files.empty
