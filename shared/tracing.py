"""Traces across services (OpenTelemetry): off unless an endpoint is set, and free while off.

A request, each message on its way and each message being handled is a span of one trace: its
`traceparent` (W3C) travels in the outbox row and in the envelope. Attributes hold codes and ids of
messages, never what somebody wrote, and exceptions leave no text. The provider is ours alone, not
the process's: FastAPI would else add spans of its own, with the words of exceptions.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

Attributes = Mapping[str, str | int]
T = TypeVar("T")

TRACES: Final = "/v1/traces"
END_SECONDS: Final = 2
"""So long a process that ends waits for a collector that may be away."""


class Kind(IntEnum):
    """The kinds of spans, with the numbers of OpenTelemetry."""

    SERVER = 1
    CLIENT = 2
    PRODUCER = 3
    CONSUMER = 4


@dataclass(frozen=True, slots=True)
class Step:
    """What a span is called, what it answers to, and its attributes."""

    name: str
    parent: str | None
    attributes: Attributes


class _State:
    tracer: "Tracer | None" = None


@dataclass(frozen=True, slots=True)
class Current:
    """A span that is going on."""

    span: "Span"

    @property
    def traceparent(self) -> str:
        """Return what those that follow from it shall carry."""
        context = self.span.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    def describe(self, name: str, attributes: Attributes, *, failed: bool) -> None:
        """Say what is known at its end only."""
        self.span.update_name(name)
        self.span.set_attributes(attributes)
        if failed:
            _fail(self.span)


@contextmanager
def tracing(endpoint: str | None, ratio: float, *, process: str) -> Iterator[None]:
    """Send spans to an OTLP/HTTP receiver while the block runs; at its end the rest is sent.

    `ratio` of the traces that begin here are kept; a caller with a sampled traceparent is followed.
    Without an endpoint nothing of the library is imported.
    """
    if endpoint is None:
        yield
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - only now
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio  # noqa: PLC0415

    exporter = OTLPSpanExporter(endpoint.rstrip("/") + TRACES, timeout=END_SECONDS)
    provider = TracerProvider(
        sampler=ParentBasedTraceIdRatio(ratio),
        resource=Resource.create({"service.name": process}),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
    _State.tracer = provider.get_tracer("careloop")
    try:
        yield
    finally:
        _State.tracer = None
        provider.shutdown()


@contextmanager
def span(kind: Kind, step: Step) -> Iterator[Current | None]:
    """Make the block a span; None while tracing is off."""
    if _State.tracer is None:
        yield None
        return
    with spans(kind, [step], lambda one: one) as (current,):
        yield current


@contextmanager
def spans(
    kind: Kind, items: Sequence[T], describe: Callable[[T], Step]
) -> Iterator[Sequence[Current | None]]:
    """Make the block a span of each item; all None while tracing is off."""
    tracer = _State.tracer
    if tracer is None:
        yield [None] * len(items)
        return
    begun = [_begin(tracer, kind, describe(item)) for item in items]
    try:
        yield [Current(one) for one in begun]
    except BaseException:
        for one in begun:
            _fail(one)
        raise
    finally:
        for one in begun:
            one.end()


def _begin(tracer: "Tracer", kind: Kind, step: Step) -> "Span":
    from opentelemetry.context import Context  # noqa: PLC0415 - only when tracing is on
    from opentelemetry.trace import SpanKind  # noqa: PLC0415
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
        TraceContextTextMapPropagator,
    )

    parent = Context()
    if step.parent is not None:
        carried = {"traceparent": step.parent}
        parent = TraceContextTextMapPropagator().extract(carried, parent)
    return tracer.start_span(
        step.name, context=parent, kind=SpanKind(kind), attributes=dict(step.attributes)
    )


def _fail(span: "Span") -> None:
    from opentelemetry.trace import StatusCode  # noqa: PLC0415 - only when tracing is on

    span.set_status(StatusCode.ERROR)
