"""How real systems spell the same value: old codes, odd dashes, NFD, leading zeros, three ways to write an instant."""

import random
import unicodedata
from datetime import UTC, datetime
from typing import Any

from . import normalise as n

Row = dict[str, Any]
# what real rows hold where nothing was filled in
NOTHING: tuple[Any, ...] = (None, "", "  ", "N/A", "-", "không có", "null")


class Noise:
    """Rewrites a row into another spelling of itself."""

    def __init__(self, rng: random.Random, aliases: dict[str, list[str]]) -> None:
        self._rng = rng
        self._aliases = aliases

    def spell(self, row: Row) -> Row:
        """The same row as another system would write it."""
        spelt = dict(row)
        for name in ("sender", "recipient", "from_org", "to_org"):
            if isinstance(spelt.get(name), str):
                spelt[name] = self.code(spelt[name])
        if isinstance(spelt.get("recipients"), list):
            spelt["recipients"] = [self.code(code) for code in spelt["recipients"]]
        if isinstance(spelt.get("number"), str) and isinstance(spelt.get("notation"), str):
            spelt["number"], spelt["notation"] = self.number_and_notation(spelt["number"], spelt["notation"])
        if isinstance(spelt.get("status_code"), str):
            code = spelt["status_code"]
            spelt["status_code"] = self._rng.choice([code, code, code.lstrip("0") or code, f" {code}"])
        return {name: self.instant(value) if isinstance(value, datetime) else value for name, value in spelt.items()}

    def code(self, code: str) -> str:
        """An agency's code: canonical, an alias, the old form, lower case or padded."""
        forms = [code, code, code, f" {code} ", code.lower(), *self._aliases.get(code, [])]
        parts = code.split(".")
        if len(parts) == 2 and len(parts[1]) == 2 and parts[1].isdigit():
            forms.append(f"000.00.{parts[1]}.{parts[0]}")
        return self._rng.choice(forms)

    def number_and_notation(self, number: str, notation: str) -> tuple[Any, Any]:
        """Number and notation, together or apart."""
        choice = self._rng.random()
        if choice < 0.05 and "/" not in number:
            return f"{number}/{notation}", None
        if choice < 0.08 and number.isdigit():
            return int(number), notation
        if choice < 0.2:
            number = self._rng.choice([f"0{number}", f" {number} ", f"00{number}"])
        return number, self.notation(notation)

    def notation(self, notation: str) -> str:
        """The same notation: NFD, other dashes, blanks, a suffix after `#`."""
        match self._rng.randrange(14):
            case 0:
                return unicodedata.normalize("NFD", notation)
            case 1:
                return notation.replace("-", self._rng.choice(list(n.DASHES)))
            case 2:
                return notation.replace("-", " - ")
            case 3:
                return notation + "#000.00.26.G14"
        return notation

    def instant(self, at: datetime) -> str:
        """ISO 8601 local with offset, local without, or UTC."""
        local = at.astimezone(n.LOCAL)
        forms = [
            local.isoformat(),
            local.isoformat(),
            local.replace(tzinfo=None).isoformat(),
            at.astimezone(UTC).isoformat(),
        ]
        return self._rng.choice(forms)

    def nothing(self) -> Any:
        """A value that says nothing."""
        return self._rng.choice(NOTHING)
