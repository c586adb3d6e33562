"""From a closing to its invitation, over RabbitMQ and separate processes, at a steady pace."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final
from uuid import uuid4

import asyncpg

from bench.fill import fill_tickets, ticket_id
from bench.ground import Ground, until_listening
from bench.load import request_bytes, send_all
from bench.machine import Meter
from bench.processes import started
from bench.sizes import some
from bench.table import Row
from shared.bus.rabbit.bus import RabbitBus
from shared.contracts.registry import may_send
from standalone.compose import PARTS
from tests.support.processes import free_ports

CLOSINGS: Final = some(1_000)
A_SECOND: Final = 50
ARRIVE_SECONDS: Final = 60
GOALS: Final = {"p50": 100.0, "p99": 1_000.0}

WHEN: Final = {
    "tickets": """
SELECT o.id, pg_xact_commit_timestamp(m.xmin) AS at FROM ticket_moves m
JOIN outbox o ON o.subject = m.ticket_id WHERE m.move = 'close' AND o.type = 'ticket.closed'""",
    "surveys": "SELECT message_id AS id, pg_xact_commit_timestamp(xmin) AS at FROM inbox",
}
"""When each closing, and the transaction of its invitation, was committed: rows that nobody
changes afterwards still have the transaction that wrote them."""


async def pipeline_rows(ground: Ground) -> list[Row]:
    """Return how long closings were under way: ours beside the yardstick's."""
    with Meter({}) as meter:
        ours, bare = await _ours(ground), await _yardstick(ground)
    rows = []
    for name, part in (("p50", 0.50), ("p99", 0.99)):
        mine, theirs = _quantile(ours, part), _quantile(bare, part)
        rows.append(
            Row(
                f"closing to invitation, {name} at {A_SECOND}/s",
                f"{mine:.0f} ms (goal {GOALS[name]:g} ms: {mine <= GOALS[name]})",
                f"{theirs:.0f} ms",
                mine / theirs,
                None,
                None,
                more=False,
                note=f"foreign {meter.foreign:.2f}",
            )
        )
    return rows


async def _ours(ground: Ground) -> list[float]:
    """Close over HTTP; the API relays, a worker of surveys invites."""
    prefix = "pipeline"
    api, worker = free_ports(2)
    for part in ("tickets", "surveys"):
        await ground.database(part, f"{prefix}_{part}")
        service = PARTS[part].create_service(ground.common, ground.vaults[part])
        bus = RabbitBus(ground.amqp_url, service=part, may_send=may_send, prefix=prefix)
        await bus.prepare(service.queues)
        await bus.close()
    await fill_tickets(ground.dsn(f"{prefix}_tickets"), CLOSINGS)
    async with AsyncExitStack() as stack:
        issuer = await stack.enter_async_context(_issuer(ground))
        settings = ground.settings(
            CARELOOP_AMQP_URL=ground.amqp_url,
            CARELOOP_AMQP_PREFIX=prefix,
            CARELOOP_DATABASE_PREFIX=prefix,
            CARELOOP_JWKS_URL=f"http://127.0.0.1:{issuer}/",
            CARELOOP_DEVELOPMENT="true",
        )
        for what, part, port in (("api", "tickets", api), ("worker", "surveys", worker)):
            arguments = ("careloop.cli", what, part, "--port", str(port))
            running = started(*arguments, folder=ground.folder, settings=settings)
            await stack.enter_async_context(running)
        await until_listening(api)
        await until_listening(worker)
        requests = []
        for number in range(CLOSINGS):
            headers = {
                "Authorization": f"Bearer {ground.tokens[number % len(ground.tokens)]}",
                "Idempotency-Key": str(uuid4()),
            }
            path = f"/api/v1/tickets/{ticket_id(number)}/close"
            requests.append(request_bytes("POST", path, headers))
        await _at_a_pace(api, requests)
        return await _under_way(ground, prefix)


async def _yardstick(ground: Ground) -> list[float]:
    """Do the same with the reference: an application that relays, and a consumer."""
    prefix, queue = "reference", "reference.bare"
    (port,) = free_ports(1)
    for part in ("tickets", "surveys"):
        await ground.database(part, f"{prefix}_{part}")
    await fill_tickets(ground.dsn(f"{prefix}_tickets"), CLOSINGS)
    place = (str(ground.folder), "0", ground.url(f"{prefix}_surveys"), ground.amqp_url, prefix)
    served = (str(port), str(ground.folder), ground.url(f"{prefix}_tickets"))
    async with AsyncExitStack() as stack:
        for arguments in (
            ("bench.serve", "relayed", *served, ground.amqp_url, queue),
            ("bench.work", "invite_bare", *place),
        ):
            await stack.enter_async_context(started(*arguments, folder=ground.folder))
        await until_listening(port)
        requests = [
            request_bytes("POST", f"/tickets/{ticket_id(number)}/close", {})
            for number in range(CLOSINGS)
        ]
        await _at_a_pace(port, requests)
        return await _under_way(ground, prefix)


async def _at_a_pace(port: int, requests: Sequence[bytes]) -> None:
    """Send `A_SECOND` requests a second, whether or not those before are answered."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.TaskGroup() as group:
        for number, request in enumerate(requests):
            await asyncio.sleep(max(0.0, began + number / A_SECOND - loop.time()))
            group.create_task(send_all(port, [request], expected=200, connections=1))


async def _under_way(ground: Ground, prefix: str) -> list[float]:
    """Return how many milliseconds each closing took, when all have arrived."""
    async with asyncio.timeout(ARRIVE_SECONDS):
        while len(arrived := await _times(ground, prefix, "surveys")) < CLOSINGS:  # noqa: ASYNC110
            await asyncio.sleep(0.2)  # another process works: nobody here can tell
    closed = await _times(ground, prefix, "tickets")
    return [(arrived[id] - at) * 1000 for id, at in closed.items()]


async def _times(ground: Ground, prefix: str, part: str) -> dict[object, float]:
    connection = await asyncpg.connect(ground.dsn(f"{prefix}_{part}"))
    try:
        return {row["id"]: row["at"].timestamp() for row in await connection.fetch(WHEN[part])}
    finally:
        await connection.close()


@asynccontextmanager
async def _issuer(ground: Ground) -> AsyncIterator[int]:
    """Serve the public keys, which in a deployment the sign-in does."""
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


def _quantile(values: Sequence[float], part: float) -> float:
    """Return the nearest rank."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]
