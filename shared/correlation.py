"""What caused the work in hand: set by the doors, written into every message that follows."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID, uuid4


@dataclass(frozen=True, slots=True)
class Cause:
    """The request or message that the work in hand answers to; `address` is whose request it is."""

    correlation_id: str
    causation_id: UUID | None = None
    traceparent: str | None = None
    address: str | None = None


_cause: ContextVar[Cause | None] = ContextVar("careloop_cause", default=None)


def set_cause(cause: Cause) -> None:
    """Say what the current task answers to."""
    _cause.set(cause)


@contextmanager
def answering_to(cause: Cause) -> Iterator[None]:
    """Say what the work inside answers to; what is done after it answers to what it did before."""
    token = _cause.set(cause)
    try:
        yield
    finally:
        _cause.reset(token)


def current_cause() -> Cause:
    """Return what the current task answers to; a sweep, which answers to nobody, is its own."""
    return _cause.get() or Cause(correlation_id=uuid4().hex)


def known_cause() -> Cause | None:
    """Return what the current task answers to, if anybody said so."""
    return _cause.get()
