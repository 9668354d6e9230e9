"""Mail over SMTP: certificates verified, credentials by reference, headers that cannot begin another header."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.header import Header
from email.message import EmailMessage
from email.policy import default
from io import BufferedReader
from pathlib import Path
from typing import Any, Final

from audit.errors import AuditError
from audit.settings.deployment import Mail
from audit.waiting import Received, connect

SUBTYPES = {".pdf": ("application", "pdf"), ".html": ("text", "html")}
EXCEL = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
REPLY_LINES_MAX: Final = 100
"""A server needs a few lines to say what it can do, and one for anything else."""
REPLY_TIME_FACTOR: Final = 3
"""A reply may take so many times the longest wait for one byte, in all."""


class MailError(AuditError):
    """A mail that did not go out. `accepted_unknown` tells that it may have."""

    def __init__(self, reason: str, *, accepted_unknown: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.accepted_unknown = accepted_unknown


def message(mail: Mail, recipient: tuple[str, str] | None, subject: str, bodies: tuple[str, str]) -> EmailMessage:
    """A mail without files.

    Args:
        mail: whose address sends.
        recipient: name and address; None: a draft whose addressee somebody fills in.
        subject: one line.
        bodies: plain text and HTML.

    Raises:
        ValueError: a header holds a line break.
    """
    # what is folded here stays as it is: Python would fold long lines anew, and take signs of a name out of their code
    made = EmailMessage(policy=default.clone(refold_source="none"))
    if mail.sender:
        _set_header(made, "From", mail.sender_name, mail.sender)
    if recipient is not None:
        _set_header(made, "To", *recipient)
    if mail.reply_to:
        made["Reply-To"] = mail.reply_to
    _set_header(made, "Subject", subject)
    made.set_content(bodies[0])
    made.add_alternative(bodies[1], subtype="html")
    return made


def _set_header(made: EmailMessage, name: str, text: str, address: str = "") -> None:
    """Set a header to text, or to a name and its address.

    Folded here and not by `EmailMessage`, which loses blanks between words of a long Vietnamese line (Python 3.11).

    Raises:
        ValueError: there is a line break in it.
    """
    if any(sign in text + address for sign in "\r\n"):
        raise ValueError(f"a line break in the header {name}")
    parts = [Header(text, "utf-8", header_name=name).encode()] if text else []
    made.set_raw(name, " ".join([*parts, *([f"<{address}>"] if address else [])]))


def attach(made: EmailMessage, path: Path) -> None:
    """Add a file under its own name."""
    maintype, subtype = SUBTYPES.get(path.suffix, EXCEL)
    made.add_attachment(path.read_bytes(), maintype=maintype, subtype=subtype, filename=path.name)


class _Replies:
    """What a server says, line by line: in place of the library's file, which waits for the end of any reply.

    What it raises is an OSError, on which the library closes the connection.
    """

    def __init__(self, connection: socket.socket, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._received = Received(connection.makefile("rb", buffering=0), connection)
        self._buffered = BufferedReader(self._received)
        self.begin()

    def begin(self) -> None:
        """The lines that follow are another reply's."""
        self._lines = 0
        self._received.until = time.monotonic() + REPLY_TIME_FACTOR * self._timeout_s

    def readline(self, most: int) -> bytes:
        """A line, or its first `most` bytes; what came of it where the server closes the connection."""
        self._lines += 1
        if self._lines > REPLY_LINES_MAX:
            raise OSError(f"a reply of more than {REPLY_LINES_MAX} lines")
        return self._buffered.readline(most)

    def close(self) -> None:
        """As a file."""
        self._buffered.close()


class _Plain(smtplib.SMTP):
    """A connection that knows whether the text of a mail was begun, and does not listen to one reply for ever."""

    has_begun_text = False

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """As the library's, which waits for each of a name's addresses as long as for one."""
        return connect(host, port, timeout)

    def getreply(self) -> tuple[int, bytes]:
        """A reply of bounded length, in bounded time."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("Server not connected")
        if self.file is None:
            self.file = _Replies(self.sock, self.timeout)
        self.file.begin()
        reply = super().getreply()
        self.sock.settimeout(self.timeout)  # what is sent next has all the time again
        return reply

    def data(self, msg: Any) -> tuple[int, bytes]:  # as in the library
        """Hand the text over."""
        self.has_begun_text = True
        return super().data(msg)


class _Encrypted(smtplib.SMTP_SSL, _Plain):
    """The same, encrypted from the first byte."""


class Connection:
    """A connection over which mails are handed over; opened again where the server closed it between two mails.

    Many servers take only so many mails over one connection, and then say 421 or just close it.
    """

    def __init__(self, mail: Mail) -> None:
        self.server = _opened(mail)
        self._mail = mail
        self._is_lost = False

    def hand_over(self, made: EmailMessage) -> None:
        """Hand one mail over; where the connection is gone before its text, once more over a new one.

        Raises:
            MailError: it was not handed over; or the connection broke after its text was begun.
        """
        if self._is_lost:
            raise MailError("the server cannot be reached any more")
        if self.server.sock is not None:
            try:
                self._hand_over(made)
            except MailError as error:
                if error.accepted_unknown or self.server.has_begun_text or self.server.sock is not None:
                    raise
            else:
                return
        self._open_again()
        self._hand_over(made)

    def _hand_over(self, made: EmailMessage) -> None:
        self.server.has_begun_text = False
        try:
            self.server.send_message(made)
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            raise MailError(_why(error)) from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise MailError(_why(error), accepted_unknown=self.server.has_begun_text) from None

    def _open_again(self) -> None:
        """A server that is gone altogether is not waited for by every mail that is left."""
        try:
            self.server = _opened(self._mail)
        except MailError:
            self._is_lost = True
            raise

    def close(self) -> None:
        """Say good-bye, as far as somebody still listens."""
        try:
            self.server.quit()
        except (OSError, smtplib.SMTPException, ValueError):
            self.server.close()


@contextmanager
def connected(mail: Mail) -> Iterator[Connection]:
    """A connection that is authenticated and, unless `security` is none, encrypted to a verified server.

    Raises:
        MailError: the server cannot be reached, is not who it says, or refuses the credentials.
        ConfigError: the password cannot be read.
    """
    connection = Connection(mail)
    try:
        yield connection
    finally:
        connection.close()


def _opened(mail: Mail) -> _Plain:
    """A server that was greeted, and told who we are. Raises as `connected`."""
    tls = ssl.create_default_context(cafile=mail.ca_file or None)
    secret = mail.password.resolve("mail.password", "audit.toml") if mail.password else None
    server: _Plain | None = None
    try:
        if mail.security == "tls":
            server = _Encrypted(mail.host, mail.port, timeout=mail.timeout_s, context=tls)
        else:
            server = _Plain(mail.host, mail.port, timeout=mail.timeout_s)
        if mail.security == "starttls":
            server.starttls(context=tls)
        if mail.username and secret is not None:
            server.login(mail.username, secret.reveal())
    except (OSError, smtplib.SMTPException, ValueError) as error:
        if server is not None:
            server.close()
        raise MailError(f"{mail.host}: {_why(error)}") from None
    return server


def send(connection: Connection, made: EmailMessage) -> None:
    """Hand one mail over.

    Raises:
        MailError: it was refused, or the server was gone before; or the connection broke after its text was begun, and
            nobody knows.
    """
    connection.hand_over(made)


def _why(error: Exception) -> str:
    """What went wrong, without what was sent: an answer of the server may repeat addresses, never credentials."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "the server refuses the credentials"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {error.smtp_error!r}"
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        # a challenge that is no base64, or a password that is no ASCII, of which the error would quote a letter
        return f"what one side says cannot be coded ({type(error).__name__})"
    return f"{type(error).__name__}: {error}"[:300]
