"""No bytes make the server fail: what gunicorn itself takes or turns away before the application sees it."""

import os
import random
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote_from_bytes, urlsplit

import pytest

from tests.fuzz.mutations import CONTENT_TYPES, COOKIES, HEADERS, METHODS, NASTY
from tests.services.processes import private_directory
from tests.services.product import Product, served

GIVEN = int(os.environ.get("FUZZ_REQUESTS", "0"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
REQUESTS = GIVEN // 10 or 120
ADDRESSES = (
    b"/", b"/activation/", b"/activation/contact/", b"/mypassword/login/", b"/mypassword/forgotten/", b"/i18n/setlang/",
    b"/admin/", b"/demo/inbox/", b"/demo/directory/", b"/demo/people.json", b"/static/css/base.css", b"/metrics",
    b"/receipts/gunet/0b5f3f5e-3c7e-4a53-9d56-7d3f7e1f0a11/x/", b"/.well-known/security.txt", b"*", b"http://example.org/",
    b"/nowhere/",
)  # fmt: skip
LENGTHS = (b"", b"0", b"5", b"99999", b"-1", b"a", b"1e3", b"\xb2", b"+5", b"5, 5", b"9" * 5000)
# gunicorn's own answers to a transfer coding and to a version that it does not know (RFC 9110 sections 15.6.2, .6).
NOT_UNDERSTOOD = (b"501", b"505")
# After so many seconds without a word the connection counts as closed without one.
PATIENCE = 3.0


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with private_directory("fuzz") as state, served(state, demo_people=False) as running:
        yield running


def raw(chance: random.Random) -> bytes:
    """The bytes of one request, of which any part may be wrong."""
    target = chance.choice(ADDRESSES)
    if chance.random() < 0.4:
        nasty = chance.choice(NASTY)
        target += b"?q=" + (nasty if chance.random() < 0.3 else quote_from_bytes(nasty).encode())
    version = chance.choice((b"HTTP/1.1",) * 9 + (b"HTTP/1.0", b"HTTP/9.9", b""))
    head = [chance.choice(METHODS).encode() + b" " + target + b" " + version, b"Host: 127.0.0.1", b"Connection: close"]
    for _turn in range(chance.randrange(4)):
        name = chance.choice((*HEADERS, "Transfer-Encoding", "Expect", "Content-Length")).encode()
        head.append(name + b": " + chance.choice((*NASTY, b"chunked", b"100-continue")))
    cookie = chance.choice(COOKIES).encode()
    head.append(b"Cookie: " + cookie + b"=" + chance.choice((*NASTY, b'"\\000\\377abcdef"')))
    body = b"&".join(chance.choice((b"role", b"mobile", b"pin", b"\xff")) + b"=" + value for value in NASTY[:9])
    length = chance.choice(LENGTHS) if chance.random() < 0.3 else str(len(body)).encode()
    head += [b"Content-Type: " + chance.choice(CONTENT_TYPES).encode("latin-1"), b"Content-Length: " + length]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def answer(address: tuple[str, int], request: bytes) -> bytes:
    """Everything that comes back until the server closes the line; nothing where it waits for more."""
    received = b""
    with socket.create_connection(address, timeout=PATIENCE) as line:
        try:
            line.sendall(request)
            line.shutdown(socket.SHUT_WR)
            while piece := line.recv(1 << 16):
                received += piece
        except (TimeoutError, ConnectionError):
            return received
    return received


def test_no_bytes_make_it_fail(product: Product) -> None:
    parts = urlsplit(product.url)
    address = (str(parts.hostname), int(parts.port or 0))
    chance, lock, statuses = random.Random(SEED), threading.Lock(), set()
    requests = [raw(chance) for _turn in range(REQUESTS)]

    def send(request: bytes) -> None:
        status = answer(address, request).split(b" ", 2)[1:2]
        assert not status or status[0] < b"500" or status[0] in NOT_UNDERSTOOD, request[:2000]
        with lock:
            statuses.update(status)

    with ThreadPoolExecutor(8) as senders:
        list(senders.map(send, requests))
    assert {b"200", b"400", b"403", b"404"} <= statuses
    log = product.log.read_text(errors="replace")
    assert "Internal Server Error" not in log
    assert "Error handling request" not in log
    assert product.get("/readyz").ok
