"""The rules: one module each, named by its id. What is in this folder is the catalogue.

A rule is added by adding its file; nothing else names it but `audit.catalogue`, settings and law, which a test
compares.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final

from audit.catalogue import CODES, RULE_ID_OF
from audit.rule import Rule


def _discover() -> tuple[Rule, ...]:
    """The rules of this folder in the order of the catalogue.

    Raises:
        ImportError: a module's name is not its rule's id, or code and id do not belong together in the catalogue.
    """
    found = {module.name: import_module(f"{__name__}.{module.name}").RULE for module in pkgutil.iter_modules(__path__)}
    wrong = [name for name, rule in found.items() if rule.id != name or RULE_ID_OF.get(rule.code) != name]
    if wrong:
        raise ImportError(f"audit/rules: file name, id and code are not as in the catalogue: {', '.join(wrong)}")
    return tuple(sorted(found.values(), key=lambda rule: CODES.index(rule.code)))


CATALOGUE: Final[tuple[Rule, ...]] = _discover()
"""All rules, in the order of rules.md section 2."""

RULES: Final[Mapping[str, Rule]] = MappingProxyType({rule.id: rule for rule in CATALOGUE})
"""The same by id."""
