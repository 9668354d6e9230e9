"""The messages of a page of the axis, each read once: a list may name one a hundred times."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from audit.edxml import Message, UnreadableMessageError, read_message, without_content


class PageMessages:
    """The messages that a page holds, by the entries of its list that name them.

    Args:
        edoc: The edXML in the answer that brought a message. Raises ValueError where there is none.
        bodies: The answers, ``<position>.edoc``.
    """

    def __init__(self, edoc: Callable[[bytes], bytes], bodies: Mapping[str, bytes]) -> None:
        self._edoc = edoc
        self._bodies = bodies
        self._names: dict[str | None, str] = {}
        self._read: dict[str, Message | str] = {}

    def name(self, position: int, message_id: str | None) -> str:
        """Of the answer that brought the message of an entry; the entries must come in their order."""
        # pages kept before the messages stood once have one at each position
        own = f"{position}.edoc"
        first = self._names.setdefault(message_id, own)
        return own if own in self._bodies else first

    def read(self, name: str) -> Message | str:
        """The message in that answer, without its files' bytes; why there is none, instead."""
        if name not in self._read:
            self._read[name] = self._message(self._bodies.get(name, b""))
        return self._read[name]

    def _message(self, answer: bytes) -> Message | str:
        try:
            return without_content(read_message(self._edoc(answer)))
        except UnreadableMessageError as error:
            return str(error)
        except ValueError:
            return "the message could not be had"
