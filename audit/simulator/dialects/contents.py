"""Bytes for the files of the simulated documents, so that a dialect can carry them: a hash that has a file.

The plain log names files by hash and size alone. Where messages carry the files themselves, every hash of the province,
also that of a file that was altered on its way, is replaced by that of bytes made from it: what was equal stays equal.
"""

from __future__ import annotations

import hashlib
from typing import Final

from audit.simulator.model import File
from audit.simulator.province import Province

_PDF: Final = "%PDF-1.7\n% {}\n%%EOF\n"


class Contents:
    """The bytes of every file of a province, whose hashes and sizes are changed to fit them."""

    def __init__(self, province: Province) -> None:
        self._bytes: dict[str, bytes] = {}
        self._real = {sha256: content for papers in province.papers.values() for sha256, content in papers.items()}
        done: set[int] = set()
        for document in province.documents:
            for file in document.files or ():
                if id(file) not in done:
                    done.add(id(file))
                    self._fill(file)
            for pair in document.pairs:
                for receipt in pair.receipts:
                    if receipt.sha256 is not None and id(receipt) not in done:
                        done.add(id(receipt))
                        receipt.sha256 = self._keep(self._body(receipt.sha256))

    def of(self, sha256: str) -> bytes:
        """The bytes with this hash. Raises KeyError where the province has no such file."""
        return self._bytes[sha256]

    def _fill(self, file: File) -> None:
        # an empty file stays one, under the hash of nothing
        body = self._body(file.sha256) if file.size_bytes else b""
        file.sha256, file.size_bytes = self._keep(body), len(body)

    def _body(self, sha256: str) -> bytes:
        """The file itself where there is one (`audit.simulator.papers`), else bytes that stand for it."""
        return self._real.get(sha256) or made_of(sha256)

    def _keep(self, body: bytes) -> str:
        sha256 = hashlib.sha256(body).hexdigest()
        self._bytes[sha256] = body
        return sha256


def made_of(sha256: str) -> bytes:
    """The bytes that stand for a file of which only a hash was invented."""
    return _PDF.format(sha256).encode("ascii")
