"""Who sends slowly, or never ends, holds no connection: over a real socket."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.http.front import Front
from shared.serving import LARGEST_HEAD, listening, serving
from tests.security.conftest import Behind

BRIEF = Front(head_seconds=0.3, body_seconds=0.3)
PATIENCE_SECONDS = 20


@asynccontextmanager
async def served(behind: Behind, front: Front = BRIEF) -> AsyncIterator[tuple[int, str]]:
    """Serve the small service; gives the port and a customer's token."""
    small = await behind(front)
    with listening("127.0.0.1", 0) as listener:
        async with serving(small.app, listener, front):
            yield listener.getsockname()[1], small.token


async def ended(reader: asyncio.StreamReader) -> bytes:
    """Return what came until the other side closed. Raises TimeoutError when it does not."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


async def test_headers_that_do_not_end_end_the_connection(behind: Behind) -> None:
    async with served(behind) as (port, _token):
        for beginning in (b"", b"GET /livez HTTP/1.1\r\nHost: a\r\nX-Slow: "):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(beginning)
            began = time.monotonic()
            assert await ended(reader) == b""
            assert time.monotonic() - began >= BRIEF.head_seconds * 0.9
            writer.close()


async def test_a_second_request_on_a_line_has_no_more_time_than_the_first(behind: Behind) -> None:
    async with served(behind) as (port, token):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        whole = f"GET /api/v1/tallies HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n"
        writer.write(whole.encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.write(b"GET /api/v1/tallies HTTP/1.1\r\nHost: ")
        assert b"HTTP/1.1" not in await ended(reader)
        writer.close()


async def test_headers_without_end_are_not_collected(behind: Behind) -> None:
    async with served(behind, Front(head_seconds=PATIENCE_SECONDS)) as (port, _token):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n")
        for number in range(2 * LARGEST_HEAD // 1000):
            writer.write(b"X-%d: %b\r\n" % (number, b"a" * 1000))
        assert await ended(reader) == b""
        writer.close()


async def test_a_body_that_comes_too_slowly_is_a_408_and_changes_nothing(behind: Behind) -> None:
    small = await behind(BRIEF)
    with listening("127.0.0.1", 0) as listener:
        async with serving(small.app, listener, BRIEF):
            port = listener.getsockname()[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            head = (
                "POST /api/v1/tallies HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                f"Authorization: Bearer {small.token}\r\nIdempotency-Key: slow-0001\r\n"
                'Content-Length: 1000\r\n\r\n{"amount": 1'
            )
            writer.write(head.encode())
            answer = await ended(reader)
            writer.close()
    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"code":"too_slow"' in answer
    assert await small.amounts() == []


async def test_slow_callers_do_not_keep_others_waiting(behind: Behind) -> None:
    front = Front(head_seconds=PATIENCE_SECONDS, connections=60)
    async with served(behind, front) as (port, token):
        slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(50)]
        for _, writer in slow:
            writer.write(b"GET / HTTP/1.1\r\nX: ")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        asked = f"GET /api/v1/tallies HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n"
        writer.write(asked.encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        more = [await asyncio.open_connection("127.0.0.1", port) for _ in range(10)]
        reader, last = more[-1]
        last.write(asked.encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 503")
        for _, one in (*slow, *more, (reader, writer)):
            one.close()
