"""Files of the simulated province: real PDFs with real signatures of its own certification, good ones and bad ones.

`make_papers` turns what happened to documents (`audit.simulator.model`) into files that prove it. Nothing here knows
how the audit looks at them.
"""

from __future__ import annotations

from audit.simulator.papers.desk import make_papers, papers_of
from audit.simulator.papers.letter import COMPONENTS

__all__ = ["COMPONENTS", "make_papers", "papers_of"]
