"""What was a finding and is not decided any more, since a day is missing: it is not resolved by that.

A rule that needs a log up to `as_of` (G1, N5 …) cannot tell on the night on which yesterday's log did not come. Its
finding is not made then, and it must not look mended either: no data is not compliance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from audit.facts import Facts
from audit.findings import finding_ids
from audit.findings.keys import stacked
from audit.rule import Rule, Verdicts

BY_COVERAGE: Final = frozenset(
    "G1 G2 G3 G4 G5 N1 N2 N3 N4 N5 N6 N10 N12 N13 L1 R1 T4 H3".split()  # noqa: SIM905  # as rules.md lists them
)
"""Rules that are decided only where the needed days are complete (H3: where a probe tells of a certificate)."""


def suspected_ids(facts: Facts, rules: tuple[Rule, ...], verdicts: Mapping[str, Verdicts]) -> frozenset[str]:
    """The ids of what would be findings if nothing else came, of members that are not decided."""
    asked = {rule.id for rule in rules if rule.code in BY_COVERAGE and rule.id in verdicts}
    found = {name: verdicts[name].suspicions for name in asked}
    told = {name: Verdicts(verdicts[name].members, one) for name, one in found.items() if len(one)}
    return frozenset(finding_ids(rules, stacked(facts, rules, told))) if told else frozenset()
