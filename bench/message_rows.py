"""The rows over messages: relaying, appending, folding, and surveying what was closed."""

import itertools
import json
from collections.abc import Iterator, Sequence
from typing import Final

import asyncpg

from bench.events import STEPS, closings, lives
from bench.ground import Ground
from bench.http_rows import noise, told
from bench.processes import case
from bench.samples import Case, Sample, Series
from bench.sizes import some
from bench.table import Row
from bench.yardsticks import broker
from shared.bus.interface import Message, QueueKind
from shared.bus.rabbit.bus import RabbitBus
from shared.contracts.registry import may_send
from standalone.compose import PARTS

MESSAGES: Final = some(6_000)

OUTBOX: Final = """
INSERT INTO outbox (id, type, version, subject, sequence, origin, time, correlation_id, data)
SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7000' ||
        '8' || lpad(to_hex(i), 15, '0'))::uuid, 'ticket.closed', 1, gen_random_uuid(), 3, 'live',
    now(), md5(i::text), $2::jsonb
FROM generate_series(1, $1::int) AS i"""

NOTHING_WAITS: Final = "UPDATE outbox SET published_at = now() WHERE published_at IS NULL"

EMPTY: Final = {
    "tickets": "TRUNCATE outbox",
    "surveys": "TRUNCATE inbox, outbox, invitations CASCADE",
    "reporting": """DO $$ DECLARE found text; BEGIN
FOR found IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
WHERE schemaname IN ('facts', 'events') LOOP EXECUTE 'TRUNCATE ' || found || ' CASCADE'; END LOOP;
END $$""",
}


LIMITS: Final = {"relay": (0.50, 0.75), "append": (0.30, 0.55), "invite": (0.40, 0.70)}
NAMES: Final = {
    "relay": "relay a message",
    "append": "append an event in reporting",
    "invite": "survey a closing",
}


def message_rows(series: dict[str, Series], folded: Sequence[Sample]) -> list[Row]:
    """Return the rows of the table."""
    rows = []
    for figure, (floor, goal) in LIMITS.items():
        ours, bare = series[f"{figure}/ours"], series[f"{figure}/yardstick"]
        ratio = ours.rate / bare.rate
        note = noise(ours, bare)
        rows.append(Row(NAMES[figure], told(ours), told(bare), ratio, floor, goal, note=note))
    folding, appending = Series(folded), series["append/ours"]
    rows.append(
        Row(
            "fold an event (beside appending it)",
            told(folding),
            told(appending),
            folding.rate / appending.rate,
            1.0,
            None,
            note=noise(folding, appending),
        )
    )
    return rows


async def queue(ground: Ground, part: str, prefix: str, messages: Sequence[Message] = ()) -> None:
    """Make a service's queues under a prefix of their own, and put messages into them."""
    service = PARTS[part].create_service(ground.common, ground.vaults[part])
    for name, queues in ((part, service.queues), ("tickets", ())):
        bus = RabbitBus(ground.amqp_url, service=name, may_send=may_send, prefix=prefix)
        await bus.prepare([one for one in queues if one.kind is not QueueKind.DEAD])
        if name == "tickets" and messages:
            await bus.publish(messages)
        await bus.close()


async def wait_in_outbox(dsn: str, count: int) -> None:
    """Let so many closings wait in an outbox to be published, and nothing else."""
    data = json.dumps(json.loads(next(closings(1)).body)["data"])
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(NOTHING_WAITS)
        await connection.execute(OUTBOX, count, data)
    finally:
        await connection.close()


class MessageCases:
    """The cases of a run; each puts its work in place first and is measured then."""

    def __init__(self, ground: Ground, count: int = MESSAGES) -> None:
        self._ground = ground
        self._count = count - count % len(STEPS)
        self._prefixes: Iterator[int] = itertools.count()
        self._prefix = ""
        self.folded: list[Sample] = []

    async def prepare(self) -> None:
        """Make the databases."""
        for part in EMPTY:
            await self._ground.database(part, f"messages_{part}")
        body = next(closings(1)).body
        (self._ground.folder / "body").write_bytes(body)

    def cases(self) -> dict[str, Case]:
        """Return the cases, named `figure/whose`; `fold` folds what `append` appended."""
        return {
            "relay/ours": self.relay,
            "relay/yardstick": self.publish,
            "append/ours": self.append_and_fold,
            "append/yardstick": self.consume,
            "invite/ours": self.invite,
            "invite/yardstick": self.invite_bare,
        }

    async def relay(self) -> Sample:
        """Relay an outbox full of closings."""
        await self._empty("tickets")
        await wait_in_outbox(self._ground.dsn("messages_tickets"), self._count)
        await self._queue("reporting", ())
        return await self._case("relay", "tickets")

    async def publish(self) -> Sample:
        """Publish as many messages of the same size, bare."""
        self._prefix = f"b{next(self._prefixes)}"
        return await self._case("publish", "tickets")

    async def append_and_fold(self) -> Sample:
        """Append events of interleaved types; remember what folding them took."""
        await self._empty("reporting")
        await self._queue("reporting", list(lives(self._count // len(STEPS))))
        appended = await self._case("append", "reporting")
        self.folded.append(await self._case("fold", "reporting"))
        return appended

    async def consume(self) -> Sample:
        """Consume as many messages, bare."""
        await self._bare(list(lives(self._count // len(STEPS))))
        return await self._case("consume", "reporting")

    async def invite(self) -> Sample:
        """Let surveys take closings."""
        await self._empty("surveys")
        await self._queue("surveys", list(closings(self._count)))
        return await self._case("invite", "surveys")

    async def invite_bare(self) -> Sample:
        """Let the reference take as many closings."""
        await self._empty("surveys")
        await self._bare(list(closings(self._count)))
        return await self._case("invite_bare", "surveys")

    async def _case(self, name: str, part: str) -> Sample:
        return await case(self._ground, name, self._count, f"messages_{part}", self._prefix)

    async def _empty(self, part: str) -> None:
        connection = await asyncpg.connect(self._ground.dsn(f"messages_{part}"))
        await connection.execute(EMPTY[part])
        await connection.close()

    async def _queue(self, part: str, messages: Sequence[Message]) -> None:
        """Make a service's queues under a new prefix, and put messages into them."""
        self._prefix = f"b{next(self._prefixes)}"
        await queue(self._ground, part, self._prefix, messages)

    async def _bare(self, messages: Sequence[Message]) -> None:
        """Put as many bodies into a bare queue under a new prefix."""
        self._prefix = f"b{next(self._prefixes)}"
        bodies = [message.body for message in messages]
        await broker.publish(self._ground.amqp_url, f"{self._prefix}.bare", bodies)
