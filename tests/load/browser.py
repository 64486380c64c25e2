"""A browser of small cost: a line kept open, cookies, forms, and a note of each request."""

import asyncio
import contextlib
import html
import re
import ssl
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.services.nginx import HOST

# Of a form that the browser would send along.
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


@dataclass(frozen=True)
class Met:
    """One request as the person saw it: `step` is method and path, `status` 0 where the line broke."""

    step: str
    status: int
    began: float
    seconds: float


@dataclass
class Browser:
    """Behind an address of its own in 127.0.0.0/8; `met` is where it notes its requests."""

    port: int
    trust: ssl.SSLContext
    address: str
    met: list[Met]
    cookies: dict[str, str] = field(default_factory=dict)
    _line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> Answer:
        return await self._ask("GET", path, b"")

    async def post(self, path: str, page: str, **fields: str) -> Answer:
        """Send the form of the page that is shown."""
        hidden = {name: html.unescape(value) for name, value in HIDDEN.findall(page)}
        token = {"csrfmiddlewaretoken": hidden["csrfmiddlewaretoken"]}
        return await self._ask("POST", path, urlencode(token | fields).encode())

    async def close(self) -> None:
        """Hang up, without TLS's words of farewell."""
        if self._line:
            _reader, writer = self._line
            self._line = None
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _ask(self, method: str, path: str, body: bytes) -> Answer:
        began, status = time.monotonic(), 0
        try:
            async with asyncio.timeout(60):
                answer = await self._exchange(self._head(method, path, len(body)) + body)
        except (OSError, asyncio.IncompleteReadError):
            await self.close()
            raise
        else:
            status = answer.status
            return answer
        finally:
            self.met.append(Met(f"{method} {path}", status, began, time.monotonic() - began))

    def _head(self, method: str, path: str, length: int) -> bytes:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", "Accept-Language: el", "Accept: text/html"]
        lines += [f"Cookie: {cookies}"] if cookies else []
        if method == "POST":
            lines += [f"Origin: https://{HOST}", "Content-Type: application/x-www-form-urlencoded"]
            lines += [f"Content-Length: {length}"]
        return "\r\n".join([*lines, "", ""]).encode()

    async def _exchange(self, request: bytes) -> Answer:
        if self._line and (self._line[0].at_eof() or self._line[1].is_closing()):
            # Meanwhile the server has ended the kept line, as after a minute without a request: browsers open another.
            await self.close()
        if self._line is None:
            self._line = await asyncio.open_connection(
                "127.0.0.1", self.port, ssl=self.trust, server_hostname=HOST, local_addr=(self.address, 0)
            )
        reader, writer = self._line
        writer.write(request)
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in head[1:-2]:
            name, _colon, value = line.partition(": ")
            if name.lower() == "set-cookie":
                self._keep_cookie(value)
            headers[name.lower()] = value
        body = await _body(reader, headers)
        if headers.get("connection") == "close":
            await self.close()
        return Answer(int(head[0].split()[1]), headers, body.decode())

    def _keep_cookie(self, cookie: str) -> None:
        name, _equals, value = cookie.partition(";")[0].partition("=")
        self.cookies[name] = value


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    """Of the length that is told, or in chunks that each tell theirs."""
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers["content-length"]))
    body = b""
    while length := int(await reader.readline(), 16):
        body += (await reader.readexactly(length + 2))[:-2]
    await reader.readline()
    return body
