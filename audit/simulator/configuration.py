"""The configuration that fits a served province: a folder for ``run_audit.py --config``.

Only what is the province's own stands there (agencies, signers, tokens); everything else is taken from the shipped
``config/``, as in any deployment.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from audit.settings import Agency
from audit.simulator.province import Province

SECRET_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "log_api": ("token",),
    "vxp": ("secret",),
    "lgsp": ("secret", "password"),
}
"""Keys of a kind of source that refer to the agency's secret."""


def write_config(
    province: Province,
    folder: Path,
    sources: Mapping[str, Mapping[str, Any]],
    tokens: Mapping[str, str],
    more: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[Path, Path | None]:
    """Writes ``agencies.toml``, ``signers.toml``, secrets, probes, CAs; returns the folder and the probes' file.

    Args:
        province: Whose.
        folder: Where to.
        sources: How to reach each agency's system, but for secrets.
        tokens: Its secret.
        more: A second log of some agencies.
    """
    secrets = folder / "credentials"
    secrets.mkdir(parents=True, exist_ok=True)
    blocks = [_table("province", _province(province.agencies[0]))]
    for agency in province.agencies:
        blocks.append(_table("[agencies]", _agency(agency)))
        if agency.code in sources:
            secret = secrets / f"{agency.code}.token"
            secret.write_text(tokens[agency.code], encoding="ascii")
            secret.chmod(0o600)
            told = _reached(sources[agency.code], secret)
            if agency.code in province.papers and told["kind"] == "log_api":
                told["files"] = True
            blocks.append(_table("agencies.source", told))
            if more and agency.code in more:
                second = {"name": "second", **_reached(more[agency.code], secret)}
                blocks.append(_table("[agencies.more_sources]", second))
    (folder / "agencies.toml").write_text("\n".join(blocks), encoding="utf-8")
    signers = "\n".join(_table("[signers]", entry) for entry in province.signers)
    (folder / "signers.toml").write_text(signers, encoding="utf-8")
    _write_trust(province, folder / "trust")
    probes = folder / "probes.jsonl" if province.probes else None
    if probes is not None:
        lines = (json.dumps(probe, ensure_ascii=False) + "\n" for probe in province.probes)
        probes.write_text("".join(lines), encoding="utf-8")
    return folder, probes


def _write_trust(province: Province, folder: Path) -> None:
    """The accepted CAs of the simulation, where files can be checked."""
    for name, content in province.trust.items():
        folder.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


def _reached(source: Mapping[str, Any], secret: Path) -> dict[str, Any]:
    keys = dict.fromkeys(SECRET_KEYS.get(source["kind"], ()), f"file:{secret.resolve()}")
    return {**source, **keys, "requests_per_second": 1000.0}


def _province(top: Agency) -> dict[str, Any]:
    found = {"code": top.code, "name": top.name, "place": top.name.removeprefix("UBND tỉnh "), "valid_to": top.valid_to}
    return found | {"successor": "H55"}


def _agency(agency: Agency) -> dict[str, Any]:
    """The keys of ``agencies.toml`` that differ from their defaults."""
    found = agency.model_dump(exclude={"source", "pulled"}, exclude_defaults=True)
    return {key: value for key, value in found.items() if value is not None}


def _table(name: str, entries: Mapping[str, Any]) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in entries.items() if value is not None]
    return "\n".join([f"[{name}]", *lines, ""])


def _value(value: Any) -> str:
    """A TOML value; JSON's strings and flags are TOML's too."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | bool | int | float):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Iterable):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    raise TypeError(f"{type(value).__name__} has no TOML form here")
