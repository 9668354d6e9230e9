"""H1 to H3: systems. They are about no document, so only their findings are explained."""

from __future__ import annotations

from collections.abc import Mapping

from audit.explain.account import Account, Timeline
from audit.explain.target import Target
from audit.facts import Facts


class OfSystem(Account):
    """A finding about an agency's system: all that there is to say stands in the finding."""

    of_pair = False

    def candidates(self, facts: Facts, document: int, recipient: int | None) -> list[Target]:
        del facts, document, recipient
        return []

    def timeline(self, target: Target) -> Timeline:
        del target
        return Timeline()


ACCOUNTS: Mapping[str, type[Account]] = {
    "system_outage": OfSystem,
    "missing_log": OfSystem,
    "expiring_certificate": OfSystem,
}
