"""Which components of form the text of a document's main file lacks (rule T5); only verification can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audit.facts.once import once
from audit.facts.texts import Texts

if TYPE_CHECKING:
    from audit.facts import Facts


@once
def missing_components(facts: Facts) -> Texts:
    """For every document the letters of NĐ 30/2020 Điều 8 khoản 2 that its main file lacks: `""` none, None unknown."""
    found = np.full(len(facts.documents), None, dtype=object)
    files = facts.frames.files
    if "missing_components" in files:
        main = facts.files[facts.files["is_main"] & (facts.files["document"] >= 0)]
        told = files["missing_components"].iloc[main["row"]]
        known = told.notna().to_numpy(dtype=bool)
        found[main["document"].to_numpy()[known]] = told[known].to_numpy(dtype=object)
    return found
