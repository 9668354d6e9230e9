"""Reading the folder of settings: every mistake of every file, in one go.

A file with mistakes is read once more without what is wrong in it, so that the checks between files (`crosschecks`) can
still look at the rest of it.
"""

from __future__ import annotations

import copy
import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from audit.errors import Mistake
from audit.settings.base import Section
from audit.settings.explaining import mistakes_of

SHIPPED: Final = Path(__file__).resolve().parents[2] / "config"
"""The folder that answers for files absent elsewhere."""
FILE_BYTES_MAX: Final = 20 * 1024 * 1024

SectionT = TypeVar("SectionT", bound=Section)


class SettingsFile:
    """One settings file as found.

    Attributes:
        name: Name without folder, as mistakes print it.
        raw: What TOML says; empty where it does not parse.
        mistakes: Why it does not parse.
        sha256: Digest of the bytes.
    """

    def __init__(self, folder: Path | None, names: tuple[str, ...]) -> None:
        path = _find(folder, names)
        self.name: Final = path.name
        self.raw: dict[str, Any] = {}
        self.mistakes: tuple[Mistake, ...] = ()
        content = b""
        try:
            with path.open("rb") as file:
                content = file.read(FILE_BYTES_MAX + 1)
            if len(content) > FILE_BYTES_MAX:
                raise OSError(f"larger than {FILE_BYTES_MAX} bytes")
            self.raw = tomllib.loads(content.decode("utf-8"))
        except tomllib.TOMLDecodeError as error:
            self.mistakes = (Mistake(self.name, "", "(not TOML)", f"TOML: {error}"),)
        except UnicodeDecodeError as error:
            self.mistakes = (Mistake(self.name, "", f"(byte {error.start})", "UTF-8 text"),)
        except OSError as error:
            self.mistakes = (
                Mistake(self.name, "", "(not readable)", f"a file that can be read ({error.strerror or error})"),
            )
        self.sha256: Final = hashlib.sha256(content).hexdigest()

    def read_as(self, model: type[SectionT]) -> tuple[SectionT | None, tuple[Mistake, ...]]:
        """The file as `model`, and what is wrong in it.

        With mistakes the model holds what is right: entries and keys with a mistake are left out, and it is None where
        that is not enough.
        """
        if self.mistakes:
            return None, self.mistakes
        try:
            return model.model_validate(self.raw), ()
        except ValidationError as error:
            return _salvage(model, self.raw, error), mistakes_of(self.name, model, self.raw, error)


def _find(folder: Path | None, names: tuple[str, ...]) -> Path:
    for place in (folder, SHIPPED):
        for name in names:
            if place is not None and (place / name).exists():
                return place / name
    return SHIPPED / names[0]


def _salvage(model: type[SectionT], raw: Mapping[str, Any], error: ValidationError) -> SectionT | None:
    """`raw` without the entries of lists and the keys of tables that `error` names."""
    kept = copy.deepcopy(dict(raw))
    places = {detail["loc"][:2] for detail in error.errors(include_url=False, include_context=False)}
    # from the back, so that an index still means what it meant
    for place in sorted(
        places, key=lambda place: [part if isinstance(part, int) else -1 for part in place], reverse=True
    ):
        key, within = str(place[0]), place[1] if len(place) > 1 else None
        top = kept.get(key)
        if isinstance(top, list) and isinstance(within, int) and within < len(top):
            del top[within]
        elif isinstance(top, dict) and within is not None:
            top.pop(str(within), None)
        else:
            kept.pop(key, None)
    try:
        return model.model_validate(kept)
    except ValidationError:
        return None
