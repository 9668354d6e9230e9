"""What a document is about, as one integer: its main file (rules L2, L3, D1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.arrays import Ints, Mask, any_of, text_keys
from audit.facts.once import once

if TYPE_CHECKING:
    from audit.facts import Facts


@once
def main_file_keys(facts: Facts) -> Ints:
    """For every document a hash of its main file's SHA-256, 0 where the register tells none."""
    keys = np.zeros(len(facts.documents), dtype=np.int64)
    main = facts.files[facts.files["is_main"] & (facts.files["document"] >= 0)]
    keys[main["document"]] = text_keys(facts.frames.files["sha256"].iloc[main["row"]])
    return keys


def with_message(facts: Facts, *kinds: int) -> Mask:
    """Which documents have a send of one of these business types."""
    of_kind = np.isin(facts.sends.kind, kinds)
    return any_of(len(facts.documents), facts.identity.of_sends[of_kind])
