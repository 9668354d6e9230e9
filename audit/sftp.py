"""Folders of agencies on an SFTP server: which files are there, and their bytes within limits.

The only importer of paramiko. The server must prove who it is, by the key in the settings (``host_key``) or in a file
(``known_hosts``); a server that nobody knows is never talked to, and no key is learnt. Nothing is taken from the user's
own SSH settings, agent or keys.
"""

from __future__ import annotations

import base64
import binascii
import fnmatch
import io
import logging
import posixpath
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote, urlsplit

import paramiko

from audit.errors import ConfigError, PermanentSourceError, SourceError, TransientSourceError
from audit.settings import SourceSettings
from audit.waiting import connect

SCHEME: Final = "sftp"
FILE_TIME_FACTOR: Final = 10
"""A file, or a list of files, may take so many times the longest wait for one byte, in all."""
FILES_MAX: Final = 100_000
"""Most files of a folder that are looked at."""
NAMES_LENGTH_MAX: Final = 255 * FILES_MAX
"""Longest their names may be in all: no file system lets a name be longer than 255."""
PACKET_BYTES_MAX: Final = 256 * 1024
"""No SSH server that is in use sends longer packets."""
TALK_BYTES_MAX: Final = 1024 * 1024
"""Most that a server may send beside what it is asked for: greetings, keys, what frames its answers."""
LISTING_BYTES_MAX: Final = 3 * NAMES_LENGTH_MAX
"""Most that a list of files may be: each name twice, and what is told of the file."""
_CHUNK: Final = 32 * 1024

logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # what goes wrong is told by our errors


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A regular file of the folder."""

    name: str
    written_at: datetime | None
    """UTC; None where the server does not tell."""
    size: int | None = None
    """None where the server does not tell."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a folder is: ``sftp://host[:port]/folder/*.xlsx``."""

    host: str
    port: int
    folder: str
    pattern: str
    """What the names must match."""

    @classmethod
    def of(cls, path: str) -> Address:
        """The parts of an address whose day stands in it already."""
        parts = urlsplit(path)
        place = unquote(parts.path) or "/"
        head, tail = posixpath.split(place)
        is_pattern = any(letter in tail for letter in "*?[")
        return cls(parts.hostname or "", parts.port or 22, head if is_pattern else place, tail if is_pattern else "*")


class MeteredSocket(socket.socket):
    """A connection from which no more is received than what is allowed; paramiko itself would keep whatever comes.

    For one thread that receives and one that allows.
    """

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        opened = connect(host, port, timeout_s)
        super().__init__(opened.family, opened.type, opened.proto, fileno=opened.detach())
        self._received = 0
        self._allowed = 0
        self.is_exceeded = False

    def allow(self, size: int) -> None:
        """So many bytes may be received from now on."""
        self._allowed = self._received + size

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """As of any socket; SSHException where a packet claims to be longer than any, or more comes than is allowed."""
        if size <= PACKET_BYTES_MAX:  # paramiko asks for all that a packet says it has
            received = super().recv(size, flags)
            self._received += len(received)
            if self._received <= self._allowed:
                return received
        self.is_exceeded = True
        raise paramiko.SSHException("more than was asked for")


class SftpFolder:
    """An agency's folder on a server. Connects when it is first asked; for one thread; close it.

    Args:
        agency: Canonical code, for errors.
        source: Its address, credentials and limits.

    Every method raises ConfigError where a secret or the server's key cannot be read.
    """

    def __init__(self, agency: str, source: SourceSettings) -> None:
        self.agency: Final = agency
        self._source: Final = source
        self._socket: MeteredSocket | None = None
        self._client: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient | None = None

    def close(self) -> None:
        """Closes the connection."""
        client, connection = self._client, self._socket
        self._client = self._sftp = self._socket = None
        if client is not None:
            client.close()
        if connection is not None:  # the client closes only what it has begun to speak on
            connection.close()

    def files(self, path: str) -> list[RemoteFile]:
        """The regular files of a place, by name; links are not followed.

        Raises:
            TransientSourceError: The server does not answer, or the place is not there (yet).
            PermanentSourceError: It is not the server that we know, or refuses us.
        """
        address = Address.of(path)
        with self._bounded():
            sftp = self._connected(address, LISTING_BYTES_MAX)
            status = sftp.lstat(address.folder)
            if stat.S_ISREG(status.st_mode or 0):
                return [RemoteFile("", _written_at(status), status.st_size)]
            found, length = [], 0
            for number, entry in enumerate(sftp.listdir_iter(address.folder)):
                length += len(entry.filename)
                if number >= FILES_MAX:
                    raise PermanentSourceError(self.agency, f"a folder of more than {FILES_MAX} files")
                if length > NAMES_LENGTH_MAX:
                    raise PermanentSourceError(self.agency, "a folder whose files have names too long")
                is_plain = stat.S_ISREG(entry.st_mode or 0) and "/" not in entry.filename
                if is_plain and fnmatch.fnmatchcase(entry.filename, address.pattern):
                    found.append(RemoteFile(entry.filename, _written_at(entry), entry.st_size))
            return sorted(found, key=lambda file: file.name)

    def read(self, path: str, name: str, bytes_max: int) -> bytes | None:
        """The bytes of a file of the place; None where it has more than `bytes_max`.

        Raises:
            TransientSourceError, PermanentSourceError: As `files`; also where it takes too long.
        """
        address = Address.of(path)
        body = bytearray()
        with self._bounded():
            sftp = self._connected(address, 2 * bytes_max)
            place = posixpath.join(address.folder, name) if name else address.folder
            if not stat.S_ISREG(sftp.lstat(place).st_mode or 0):
                raise TransientSourceError(self.agency, "a file cannot be read")
            with sftp.open(place, "rb") as file:
                while chunk := file.read(min(_CHUNK, bytes_max + 1 - len(body))):
                    body += chunk
                    if len(body) > bytes_max:
                        return None
        return bytes(body)

    def _connected(self, address: Address, bytes_max: int) -> paramiko.SFTPClient:
        """The connection, over which the server may now answer with so many bytes."""
        if self._socket is None or self._sftp is None:
            self._socket, self._sftp = self._connect(address)
        self._socket.allow(bytes_max + TALK_BYTES_MAX)
        return self._sftp

    def _connect(self, address: Address) -> tuple[MeteredSocket, paramiko.SFTPClient]:
        source, timeout = self._source, self._source.timeout_s
        password = source.password.resolve(f"{self.agency}.source.password") if source.password else None
        key = _private_key(self.agency, source)
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        if source.host_key:
            pinned = _public_key(self.agency, source.host_key)
            name = address.host if address.port == paramiko.config.SSH_PORT else f"[{address.host}]:{address.port}"
            client.get_host_keys().add(name, pinned.get_name(), pinned)
        else:
            _load_known_hosts(client, self.agency, source.known_hosts)
        connection = MeteredSocket(address.host, address.port, timeout)
        connection.allow(TALK_BYTES_MAX)
        self._socket, self._client = connection, client
        client.connect(
            address.host,
            address.port,
            username=source.username,
            password=password.reveal() if password else None,
            pkey=key,
            banner_timeout=timeout,
            auth_timeout=timeout,
            channel_timeout=timeout,
            allow_agent=False,
            look_for_keys=False,
            sock=connection,
        )
        sftp = client.open_sftp()
        channel = sftp.get_channel()
        if channel is not None:  # always, of an open connection
            channel.settimeout(timeout)
        return connection, sftp

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """What paramiko and the system raise, as our errors, and an end to what takes too long, however it drips.

        The connection is given up then.
        """
        watch = threading.Timer(FILE_TIME_FACTOR * self._source.timeout_s, self.close)
        watch.daemon = True
        watch.start()
        try:
            yield
        except SourceError:
            raise
        except FileNotFoundError as error:
            raise TransientSourceError(self.agency, "the folder or file of the day is not there") from error
        except PermissionError as error:
            raise PermanentSourceError(self.agency, "the folder may not be read by us") from error
        except (paramiko.SSHException, paramiko.SFTPError, OSError, EOFError, ValueError) as error:
            is_flooded = self._socket is not None and self._socket.is_exceeded
            self.close()
            if is_flooded:
                raise PermanentSourceError(self.agency, "the server sends more than it was asked for") from error
            raise _meaning(self.agency, error) from error
        finally:
            watch.cancel()


def _meaning(agency: str, error: Exception) -> SourceError:
    if isinstance(error, paramiko.BadHostKeyException):
        return PermanentSourceError(agency, "the server's host key is not the one we know")
    if isinstance(error, paramiko.AuthenticationException):
        return PermanentSourceError(agency, "credentials refused", http_status=401)
    if isinstance(error, TimeoutError):
        return TransientSourceError(agency, "no answer in time")
    if isinstance(error, paramiko.SSHException) and "known_hosts" in str(error):
        return PermanentSourceError(agency, "nobody has told us the server's host key", failed_at="ours")
    return TransientSourceError(agency, "the connection failed")


def _written_at(status: paramiko.SFTPAttributes) -> datetime | None:
    return None if status.st_mtime is None else datetime.fromtimestamp(status.st_mtime, UTC)


def _load_known_hosts(client: paramiko.SSHClient, agency: str, path: str) -> None:
    try:
        client.load_host_keys(path)
    except (OSError, UnicodeDecodeError, paramiko.SSHException) as error:
        allowed = "a file of host keys that can be read"
        raise ConfigError.of("agencies.toml", f"{agency}.source.known_hosts", path, allowed) from error


def _public_key(agency: str, text: str) -> paramiko.PKey:
    parts = text.split()
    try:
        return paramiko.PKey.from_type_string(parts[0], base64.b64decode(parts[1], validate=True))
    except (IndexError, binascii.Error, ValueError, paramiko.SSHException) as error:
        allowed = "a public key as in known_hosts: ssh-ed25519 AAAA…"
        raise ConfigError.of("agencies.toml", f"{agency}.source.host_key", text, allowed) from error


def _private_key(agency: str, source: SourceSettings) -> paramiko.PKey | None:
    if source.private_key is None:
        return None
    text = source.private_key.resolve(f"{agency}.source.private_key", lines=True).reveal()
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text))
        except (paramiko.SSHException, ValueError):
            continue
    allowed = "a private key without a passphrase (OpenSSH or PEM)"
    raise ConfigError.of("agencies.toml", f"{agency}.source.private_key", source.private_key, allowed)
