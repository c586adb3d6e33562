"""What can be measured from outside; labels have few values, never ids."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

REQUESTS: Final = Histogram(
    "http_server_request_duration_seconds",
    "Time from a request's first byte to its answer's last",
    ["service", "method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

CONSUMED: Final = Counter(
    "careloop_consumer_messages_total",
    "Messages by what became of them",
    ["service", "outcome"],
)

RELAYED: Final = Counter(
    "careloop_relayed_messages_total", "Messages that the bus confirmed", ["service"]
)

OUTBOX_WAITING: Final = Gauge(
    "careloop_outbox_unpublished", "Messages that the bus does not have yet", ["service"]
)

OUTBOX_AGE: Final = Gauge(
    "careloop_outbox_oldest_age_seconds", "Age of the oldest of them", ["service"]
)

DEAD_LETTERS: Final = Gauge(
    "careloop_dead_letters", "Messages that wait for a person", ["service", "state"]
)

BOOKS_DIFFERENCES: Final = Gauge(
    "careloop_books_differences",
    "Differences in a book; `staying` were found by two runs or more",
    ["service", "book", "state"],
)

BOOKS_COMPARED: Final = Gauge(
    "careloop_books_compared_timestamp_seconds", "When the books were last compared", ["service"]
)
