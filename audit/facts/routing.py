"""Whether a recipient's code can be right at all (rule N9; such pairs are not judged by G1 and G2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from audit.facts.arrays import Mask
from audit.facts.once import once
from audit.registry import is_well_formed
from audit.working_time import NEVER

if TYPE_CHECKING:
    from audit.facts import Facts

MALFORMED, UNKNOWN = "malformed", "unknown"


def code_faults(facts: Facts) -> npt.NDArray[np.object_]:
    """For every pair "", `malformed` or `unknown`, as `_faulty_codes` says."""
    unknown, malformed = _faulty_codes(facts)
    fault = np.full(len(facts.pairs), "", dtype=object)
    fault[unknown] = UNKNOWN
    fault[malformed] = MALFORMED
    return fault


def has_wrong_code(facts: Facts) -> Mask:
    """Pairs whose recipient's code has a fault."""
    unknown, malformed = _faulty_codes(facts)
    return unknown | malformed


@once
def _faulty_codes(facts: Facts) -> tuple[Mask, Mask]:
    """Pairs whose recipient's code is unknown, and those whose is malformed (no form of an agency's code).

    Unknown is a code under the province's prefix whose first two groups have no entry in the registry that is valid
    on the day of the first send. Pairs that were not sent have no fault.
    """
    pairs = facts.pairs
    first_sent_at = pairs.first_message_at
    sent = first_sent_at < NEVER
    recipient = pairs.recipient
    codes = [str(code) for code in facts.agencies.codes]
    registered = np.arange(len(codes)) < facts.agencies.registered
    malformed = (np.array([not is_well_formed(code) for code in codes], dtype=bool) & ~registered)[recipient]
    prefix = facts.settings.province.code + "."
    ours = np.array([code.startswith(prefix) for code in codes], dtype=bool)[recipient]
    positions = {code: place for place, code in enumerate(codes)}
    holder = np.array([positions.get(".".join(code.split(".")[:2]), -1) for code in codes], dtype=np.int64)[recipient]
    day = facts.day_of(np.where(sent, first_sent_at, 0))
    valid_from, valid_to = np.append(facts.agencies.valid_from, 0), np.append(facts.agencies.valid_to, -1)
    valid = (holder >= 0) & (valid_from[holder] <= day) & (day <= valid_to[holder])
    return np.asarray(sent & ours & ~valid), np.asarray(sent & malformed)
