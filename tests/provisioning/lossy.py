"""A line to the directory server that can swallow its answers: what was asked for happens, and nobody hears of it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

# The tag of the answer to a modification, an addition and a renaming (RFC 4511, protocolOp).
MODIFIED, ADDED, RENAMED = 0x67, 0x69, 0x6D


@dataclass
class LossyLine:
    """`lose(MODIFIED)`: the next answer of this kind is not delivered, and the line is cut."""

    port: int
    lost: int = 0
    _losing: int | None = None
    _open: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"ldap://127.0.0.1:{self.port}"

    def lose(self, answer: int) -> None:
        self._losing = answer

    def swallows(self, data: bytes) -> bool:
        # An LDAPMessage begins with the tag and length of the sequence and a small message number.
        position = data.find(b"\x02", 2) if self._losing else -1
        if position < 0 or data[position + 2 + data[position + 1]] != self._losing:
            return False
        self._losing = None
        self.lost += 1
        return True


def carry(line: LossyLine, source: socket.socket, target: socket.socket, *, answers: bool) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            if answers and line.swallows(data):
                break
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def accept(line: LossyLine, listener: socket.socket, port: int) -> None:
    with suppress(OSError):
        while True:
            client, _address = listener.accept()
            server = socket.create_connection(("127.0.0.1", port))
            line._open += [client, server]
            for source, target, answers in ((client, server, False), (server, client, True)):
                threading.Thread(target=carry, args=[line, source, target], kwargs={"answers": answers}).start()


@contextmanager
def lossy_line(port: int) -> Iterator[LossyLine]:
    """In front of the server at this port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        line = LossyLine(listener.getsockname()[1])
        thread = threading.Thread(target=accept, args=[line, listener, port])
        thread.start()
        try:
            yield line
        finally:
            for end in line._open:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
            listener.shutdown(socket.SHUT_RDWR)
    thread.join()
