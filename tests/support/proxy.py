"""A line between a client and a server on this machine that can freeze, and be slow."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

CHUNK = 4096


class Proxy:
    """Passes bytes on, both ways; nobody is told when it stops."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.delay_seconds = 0.0
        """Each chunk waits so long: 0.05 is a line of 80 kB/s with 50 ms each way."""
        self._target = target
        self._flows = asyncio.Event()
        self._flows.set()
        self._ways: set[asyncio.Task[None]] = set()

    def freeze(self) -> None:
        """Pass nothing on, in lines that are there and in new ones, and close none."""
        self._flows.clear()

    def thaw(self) -> None:
        """Pass on again, what was held back first."""
        self._flows.set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a client until either side hangs up."""
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        ways = {
            asyncio.create_task(self._pass(reader, far_writer)),
            asyncio.create_task(self._pass(far_reader, writer)),
        }
        self._ways |= ways
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        self._ways -= ways
        writer.close()
        far_writer.close()

    async def hang_up(self) -> None:
        """End all lines."""
        for way in self._ways:
            way.cancel()
        await asyncio.gather(*self._ways, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            if self.delay_seconds:
                await asyncio.sleep(self.delay_seconds)
            await self._flows.wait()
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def proxy_to(port: int) -> AsyncIterator[Proxy]:
    """Run a proxy in front of a port of this machine."""
    proxy = Proxy(port)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.hang_up()
