"""Signatures of PDF files, checked and not believed: what a file itself proves of who signed it, when and with what.

With its modules the only importer of pyHanko. `verify` looks at the bytes alone: no network, no clock. Callers that
hold bytes from outside use `Verifier`, which runs it in a child process with bounds.

What counts follows files as the agencies make them (domain paper wire.md, 0.6 and 5): only the signer's certificate is
embedded, and later seals change earlier revisions lawfully. So each signature must be intact and valid, and the last
one must cover the whole file; pyHanko's judgement of the changes in between is not asked.
"""

from audit.signatures.file_facts import Chain, FileFacts, SignatureFacts
from audit.signatures.trust import Trust
from audit.signatures.verifier import Bounds, Verifier

__all__ = ["Bounds", "Chain", "FileFacts", "SignatureFacts", "Trust", "Verifier", "verify"]


def verify(pdf: bytes, trust: Trust) -> FileFacts:
    """What a PDF proves of its signatures. Never raises for what stands in the file.

    It may take all the time and memory that there is: `Verifier` bounds both.
    """
    from audit.signatures.reading import FileReader  # noqa: PLC0415  # pyHanko loads slowly, and mostly in the child

    return FileReader(trust).verify(pdf)
