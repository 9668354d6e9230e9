"""Which priority topic a document is about: patterns on its folded subject (rules.md section 1, *Severity*)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.facts.arrays import Ints
from audit.normalise import HYPHEN_LIKE
from audit.settings import Topic
from audit.unicode_forms import caseless, nfc
from audit.working_time import NO_DAY, date_of

_DROPPED: Final = re.compile(rf"[\s\-{HYPHEN_LIKE}]+")


def fold(subject: str) -> str:
    """As patterns see a subject: NFC, folded, without white space and dashes (``SARS-CoV 2`` → ``sarscov2``)."""
    return _DROPPED.sub("", caseless(subject))


def topic_ids(topics: Sequence[Topic], subjects: pd.Series, days: Ints) -> npt.NDArray[np.object_]:
    """The id of the first topic, in the order of the settings, that is in force and found in the subject.

    Args:
        topics: Of ``topics.toml``. Patterns are matched without case.
        subjects: None where unknown.
        days: Issue dates, local days since 1970; on ``NO_DAY`` only a topic without beginning and end is in force.

    Returns:
        Ids, None where no topic matches.
    """
    patterns = [[re.compile(nfc(pattern), re.IGNORECASE) for pattern in topic.patterns] for topic in topics]
    found: dict[tuple[str, int], str | None] = {}
    ids = np.full(len(subjects), None, dtype=object)
    for place, (subject, day) in enumerate(zip(subjects, days.tolist(), strict=True)):
        if not isinstance(subject, str):
            continue
        if (subject, day) not in found:
            folded = fold(subject)
            found[subject, day] = next(
                (
                    topic.id
                    for topic, compiled in zip(topics, patterns, strict=True)
                    if _in_force(topic, day) and any(pattern.search(folded) for pattern in compiled)
                ),
                None,
            )
        ids[place] = found[subject, day]
    return ids


def _in_force(topic: Topic, day: int) -> bool:
    if day == NO_DAY:
        return topic.valid_from is None and topic.valid_to is None
    return topic.in_force_on(date_of(day))
