"""The oracle: an independent, slow, obvious judge, written from rules.md and log-api.md alone.

It shares no line with the product: plain Python, one row at a time, each sentence of the rules beside the code that obeys it.
Where the rules can be read in more than one way the code says `READING`, and READINGS.md says why.
"""

from .case import Case, Judgement
from .judge import judge

__all__ = ["Case", "Judgement", "judge"]
