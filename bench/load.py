"""A load client: some connections that each send their next request when the last is answered.

Requests are made before the clock starts; what is left to do for each is one write, one parse and
one look at the status, some 20 µs, so that the application is the limit and not its client.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

import httptools

CONNECTIONS: Final = 16
SILENCE_SECONDS: Final = 60
"""A server that answers nothing for so long never will."""


def request_bytes(
    method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
) -> bytes:
    """Return a request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


@dataclass
class Answers:
    """How long each answer took, in seconds, and the first that was not as expected."""

    expected: int
    seconds: list[float] = field(default_factory=list)
    wrong: str | None = None


class _Connection(asyncio.Protocol):
    """One keep-alive connection; ends when no request is left."""

    def __init__(self, requests: Iterator[bytes], answers: Answers) -> None:
        self._requests = requests
        self._answers = answers
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()
        self._transport: asyncio.Transport | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass
        self._next()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server hung up"))

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        self._answers.seconds.append(time.perf_counter() - self._sent_at)
        status = self._parser.get_status_code()
        if status != self._answers.expected and self._answers.wrong is None:
            self._answers.wrong = f"{status} {self._body[:500].decode(errors='replace')}"
        self._body.clear()
        self._next()

    def _next(self) -> None:
        assert self._transport is not None
        request = None if self._answers.wrong else next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)


async def send_all(
    port: int, requests: Sequence[bytes], *, expected: int, connections: int = CONNECTIONS
) -> list[float]:
    """Send the requests to 127.0.0.1 and return how long each answer took, in seconds.

    Raises RuntimeError when one has another status than expected.
    """
    loop, answers, waiting = asyncio.get_running_loop(), Answers(expected), iter(requests)
    async with asyncio.timeout(SILENCE_SECONDS + len(requests) / 50):
        opened = [
            await loop.create_connection(
                lambda: _Connection(waiting, answers), host="127.0.0.1", port=port
            )
            for _ in range(connections)
        ]
        await asyncio.gather(*(protocol.done for _, protocol in opened))
    if answers.wrong is not None:
        raise RuntimeError(f"expected {expected}, got {answers.wrong}")
    return answers.seconds
