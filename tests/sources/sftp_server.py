"""An SFTP server on loopback, over real sockets: it serves a folder, and misbehaves on request."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko

USER, PASSWORD = "van-thu", "mat-khau-thu"


class Guard(paramiko.ServerInterface):
    """Lets in who has the password or the key."""

    def __init__(self, server: SftpServer) -> None:
        self._server = server

    def check_auth_password(self, username: str, password: str) -> int:
        good = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        good = username == USER and key == self._server.client_key
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class Handle(paramiko.SFTPHandle):
    """An open file; a stalled server sends nothing more after the first bytes."""

    server: SftpServer

    def read(self, offset: int, length: int) -> bytes | int:
        if self.server.stalls:
            self.server.released.wait(20)
            return paramiko.SFTP_FAILURE
        return super().read(offset, length)

    def stat(self) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class Files(paramiko.SFTPServerInterface):
    """The folder, as it is."""

    def __init__(self, guard: Guard, *, keeper: SftpServer) -> None:
        super().__init__(guard)
        self._server = keeper

    def _place(self, path: str) -> Path:
        return Path(str(self._server.root) + self.canonicalize(path))

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        try:
            found = sorted(self._place(path).iterdir())
            return [paramiko.SFTPAttributes.from_stat(file.lstat(), file.name) for file in found]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def lstat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(self._place(path).lstat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    stat = lstat

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> Handle | int:
        try:
            file = self._place(path).open("rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        handle = Handle(flags)
        handle.readfile, handle.server = file, self._server
        return handle


class SftpServer:
    """Serves `root` to `USER`."""

    def __init__(self, root: Path, client_key: paramiko.PKey | None = None) -> None:
        self.root, self.client_key = root, client_key
        self.host_key = paramiko.ECDSAKey.generate()
        self.stalls = False
        self.silent = False
        self.released = threading.Event()
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._transports: list[paramiko.Transport] = []
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def public_key(self) -> str:
        return f"{self.host_key.get_name()} {self.host_key.get_base64()}"

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            if self.silent:
                continue
            transport = paramiko.Transport(connection)
            transport.add_server_key(self.host_key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Files, keeper=self)
            self._transports.append(transport)
            try:
                transport.start_server(event=threading.Event(), server=Guard(self))
            except paramiko.SSHException:
                continue

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        if self.released.is_set():
            return
        self.released.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for transport in self._transports:
            transport.close()
        for transport in self._transports:
            transport.join(10)
        for connection in self._open:
            connection.close()
        self._thread.join(10)


@contextmanager
def serving_files(root: Path, client_key: paramiko.PKey | None = None) -> Iterator[SftpServer]:
    server = SftpServer(root, client_key)
    server.start()
    try:
        yield server
    finally:
        server.stop()
