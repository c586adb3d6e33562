"""What both buses do with a batch between taking it and settling it."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

import structlog

from shared.bus.interface import ConsumerPausedError, Delivery, Receive

BATCH: Final = 500
"""One transaction and one acknowledgement for up to this many; larger batches gain nothing more."""

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 15.0
"""A database that restarts is back within seconds; one that is down is not worth more questions."""

CRASH_PAUSE_SECONDS: Final = 0.5
"""A receiving function that raises would else use up its deliveries within a moment."""

STOP_SECONDS: Final = 20.0
"""A running batch takes a second; orchestrators kill after 30."""

T = TypeVar("T")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a batch: which messages come again, and after how many seconds.

    `crashed`: it was refused whole. `over`: the consumer was interrupted before any answer.
    """

    retries: Mapping[UUID, float]
    crashed: bool = False
    over: bool = False


def in_shares(batch: Sequence[T], redelivered: Callable[[T], bool]) -> list[list[T]]:
    """Return the parts of a batch to hand over one after another.

    A message that comes again may be the one that ended the process, so it goes alone. These go
    first and in any order: behind the guilty one the innocent would never have their turn.
    """
    again = [[item] for item in batch if redelivered(item)]
    random.shuffle(again)
    fresh = [item for item in batch if not redelivered(item)]
    return [*again, *([fresh] if fresh else [])]


async def offer(
    receive: Receive, deliveries: Sequence[Delivery], queue: str, over: asyncio.Event
) -> Answer:
    """Hand a batch over, again and again while the consumer is paused, until `over` is set."""
    pause = FIRST_PAUSE_SECONDS
    while not over.is_set():
        try:
            return Answer(await receive(deliveries))
        except ConsumerPausedError as error:
            log.warning("consumer_paused", queue=queue, reason=str(error), pause_seconds=pause)
        except Exception:
            log.exception("consumer_crashed", queue=queue, messages=len(deliveries))
            await interrupted(over, CRASH_PAUSE_SECONDS)
            return Answer({}, crashed=True)
        await interrupted(over, pause)
        pause = longer(pause)
    return Answer({}, over=True)


async def interrupted(over: asyncio.Event, seconds: float) -> bool:
    """Wait; return whether `over` was set meanwhile."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await over.wait()
    return over.is_set()


def longer(pause: float) -> float:
    """Return the pause after a pause that did not help."""
    return min(pause * 2, LONGEST_PAUSE_SECONDS)


async def end(task: asyncio.Task[None]) -> None:
    """Let a consumer's task end by itself, or cancel it: what was not settled comes again."""
    done, _ = await asyncio.wait({task}, timeout=STOP_SECONDS)
    if not done:
        task.cancel()
        await asyncio.wait({task})
