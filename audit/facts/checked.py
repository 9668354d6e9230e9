"""What the audit has verified itself takes the place of what the agency's system says of its signatures.

Files are known by their hash: the log's hash is a claim, too, but the bytes that were verified have it. Of a file that
was fetched and could not be read nothing is known: neither its own word counts any more, nor is it unsigned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from audit.facts.arrays import Ints, Mask, any_of, combine, positions_in
from audit.facts.once import once
from audit.signatures.file_facts import FileFacts
from audit.tables import ORIGIN

if TYPE_CHECKING:
    from audit.facts import Facts, Frames

VERIFIED: Final = "verified"
CLAIMED: Final = "log"

_TEXTS: Final = ("party", "subject", "serial", "issuer", "chain", "time_origin", "revocation")
_VERIFIED_ONLY: Final = ("chain", "time_origin", "revocation")
_INSTANTS: Final = ("valid_from", "valid_to", "signed_at", "timestamp_at", "revoked_at")
_FLAGS: Final = ("intact", "valid", "covers_file")


@dataclass(frozen=True, slots=True)
class Verified:
    """Files that were verified.

    Attributes:
        files: sha256 (once each), is_read, missing_components (letters of NĐ 30 Điều 8 khoản 2 that its text lacks;
            `""`: none; missing: that could not be told).
        signatures: sha256, signature_no (from 1, in the order of the file), and as in the log's table party, subject,
            serial, issuer, valid_from, valid_to, signed_at, timestamp_at, intact, valid, covers_file, revoked_at;
            beside them chain, time_origin and revocation (`audit.signatures.file_facts`).
    """

    files: pd.DataFrame
    signatures: pd.DataFrame

    @classmethod
    def of(cls, known: Mapping[str, FileFacts]) -> Verified:
        """The frames of some files' facts, by SHA-256 in hex, lower case."""
        files = pd.DataFrame(
            {
                "sha256": pd.Series(list(known), dtype="str"),
                "is_read": pd.Series([facts.is_read for facts in known.values()], dtype="bool"),
                "missing_components": pd.Series([_missing(facts) for facts in known.values()], dtype="str"),
            }
        )
        signed = [
            (sha256, number, signature)
            for sha256, facts in known.items()
            for number, signature in enumerate(facts.signatures, start=1)
        ]
        columns: dict[str, pd.Series] = {
            "sha256": pd.Series([sha256 for sha256, _, _ in signed], dtype="str"),
            "signature_no": pd.Series([number for _, number, _ in signed], dtype="int32"),
        }
        for names, dtype in ((_TEXTS, "str"), (_INSTANTS, "datetime64[us, UTC]"), (_FLAGS, "boolean")):
            for name in names:
                values = [getattr(one, name) for _, _, one in signed]
                columns[name] = pd.Series([None if value == "" else value for value in values], dtype=dtype)
        return cls(files, pd.DataFrame(columns))


def _missing(facts: FileFacts) -> str | None:
    """The letters of the components that a file's text lacks; None where they might stand on a page without text."""
    wording = facts.wording
    if wording is None or (wording.missing and not wording.is_whole):
        return None
    return "".join(wording.missing)


def judged_frames(frames: Frames) -> Frames:
    """The frames with what was verified in the place of the log's claims; as they are where nothing was.

    `files` gets columns `checked` and `missing_components`; `signatures` gets `checked`, and `chain`, `time_origin`
    and `revocation`, missing where the log says it. Doing it again changes nothing.
    """
    verified = frames.verified
    if verified is None:
        return frames
    files, signatures = frames.files, frames.signatures
    place = pd.Index(verified.files["sha256"]).get_indexer(files["sha256"])
    checked = place >= 0
    read = np.append(verified.files["is_read"].to_numpy(dtype=bool), False)[place]
    told = np.where(checked, read, files["has_signatures"].to_numpy(dtype=bool))
    missing = verified.files["missing_components"].reindex(np.where(checked, place, -1)).set_axis(files.index)
    of_file = positions_in(_file_keys(signatures), _file_keys(files))
    claimed = signatures[~(np.append(checked, False)[of_file])].assign(checked=False)
    found = _signatures_of(files, np.flatnonzero(checked & read), verified.signatures)
    return replace(
        frames,
        files=files.assign(has_signatures=told, checked=checked, missing_components=missing),
        signatures=pd.concat([claimed, found], ignore_index=True) if len(found) else _with_columns(claimed),
    )


def _signatures_of(files: pd.DataFrame, rows: Ints, signatures: pd.DataFrame) -> pd.DataFrame:
    """The verified signatures of files given by their rows, as rows of the log's table."""
    asked = pd.DataFrame({"sha256": files["sha256"].iloc[rows].to_numpy(), "file": rows})
    found = asked.merge(signatures, on="sha256").sort_values(["file", "signature_no"], ignore_index=True)
    names = [*(column.name for column in ORIGIN), "document_row", "file_no"]
    origin = files[names].iloc[found["file"]].reset_index(drop=True)
    return pd.concat([origin, found.drop(columns=["sha256", "file"])], axis=1).assign(checked=True)


def _with_columns(claimed: pd.DataFrame) -> pd.DataFrame:
    missing = {name: pd.Series(pd.NA, claimed.index, dtype="str") for name in _VERIFIED_ONLY}
    return claimed.assign(**{name: value for name, value in missing.items() if name not in claimed})


def _file_keys(frame: pd.DataFrame) -> Ints:
    return combine(frame["document_row"].to_numpy(), frame["file_no"].to_numpy(dtype=np.int64))


def is_checked(frame: pd.DataFrame) -> Mask:
    """Which rows of `frames.files` or `frames.signatures` rest on the audit's own verification."""
    if "checked" not in frame:
        return np.zeros(len(frame), dtype=bool)
    return frame["checked"].to_numpy(dtype=bool)


@once
def checked_documents(facts: Facts) -> Mask:
    """For every document whether its main file was verified."""
    main = facts.files[facts.files["is_main"] & (facts.files["document"] >= 0)]
    checked = is_checked(facts.frames.files)[main["row"].to_numpy()]
    return any_of(len(facts.documents), main["document"].to_numpy()[checked])


def say_checked(
    facts: Facts, documents: Ints, details: Sequence[dict[str, object]] | None = None
) -> list[dict[str, object]] | None:
    """The details of findings, each saying on whose word it rests: `"checked": "verified"` or `"log"`.

    Where no verification was asked for at all, they are as they were.

    Args:
        facts: of the period.
        documents: indexes in `facts.documents`, one a finding.
        details: one a finding; None: they say nothing else.
    """
    return say_which(facts, checked_documents(facts)[documents], details)


def say_which(
    facts: Facts, checked: Mask, details: Sequence[dict[str, object]] | None = None
) -> list[dict[str, object]] | None:
    """As `say_checked`, with the answer for each finding."""
    if facts.frames.verified is None:
        return None if details is None else list(details)
    told: Sequence[dict[str, object]] = [{}] * len(checked) if details is None else details
    return [one | {"checked": VERIFIED if mine else CLAIMED} for one, mine in zip(told, checked, strict=True)]
