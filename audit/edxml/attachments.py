"""The files of a message: base64, mostly each in a ZIP archive of its own, sometimes plain; told by their first bytes.

VNPT's SDK packs each file into ``<uuid>.<ext>`` and calls it ``application/zip`` beside the true type; others send the
file as it is (``wire.md`` 1.2). Size and SHA-256 are those of the file itself, unpacked.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from audit.archive import Allowance, BadArchiveError, TooManyFilesError, is_archive, unpack
from audit.edxml.tree import Node

FILES_BYTES_MAX: Final = 256 * 1024 * 1024
"""Most bytes of all packed files of a message, unpacked."""
OFFICE_ENDINGS: Final = (".docx", ".xlsx", ".pptx", ".odt", ".ods", ".zip", ".jar")
"""Files that are archives themselves."""
_SPACE: Final = re.compile(r"\s+")
_TRUE_TYPES: Final = {
    b"%PDF": "application/pdf",
    b"\xd0\xcf\x11\xe0": "application/msword",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG": "image/png",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message. What cannot be decoded has neither size nor hash nor content."""

    name: str | None
    content_type: str | None
    size_bytes: int | None
    sha256: str | None
    content: bytes | None
    """The file's bytes, for whoever verifies signatures."""


def read_attachments(root: Node) -> list[Attachment]:
    """The files of a message, in the order of its manifest where it has one, the main file first."""
    bodies = root.first("AttachmentEncoded")
    if bodies is None:
        # the flat form has no place of its own for them: the manifest holds the files
        bodies = next((node for node in root.walk() if node.name in ("AttachmentEncoded", "Manifest")), None)
    carried = bodies.all("Attachment") if bodies else []
    listed = [node for node in root.walk() if node.name == "Reference" and node.first("ContentId") is not None]
    places = {_content_id(node): place for place, node in reversed(list(enumerate(listed)))}
    ordered = sorted(carried, key=lambda node: places.get(_content_id(node), len(listed)))
    known = {_content_id(node) for node in carried}
    missing = [node for node in listed if _content_id(node) not in known]
    allowance = Allowance(FILES_BYTES_MAX)
    return [_attachment(node, _listed(node, listed, places), allowance) for node in ordered] + [
        Attachment(node.value("AttachmentName"), node.value("ContentType"), None, None, None) for node in missing
    ]


def decode(text: str) -> bytes | None:
    """The bytes of base64 text with white space and without padding; None where it is none."""
    compact = _SPACE.sub("", text)
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def unwrapped(body: bytes, name: str | None, bytes_max: int | Allowance = FILES_BYTES_MAX) -> bytes | None:
    """The file that a sender's archive holds; the body where it is the file itself; None if it cannot be unpacked.

    Of a file that is an archive by its name, only an archive that holds nothing but one of that ending is a sender's:
    the SDK packs ``a.xlsx`` as ``<uuid>.xlsx``. An archive of several files is the attachment itself, whatever it is
    called, and is not unpacked.
    """
    if not is_archive(body):
        return body
    ending = next((ending for ending in OFFICE_ENDINGS if (name or "").lower().endswith(ending)), "")
    try:
        entries = unpack(body, bytes_max, entries_max=1)
    except TooManyFilesError:
        return body
    except BadArchiveError:
        return body if ending else None
    is_senders = len(entries) == 1 and entries[0].name.lower().endswith(ending)
    return entries[0].body if is_senders else body


def _attachment(node: Node, listed: Node | None, allowance: Allowance) -> Attachment:
    name = (
        node.value("AttachmentName") or node.value("FileName") or (listed.value("AttachmentName") if listed else None)
    )
    told = (listed.value("ContentType") if listed else None) or node.value("ContentType")
    encoded = node.first("ContentTransferEncoded") or node.first("Content")
    body = decode(encoded.text) if encoded else None
    content = None if body is None else unwrapped(body, name, allowance)
    if content is None:
        return Attachment(name, told, None, None, None)
    true_type = next((kind for magic, kind in _TRUE_TYPES.items() if content.startswith(magic)), told)
    return Attachment(name, true_type, len(content), hashlib.sha256(content).hexdigest(), content)


def _listed(node: Node, listed: list[Node], places: dict[str, int]) -> Node | None:
    place = places.get(_content_id(node))
    return None if place is None else listed[place]


def _content_id(node: Node) -> str:
    """The id that ties a file to the manifest; ``cid:`` stands before it or not."""
    return (node.value("ContentId") or node.value("AttachmentName") or node.value("FileName") or "").removeprefix(
        "cid:"
    )
