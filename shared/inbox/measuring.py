"""How long a batch took, how old the news was that it brought, and whose trace it belongs to."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from shared.bus.interface import Queue
from shared.inbox.reading import Readable
from shared.messages.contract import Origin
from shared.metrics import HANDLED_IN, HEARD_AFTER
from shared.tracing import Current, Kind, Step, spans


@contextmanager
def measured(
    service: str, queue: Queue, batch: Sequence[Readable], clock: Callable[[], datetime]
) -> Iterator[Sequence[Readable]]:
    """Measure the handling of a batch, and give it with the spans that its handlers answer to.

    Of what is not live the age means nothing.
    """
    began = time.perf_counter()
    with spans(Kind.CONSUMER, batch, lambda item: _step(item, queue, len(batch))) as current:
        yield [_within(item, span) for item, span in zip(batch, current, strict=True)]
    HANDLED_IN.labels(service, queue.kind).observe(time.perf_counter() - began)
    live = [t for one in batch if (t := _live_since(one)) is not None]
    if live:
        HEARD_AFTER.labels(service, queue.kind).observe(
            max((clock() - min(live)).total_seconds(), 0)
        )


def _live_since(item: Readable) -> datetime | None:
    envelope = item.received.envelope
    return envelope.time if envelope.origin == Origin.LIVE else None


def _step(item: Readable, queue: Queue, size: int) -> Step:
    envelope = item.received.envelope
    return Step(
        f"handle {envelope.type}",
        envelope.traceparent,
        {
            "careloop.service": queue.service,
            "messaging.operation.type": "process",
            "messaging.destination.name": queue.name,
            "messaging.message.id": str(envelope.id),
            "messaging.batch.message_count": size,
        },
    )


def _within(item: Readable, span: Current | None) -> Readable:
    """Return a message that says its handling is what the rest answers to."""
    if span is None:
        return item
    envelope = item.received.envelope.model_copy(update={"traceparent": span.traceparent})
    return replace(item, received=replace(item.received, envelope=envelope))
