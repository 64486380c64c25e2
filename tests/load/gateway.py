"""The SMS gateway at which people read their PINs: it answers at once and keeps what it was given."""

import asyncio
import json
import re
from collections import defaultdict

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"status": "OK"}'
PIN = re.compile(r"(?<!\d)\d{6}(?!\d)")


class Gateway:
    """Of the running event loop; `pins` by number in E.164, oldest first."""

    def __init__(self) -> None:
        self.pins: dict[str, list[str]] = defaultdict(list)
        self._come: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def serve(self, port: int) -> None:
        """Until it is cancelled."""
        server = await asyncio.start_server(self._talk, "127.0.0.1", port, backlog=512)
        async with server:
            await server.serve_forever()

    async def pin_for(self, number: str, *, known: int, seconds: float) -> str:
        """The newest PIN for the number, once there are more than the `known`; "" when none comes in time."""
        try:
            async with asyncio.timeout(seconds):
                while len(self.pins[number]) <= known:
                    self._come[number].clear()
                    await self._come[number].wait()
        except TimeoutError:
            return ""
        return self.pins[number][-1]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
                )
                self._keep(json.loads(await reader.readexactly(length)))
                writer.write(ANSWER)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            # The worker has closed the line, or was killed; or the day is over.
            writer.close()

    def _keep(self, message: dict[str, str]) -> None:
        found = PIN.search(message["text"])
        assert found, "a message without a PIN"
        self.pins[message["to"]].append(found[0])
        self._come[message["to"]].set()
