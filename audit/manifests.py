"""Manifests: what each run was made from and what it made, each holding the hash of the one before.

``<root>/<number>-<run>.json``, numbered from 1, never rewritten. Who changes, takes away or slips in a manifest
breaks the chain at that place; the ledger notes the hash of each run's manifest beside the run, so that neither can
be cut short without the other telling.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from audit.errors import DataError

FOLDER: Final = "manifests"
"""Where they are, in the data folder."""
_NAME: Final = re.compile(r"(\d{7})-([0-9A-Za-z-]{1,40})\.json")


@dataclass(frozen=True, slots=True)
class Manifest:
    """One manifest as it stands on the disk.

    Attributes:
        number: its place in the chain, from 1.
        run_id: whose it is.
        sha256: of the file.
        previous: hash that it names as the one before; ``""`` for the first.
        content: what it tells of the run (`audit.pipeline.accounting`).
    """

    number: int
    run_id: str
    sha256: str
    previous: str
    content: Mapping[str, Any]

    @property
    def path_name(self) -> str:
        """Name of its file."""
        return f"{self.number:07d}-{self.run_id}.json"


class ManifestChain:
    """The manifests under one folder; it need not exist. Who appends holds the lock of the data folder."""

    def __init__(self, root: Path) -> None:
        self.root: Final = root

    def paths(self) -> list[Path]:
        """The files, in the order of the chain."""
        return sorted(path for path in self.root.glob("*.json") if _NAME.fullmatch(path.name))

    def append(self, run_id: str, content: Mapping[str, Any]) -> str:
        """Write the next manifest; its SHA-256. It is on the disk when this returns."""
        last = next(reversed(self.paths()), None)
        number = 1 if last is None else int(last.name[:7]) + 1
        previous = "" if last is None else _sha256(last.read_bytes())
        told = {"number": number, "run_id": run_id, "previous": previous, **content}
        body = (json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1, default=str) + "\n").encode()
        self.root.mkdir(parents=True, exist_ok=True)
        beside = self.root / f".{number:07d}.new"
        with beside.open("wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.root / f"{number:07d}-{run_id}.json")
        return _sha256(body)

    def read(self) -> list[Manifest]:
        """All manifests, in order.

        Raises:
            DataError: one of them cannot be read.
        """
        return [_read(path) for path in self.paths()]

    def faults(self, noted: Mapping[str, str]) -> list[str]:
        """What is wrong with the chain, a sentence each.

        Args:
            noted: the hashes that the ledger noted, by run.
        """
        try:
            manifests = self.read()
        except DataError as error:
            return [str(error)]
        found, before = [], ""
        for place, manifest in enumerate(manifests, start=1):
            name = f"manifest {manifest.number} of run {manifest.run_id}"
            if manifest.number != place:
                found.append(f"{name} stands at place {place} of the chain: manifests are missing")
                before = manifest.previous
            if manifest.previous != before:
                found.append(f"{name} does not follow from the one before it")
            if noted.get(manifest.run_id, manifest.sha256) != manifest.sha256:
                found.append(f"{name} is not the one that the ledger noted")
            before = manifest.sha256
        known = {manifest.run_id for manifest in manifests}
        return found + [f"the manifest of run {run_id} is missing" for run_id in sorted(noted.keys() - known)]


def _read(path: Path) -> Manifest:
    name = _NAME.fullmatch(path.name)
    try:
        body = path.read_bytes()
        content = json.loads(body)
        if name is None or not isinstance(content, dict) or content["run_id"] != name[2]:
            raise DataError(path.name, "this manifest is of another run")
        return Manifest(int(content["number"]), name[2], _sha256(body), str(content["previous"]), content)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(path.name, "this manifest cannot be read") from error


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
