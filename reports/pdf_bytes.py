"""Each object of a PDF becomes bytes once. pydyf asks for them twice, and compresses streams each time: to write them,
and to sum up the whole file in its identifier.
"""

from __future__ import annotations

import pydyf


class _Settled(pydyf.Object):  # type: ignore[misc]
    """An object that will not change any more: the same number, the same bytes."""

    data = b""
    compressible = False

    def __init__(self, element: pydyf.Object) -> None:
        super().__init__()
        self.number, self.generation, self.free = element.number, element.generation, element.free
        self.data, self.compressible = element.data, element.compressible


def settle(pdf: pydyf.PDF) -> None:
    """Puts its bytes in the place of each object. The last thing before a file is written."""
    pdf.objects[:] = [element if element.free == "f" else _Settled(element) for element in pdf.objects]
