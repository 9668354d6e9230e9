"""What the tests of the rules about signatures share: a document of one file, and the cases in which none of them judges."""

from __future__ import annotations

from typing import Final

from tests.rules.harness import Case, Judged, document, file, send, signature

FINDING: Final = (("H03.02", "12/SNV-VP", "", ""),)
BREACH: Final = Judged(FINDING, {"H03.02": (1, 1, 0)})
FINE: Final = Judged((), {"H03.02": (1, 0, 0)})
UNKNOWN: Final = Judged((), {"H03.02": (0, 0, 1)})
NOBODY: Final = Judged((), {})
PERSON: Final = signature("person")
AGENCY: Final = signature("agency")


def case(name: str, *signatures: dict[str, object], **fields: object) -> Case:
    """A main file with these signatures."""
    return Case(name, [document(files=[file(signatures=list(signatures))], **fields), send()])


WITHOUT_SIGNATURES: Final = (
    (Case("no file is D1", [document(files=[]), send()]), NOBODY),
    (Case("unsigned is K1", [document(files=[file(signatures=[])]), send()]), NOBODY),
    (Case("files are not told", [document(files=None), send()]), UNKNOWN),
    (Case("signatures are not told", [document(files=[file(signatures=None)]), send()]), UNKNOWN),
    (Case("known by its sends alone", [send()]), UNKNOWN),
    (Case("the system does not report signatures", [document(), send()], agencies={"H03.02": {"reports_signatures": False}}), NOBODY),
)  # fmt: skip
"""Cases that every rule about the signatures of a signed file answers alike."""
