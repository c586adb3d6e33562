"""From a closing to its invitation, over RabbitMQ and separate processes, at a steady pace."""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import asyncpg

from bench.fill import fill_tickets
from bench.ground import Ground, until_listening
from bench.http_rows import REQUESTS, Target
from bench.load import send_all
from bench.machine import Meter
from bench.processes import started
from bench.sizes import some
from bench.table import Row
from shared.bus.rabbit.bus import RabbitBus
from shared.contracts.registry import may_send
from standalone.compose import PARTS
from tests.support.processes import free_ports

A_SECOND: Final = 50
WARM: Final = 50
ROUNDS: Final = 2
CLOSINGS: Final = some(500)
"""A round: ten seconds of each."""
ARRIVE_SECONDS: Final = 60
OURS, REFERENCE = "ours", "reference"

WHEN: Final = {
    "tickets": """
SELECT o.id, pg_xact_commit_timestamp(m.xmin) AS at FROM ticket_moves m
JOIN outbox o ON o.subject = m.ticket_id WHERE m.move = 'close' AND o.type = 'ticket.closed'""",
    "surveys": "SELECT message_id AS id, pg_xact_commit_timestamp(xmin) AS at FROM inbox",
}
"""When each closing, and the transaction of its invitation, was committed: rows that nobody
changes afterwards still tell the transaction that wrote them."""

LIMITS: Final = {"p50": (0.50, 100.0), "p99": (0.99, 1_000.0)}
"""Which part of the closings arrives within how many milliseconds."""


async def pipeline_rows(ground: Ground) -> list[Row]:
    """Return how long closings were under way: ours beside the reference's."""
    async with AsyncExitStack() as stack:
        closed = {
            OURS: await stack.enter_async_context(_ours(ground)),
            REFERENCE: await stack.enter_async_context(_reference(ground)),
        }
        for target in closed.values():
            await _close(target, 0, WARM)
        with Meter({}) as meter:
            for number in range(ROUNDS):
                for target in closed.values():
                    await _close(target, WARM + number * CLOSINGS, CLOSINGS)
        took = {name: await _under_way(ground, name) for name in closed}
    return [
        _row(name, nearest_rank(took[OURS], part), nearest_rank(took[REFERENCE], part), goal, meter)
        for name, (part, goal) in LIMITS.items()
    ]


def _row(name: str, ours: float, theirs: float, goal: float, meter: Meter) -> Row:
    return Row(
        f"closing to invitation, {name} in ms",
        f"{ours:.0f} ms",
        f"{theirs:.0f} ms",
        ours / theirs,
        None,
        goal,
        more=False,
        note=f"at {A_SECOND}/s, foreign {meter.foreign:.2f}",
        value=ours,
    )


@asynccontextmanager
async def _ours(ground: Ground) -> AsyncIterator[Target]:
    """Run an API of tickets, which relays, and a worker of surveys, which invites."""
    await _databases(ground, OURS)
    for part in ("tickets", "surveys"):
        service = PARTS[part].create_service(ground.common, ground.vaults[part])
        bus = RabbitBus(ground.amqp_url, service=part, may_send=may_send, prefix=OURS)
        await bus.prepare(service.queues)
        await bus.close()
    async with AsyncExitStack() as stack:
        settings = ground.settings(
            CARELOOP_AMQP_URL=ground.amqp_url,
            CARELOOP_AMQP_PREFIX=OURS,
            CARELOOP_DATABASE_PREFIX=OURS,
            CARELOOP_JWKS_URL=f"http://127.0.0.1:{await stack.enter_async_context(_keys(ground))}/",
            CARELOOP_DEVELOPMENT="true",  # keys over http are taken from this machine alone
        )
        pids, ports = [], free_ports(2)
        for what, port in zip((("api", "tickets"), ("worker", "surveys")), ports, strict=True):
            running = started(
                "careloop.cli", *what, "--port", str(port), folder=ground.folder, settings=settings
            )
            pids.append((await stack.enter_async_context(running)).pid)
        for port in ports:
            await until_listening(port)
        yield Target(pids[0], ports[0], f"{OURS}_tickets", "/api/v1", ground.tokens)


@asynccontextmanager
async def _reference(ground: Ground) -> AsyncIterator[Target]:
    """Run the yardstick: an application that relays, and a consumer."""
    await _databases(ground, REFERENCE)
    (port,), queue = free_ports(1), f"{REFERENCE}.bare"
    tickets, surveys = (ground.url(f"{REFERENCE}_{part}") for part in ("tickets", "surveys"))
    folder = str(ground.folder)
    served = ("bench.serve", "relayed", str(port), folder, tickets, ground.amqp_url, queue)
    consumed = ("bench.work", "invite_bare", folder, "0", surveys, ground.amqp_url, REFERENCE)
    async with (
        started(*served, folder=ground.folder) as process,
        started(*consumed, folder=ground.folder),
    ):
        await until_listening(port)
        yield Target(process.pid, port, f"{REFERENCE}_tickets")


async def _databases(ground: Ground, prefix: str) -> None:
    for part in ("tickets", "surveys"):
        await ground.database(part, f"{prefix}_{part}")
    await fill_tickets(ground.dsn(f"{prefix}_tickets"), WARM + ROUNDS * CLOSINGS)


async def _close(target: Target, first: int, count: int) -> None:
    """Close so many tickets, `A_SECOND`, whether or not those before are answered."""
    loop = asyncio.get_running_loop()
    requests = [REQUESTS["close"](target, number) for number in range(first, first + count)]
    began = loop.time()
    async with asyncio.TaskGroup() as group:
        for number, request in enumerate(requests):
            await asyncio.sleep(max(0.0, began + number / A_SECOND - loop.time()))
            group.create_task(send_all(target.port, [request], expected=200, connections=1))


async def _under_way(ground: Ground, prefix: str) -> list[float]:
    """Return how many milliseconds each closing took, when all have arrived."""
    expected = WARM + ROUNDS * CLOSINGS
    async with asyncio.timeout(ARRIVE_SECONDS):
        while len(arrived := await _times(ground, prefix, "surveys")) < expected:  # noqa: ASYNC110
            await asyncio.sleep(0.2)  # another process works: nobody here can tell
    closed = sorted((await _times(ground, prefix, "tickets")).items(), key=lambda one: one[1])
    return [(arrived[id] - at) * 1000 for id, at in closed[WARM:]]


async def _times(ground: Ground, prefix: str, part: str) -> dict[object, float]:
    connection = await asyncpg.connect(ground.dsn(f"{prefix}_{part}"))
    try:
        return {row["id"]: row["at"].timestamp() for row in await connection.fetch(WHEN[part])}
    finally:
        await connection.close()


@asynccontextmanager
async def _keys(ground: Ground) -> AsyncIterator[int]:
    """Serve the public keys, which in a deployment the sign-in does; give the port."""
    body = (ground.folder / "jwks.json").read_bytes()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def nearest_rank(values: Sequence[float], part: float) -> float:
    """Return the smallest value that so large a part does not exceed."""
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)]
