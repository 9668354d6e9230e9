"""Findings taken back to their grounds, for an inspector: rule, citation, deadline step by step, raw lines, who is
named and why; and why a document has no finding of a rule.

The verdict is always the rule's own, judged again on the facts of the day. An explanation is made of steps, which are
values (`step`); `wording` makes Vietnamese sentences of them, `layout` a text or JSON.
"""
