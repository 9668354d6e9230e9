"""The accounts of the rules, a file a family. Every module has `ACCOUNTS`: rule id → account."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from audit.explain.account import Account
from audit.explain.accounts.documents import SentDocument
from audit.rule import Rule


def account_of(rule: Rule) -> Account:
    """The account of a rule; one that has none of its own is told of as the rules about sent documents are."""
    for module in pkgutil.iter_modules(__path__):
        found: type[Account] | None = import_module(f"{__name__}.{module.name}").ACCOUNTS.get(rule.id)
        if found is not None:
            return found(rule)
    return SentDocument(rule)
