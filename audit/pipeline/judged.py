"""Judgements that were made before, kept to be used again: same evidence, settings and code, same judgement.

A judgement is a folder of Parquet files named by what it was made from. It is always read back from there, also right
after it was made, so that a result does not depend on whether it was at hand.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from audit.code_version import code_digest
from audit.engine import Judgement
from audit.working_folder import working_folder

FRAMES: Final = ("findings", "outcomes", "indicators", "outages", "systems")
NESTED: Final = ("detail", "basis", "evidence")
"""Columns of findings that hold objects and lists; in the files they are JSON."""
SUSPECTED: Final = "suspected.txt"
KEPT_MOST: Final = 100
"""Judgements kept; the ones not used for longest go first."""


class JudgedStore:
    """Judgements under one folder; the folder need not exist."""

    def __init__(self, root: Path) -> None:
        self.root: Final = root

    def load(self, key: str) -> Judgement | None:
        """The judgement of a key; None if there is none."""
        folder = self.root / key
        if not folder.is_dir():
            return None
        os.utime(folder)
        return _read(folder)

    def keep(self, key: str, judgement: Judgement) -> Judgement:
        """Keep a judgement, and give it as it is read back; two processes that make the same one do not meet."""
        self.root.mkdir(parents=True, exist_ok=True)
        with working_folder(self.root, "new") as made:
            folder = made / key
            folder.mkdir()
            _write(folder, judgement)
            kept = _read(folder)
            if not (self.root / key).exists():
                folder.rename(self.root / key)
        self._prune()
        return kept

    def find(self, finding_id: str) -> tuple[dict[str, Any], datetime] | None:
        """A finding and the instant at which it was looked at, from the newest judgement that has it."""
        for folder in self._newest_first():
            found = pd.read_parquet(folder / "findings.parquet", filters=[("finding_id", "==", finding_id)])
            if len(found):
                as_of = pd.read_parquet(folder / "outcomes.parquet", columns=["as_of"])["as_of"].iloc[0]
                row = {str(key): value for key, value in _plain(found).iloc[0].to_dict().items()}
                return row, as_of.to_pydatetime()
        return None

    def _newest_first(self) -> list[Path]:
        return sorted(self.root.glob("[0-9a-f]*"), key=lambda path: path.stat().st_mtime_ns, reverse=True)

    def _prune(self) -> None:
        for path in self._newest_first()[KEPT_MOST:]:
            shutil.rmtree(path, ignore_errors=True)


def key_of(*parts: str) -> str:
    """A name for what a judgement is made from."""
    return hashlib.sha256("\n".join([code_digest(), *parts]).encode()).hexdigest()


def _write(folder: Path, judgement: Judgement) -> None:
    for name in FRAMES:
        frame = getattr(judgement, name)
        frame = _flat(frame) if name == "findings" else frame
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    (folder / "notes.json").write_text(json.dumps(judgement.notes), encoding="utf-8")
    (folder / SUSPECTED).write_text("\n".join(sorted(judgement.suspected)), encoding="ascii")


def _read(folder: Path) -> Judgement:
    frames = {name: pd.read_parquet(folder / f"{name}.parquet") for name in FRAMES}
    frames["findings"] = _plain(frames["findings"])
    notes: dict[str, int] = json.loads((folder / "notes.json").read_text(encoding="utf-8"))
    suspected = frozenset((folder / SUSPECTED).read_text(encoding="ascii").split())
    return Judgement(**frames, notes=notes, suspected=suspected)


def _flat(findings: pd.DataFrame) -> pd.DataFrame:
    def texts(name: str) -> pd.Series[str]:
        packed = [json.dumps(_listed(value), ensure_ascii=False) for value in findings[name]]
        return pd.Series(packed, index=findings.index, dtype="str")

    return findings.assign(**{name: texts(name) for name in NESTED})


def _plain(findings: pd.DataFrame) -> pd.DataFrame:
    """As the judge makes it: text as objects with None for what is missing."""
    texts = [name for name in findings.columns if isinstance(findings[name].dtype, pd.StringDtype)]
    plain = {name: findings[name].astype(object).where(findings[name].notna(), None) for name in texts}
    plain |= {name: pd.Series([json.loads(text) for text in findings[name]], dtype=object) for name in NESTED}
    return findings.assign(**plain)


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
