"""Audit of the electronic exchange of official documents between the agencies of a province.

The line is pull → conform → log → judge → keep → report; ``docs/architecture.md`` says what passes
between the parts.
"""
