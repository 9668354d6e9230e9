"""A real SMTP server on loopback that keeps what it gets and can refuse, be slow, or hang up; and a sender that dies."""

from __future__ import annotations

import os
import signal
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


@dataclass
class Postbox:
    """What the server got, and how it behaves.

    Attributes:
        refuses: addresses that it does not know.
        hangs_up: it closes the connection after the text of a mail, without an answer.
        silent: it greets nobody.
        mails_most: mails that it takes over one connection; 0: any number.
        says_goodbye: beyond them it answers 421, and does not just close.
        connections: how many it had.
    """

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    hangs_up: bool = False
    silent: bool = False
    mails_most: int = 0
    says_goodbye: bool = False
    connections: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def to(self, address: str) -> list[EmailMessage]:
        """The mails to an address."""
        return [mail for mail in self.mails if address in str(mail["To"])]


class _Session(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self) -> None:
        box: Postbox = self.server.box  # type: ignore[attr-defined]
        if box.silent:
            box.ended.wait(20)
            return
        box.connections += 1
        taken = 0
        self.wfile.write(b"220 post.example\r\n")
        while line := self.rfile.readline(2000):
            word = line.strip().upper()
            if word.startswith(b"RCPT") and any(name.encode().upper() in word for name in box.refuses):
                self.wfile.write(b"550 no such mailbox\r\n")
            elif word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b"".join(iter(lambda: self.rfile.readline(100_000), b".\r\n"))
                box.mails.append(message_from_bytes(text, policy=policy.default))  # type: ignore[arg-type]
                if box.hangs_up:
                    return
                self.wfile.write(b"250 taken\r\n")
                taken += 1
                if taken == box.mails_most and not box.says_goodbye:
                    return
            elif word.startswith(b"MAIL") and taken == box.mails_most > 0:
                self.wfile.write(b"421 too many mails over one connection\r\n")
                return
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that died is what some tests are about."""


@contextmanager
def open_postbox() -> Iterator[Postbox]:
    """The server, until the block is left."""
    box = Postbox()
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.box = box  # type: ignore[attr-defined]
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            box.ended.set()
            server.shutdown()
            thread.join()


def killed_between_sending_and_recording(send: Callable[[], object], module: Any) -> int:
    """Send in a process that is killed once the server has taken a mail and before the ledger is told so.

    Args:
        send: sends.
        module: has the function `_mark` that notes a step; the step `sent` is where it dies.

    Returns:
        the signal that ended it.
    """
    child = os.fork()
    if not child:
        marked = module._mark

        def mark(workspace: Any, what: Any, state: str, error: str | None = None) -> None:
            if state == "sent":
                os.kill(os.getpid(), signal.SIGKILL)
            marked(workspace, what, state, error)

        module._mark = mark
        try:
            send()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status)
