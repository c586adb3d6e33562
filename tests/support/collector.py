"""A receiver of traces (OTLP over HTTP) in this process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Seen:
    """A span as it came, with the process that sent it."""

    process: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str]
    words: str
    """All that it says, as text."""


@dataclass
class Collector:
    """What came, and where to send it."""

    endpoint: str
    spans: list[Seen] = field(default_factory=list)

    def named(self, name: str, **attributes: str) -> list[Seen]:
        """Return the spans of a name that have these attributes."""
        return [
            one
            for one in self.spans
            if one.name == name
            and attributes.items()
            <= {k.split(".")[-1]: v for k, v in one.attributes.items()}.items()
        ]


@contextmanager
def collector() -> Iterator[Collector]:
    """Receive traces while the block runs."""

    class Receive(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            running.spans += read(body)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receive)
    running = Collector(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def read(body: bytes) -> list[Seen]:
    """Return the spans of one request."""
    found = []
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        named = {one.key: one.value.string_value for one in resource.resource.attributes}
        for scope in resource.scope_spans:
            found += [
                Seen(
                    process=named["service.name"],
                    name=one.name,
                    trace=one.trace_id.hex(),
                    id=one.span_id.hex(),
                    parent=one.parent_span_id.hex(),
                    attributes={a.key: a.value.string_value for a in one.attributes},
                    words=str(one),
                )
                for one in scope.spans
            ]
    return found
