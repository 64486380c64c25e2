"""One address before several servers, which take turns at each connection."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _serve(client: socket.socket, ports: Sequence[int], taken: Counter[int]) -> None:
    """To the first of the servers, in this turn's order, that takes the connection."""
    with client:
        for port in ports:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as server:
                server.settimeout(60)
                taken[port] += 1
                back = threading.Thread(target=_carry, args=[server, client], daemon=True)
                back.start()
                _carry(client, server)
                back.join()
                return


@dataclass
class Balancer:
    """A client that closes each connection meets another server each time."""

    url: str
    # How many connections each server took, by its port.
    taken: Counter[int] = field(default_factory=Counter)


@contextmanager
def balancer(ports: Sequence[int]) -> Iterator[Balancer]:
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        address = Balancer(f"http://127.0.0.1:{listener.getsockname()[1]}")
        turns = cycle(range(len(ports)))

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _address = listener.accept()
                    first = next(turns)
                    order = [*ports[first:], *ports[:first]]
                    threading.Thread(target=_serve, args=[client, order, address.taken], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield address
        listener.shutdown(socket.SHUT_RDWR)
