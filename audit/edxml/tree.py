"""XML of strangers → a plain tree of named nodes, within limits.

expat alone, without a library around it: a document type is refused, so there are no entities to expand, no external
files and no network; nodes, depth and size are bounded; the tree is built without recursion. Namespaces are not looked
at: producers bind them in four ways and some not at all, and no two elements of the format differ by them alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

DEPTH_MAX: Final = 64
NODES_MAX: Final = 50_000
VALUE_LENGTH_MAX: Final = 16_000
"""Characters of a value that are looked at: four times the longest prose that a log keeps, since a Vietnamese letter
may be written as three. A name as long as that is a fault either way.
"""


class UnreadableMessageError(ValueError):
    """The bytes are no message that can be read; the text says why, in a few words."""


@dataclass(slots=True)
class Node:
    """An element: its name without prefix, its own text, its children in order."""

    name: str
    parts: list[str] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The element's own text, trimmed."""
        return "".join(self.parts).strip()

    def all(self, name: str) -> list[Node]:
        """The children of a name."""
        return [child for child in self.children if child.name == name]

    def first(self, *path: str) -> Node | None:
        """The first element down a path of names; None where a step is missing."""
        node: Node | None = self
        for name in path:
            node = next((child for child in node.children if child.name == name), None) if node else None
        return node

    def value(self, *path: str) -> str | None:
        """The text down a path, no more than `VALUE_LENGTH_MAX` of it; None where it is not there or blank."""
        node = self.first(*path)
        return (node.text[:VALUE_LENGTH_MAX] or None) if node else None

    def walk(self) -> Iterator[Node]:
        """The element and everything below it, in document order."""
        pending = [self]
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.children))


def parse(body: bytes) -> Node:
    """The root element.

    Raises:
        UnreadableMessageError: It is no well-formed XML, has a document type, or is larger than any message.
    """
    start = body.find(b"<")
    if start < 0:
        raise UnreadableMessageError("there is no XML in it")
    # two-byte encodings have their mark, or a zero, before "<": junk is dropped from text of one byte a letter only
    is_wide = body[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in body[:4]
    builder = _Builder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(body if is_wide else body[start:], True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, UnreadableMessageError):
            raise
        raise UnreadableMessageError("it is no well-formed XML") from error
    if builder.root is None:
        raise UnreadableMessageError("there is no XML in it")
    return builder.root


class _Builder:
    """Collects what the parser tells."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []
        self._count = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > NODES_MAX or len(self._open) >= DEPTH_MAX:
            raise UnreadableMessageError("it has more elements than any message")
        node = Node(name.rpartition(":")[2])
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, _name: str) -> None:
        self._open.pop()

    def data(self, text: str) -> None:
        if self._open:
            self._open[-1].parts.append(text)


def _refuse_doctype(*_: object) -> None:
    raise UnreadableMessageError("it declares a document type")
