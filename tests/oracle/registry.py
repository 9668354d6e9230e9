"""Agencies: canonical codes, who answers for whom on which day, flags (rules.md section 1, In scope and Outcome)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from . import normalise as n

TABLES = ("documents", "sends", "receipts", "statuses")


class Registry:
    """Reads a dict as agencies.toml."""

    def __init__(self, agencies: dict[str, Any], placeholders: list[str]) -> None:
        self._placeholders = placeholders
        self.province = str(agencies.get("province", {}).get("code", "")).strip().upper()
        self.entries: dict[str, dict[str, Any]] = {}
        self._known: dict[str, str] = {}
        for entry in agencies["agencies"]:
            code = str(entry["code"]).strip().upper()
            self.entries[code] = entry
            for name in (code, *entry.get("aliases", [])):
                self._known[str(name).strip().upper()] = code

    def canonical(self, value: object) -> str | None:
        """ "Codes: trimmed, upper case, through the registry"; an unknown old form is turned into the new form."""
        raw = n.text(value, self._placeholders)
        if raw is None:
            return None
        code = raw.upper()
        if code not in self._known and n.OLD_FORM.fullmatch(code):
            # "drop zero groups, reverse: `000.00.12.H03` → `H03.12`". READING 4: the result goes through the registry again.
            code = ".".join(reversed([group for group in code.split(".") if group.strip("0")]))
        return self._known.get(code, code)

    def kind(self, code: str) -> str:
        """Kind of agency, empty where unknown."""
        return str(self.entries.get(code, {}).get("kind", ""))

    def notations(self, code: str) -> list[str]:
        """The notations that the agency lists as its own."""
        listed = self.entries.get(code, {}).get("notations", [])
        return [found for value in listed if (found := n.notation_of(value, ()))]

    def flag(self, code: str, name: str) -> bool:
        """ "`pulled`, `reports_forwarding`, `reports_completion`, `reports_signatures` (default true), `register_whole` (default false)"."""
        return bool(self.entries.get(code, {}).get(name, name != "register_whole"))

    def keeps(self, code: str, *tables: str) -> bool:
        """The agency is pulled and keeps these tables ("`tables` (what the agency keeps; default all four)")."""
        return self.flag(code, "pulled") and set(tables) <= set(self.tables(code))

    def tables(self, code: str) -> list[str]:
        """The tables that the agency keeps."""
        return list(self.entries.get(code, {}).get("tables", TABLES))

    def valid_on(self, code: str, on: date) -> bool:
        """ "in the registry and valid on the anchor's day"; validity includes both ends."""
        entry = self.entries.get(code)
        if entry is None:
            return False
        begins, ends = n.day(entry.get("valid_from")), n.day(entry.get("valid_to"))
        return (begins is None or begins <= on) and (ends is None or on <= ends)

    def answering(self, code: str, on: date) -> str | None:
        """Who answers for the agency that day: itself, or "from the day after `valid_to` the successor"."""
        seen: set[str] = set()
        while code in self.entries and code not in seen:
            if self.valid_on(code, on):
                return code
            seen.add(code)
            ends = n.day(self.entries[code].get("valid_to"))
            following = self.canonical(self.entries[code].get("successor"))
            if ends is None or on <= ends or following is None:
                return None
            code = following
        return None

    def log_of(self, code: str) -> str:
        """ "`log_of` in the registry names the agency whose log holds another's rows"."""
        return self.canonical(self.entries.get(code, {}).get("log_of")) or code

    def speaks_for(self, log: str, code: str, on: date) -> bool:
        """Whether a row of that log and log day stands in the agency's own log: its own, or its successor's once it ended."""
        return log in (code, self.log_of(code), self.log_of(self.answering(code, on) or code))

    def in_scope(self, begins: date, ends: date) -> Iterator[str]:
        """Agencies valid between the first day and the day before the last: those have a row of outcome."""
        for code, entry in self.entries.items():
            first, last = n.day(entry.get("valid_from")), n.day(entry.get("valid_to"))
            if (first is None or first < ends) and (last is None or last >= begins):
                yield code
