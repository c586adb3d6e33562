"""A partner's server: it takes what we send, or behaves as badly as a test wants."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

DRIP_SECONDS: Final = 0.05
CHUNK: Final = b"x" * 65_536
GIBIBYTE: Final = 1 << 30


@dataclass(frozen=True)
class Request:
    """What came in, byte for byte."""

    target: str
    headers: dict[str, str]
    body: bytes


Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


def answering(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Return the behaviour of a server that answers so; `_` in a header's name is a hyphen."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        head = f"HTTP/1.1 {status} .\r\n{lines}content-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()

    return answer


async def hangs(_writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.Event().wait()


async def drips_headers(writer: asyncio.StreamWriter) -> None:
    """Answer a byte at a time, so that no single read is slow."""
    for byte in b"HTTP/1.1 200 OK\r\nx-slow: " + b"y" * 10_000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(DRIP_SECONDS)


async def drips_body(writer: asyncio.StreamWriter) -> None:
    """Say at once that all is well, and the rest a byte at a time."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\n")
    for _ in range(10_000):
        writer.write(b"z")
        await writer.drain()
        await asyncio.sleep(DRIP_SECONDS)


async def floods(writer: asyncio.StreamWriter) -> None:
    """Answer with a gibibyte."""
    writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {GIBIBYTE}\r\n\r\n".encode())
    for _ in range(GIBIBYTE // len(CHUNK)):
        writer.write(CHUNK)
        await writer.drain()


async def breaks_off(writer: asyncio.StreamWriter) -> None:
    """Answer half a header and hang up."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-le")
    await writer.drain()


async def talks_nonsense(writer: asyncio.StreamWriter) -> None:
    """Answer what is not HTTP."""
    writer.write(b"220 mail.example ESMTP\r\n\r\n")
    await writer.drain()


BEHAVIOURS: Final[dict[str, Behaviour]] = {
    "takes": answering(200, b"taken"),
    "fails": answering(500, b"a stack trace"),
    "is_gone": answering(410),
    "redirects": answering(302, location="http://169.254.169.254/latest/meta-data/"),
    "hangs": hangs,
    "drips_headers": drips_headers,
    "drips_body": drips_body,
    "floods": floods,
    "breaks_off": breaks_off,
    "talks_nonsense": talks_nonsense,
}


@dataclass
class Partner:
    """A listening server and what it has seen."""

    server: asyncio.Server | None = None
    behaviour: Behaviour = BEHAVIOURS["takes"]
    requests: list[Request] = field(default_factory=list)
    port: int = 0
    _talks: set[asyncio.Task[None]] = field(default_factory=set)

    def url(self, path: str) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}{path}"

    def behave(self, behaviour: str | Behaviour) -> None:
        """Behave so from the next request on."""
        self.behaviour = BEHAVIOURS[behaviour] if isinstance(behaviour, str) else behaviour

    async def live(self, trust: ssl.SSLContext | None = None) -> None:
        """Listen, on the same port as before when it has died."""
        self.server = await asyncio.start_server(self._talk, "127.0.0.1", self.port, ssl=trust)
        self.port = self.server.sockets[0].getsockname()[1]

    async def die(self) -> None:
        """Listen no more, and end every talk."""
        if self.server is not None:
            self.server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                self.requests.append(await _request(reader))
                await self.behaviour(writer)
        finally:
            self._talks.discard(talk)
            writer.close()


@asynccontextmanager
async def partner(trust: ssl.SSLContext | None = None) -> AsyncIterator[Partner]:
    """Listen on a free port while the block runs."""
    server = Partner()
    await server.live(trust)
    try:
        yield server
    finally:
        await server.die()


async def _request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *lines = head.rstrip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(line.split(" ")[1], headers, body)
