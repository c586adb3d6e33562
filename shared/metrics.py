"""What can be measured from outside; labels have few values, never ids."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

REQUESTS: Final = Histogram(
    "http_server_request_duration_seconds",
    "Time from a request's first byte to its answer's last",
    ["service", "method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

IN_FLIGHT: Final = Gauge(
    "http_server_active_requests", "Requests that are being answered", ["service"]
)

ERRORS: Final = Counter(
    "careloop_http_errors_total",
    "Requests that were refused or failed, by code",
    ["service", "code"],
)

CONSUMED: Final = Counter(
    "careloop_consumer_messages_total",
    "Messages by what became of them",
    ["service", "queue", "outcome"],
)

HANDLED_IN: Final = Histogram(
    "careloop_consumer_handle_seconds",
    "Time that a batch took from its arrival to its commit",
    ["service", "queue"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)

HEARD_AFTER: Final = Histogram(
    "careloop_consumer_lag_seconds",
    "Time from what happened to its being handled here; the oldest of each batch",
    ["service", "queue"],
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200),
)

LOOP: Final = Histogram(
    "careloop_loop_seconds",
    "Time from a closing to its invitation, or to the reason why there is none",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800),
)

NOT_PUBLISHED: Final = Counter(
    "careloop_outbox_publish_failures_total",
    "Windows of the relay that failed, by why",
    ["service", "reason"],
)

SWEPT: Final = Gauge(
    "careloop_sweep_timestamp_seconds",
    "When a sweep last ended a turn without failing; before its first turn, when it began",
    ["database", "sweep"],
)

SWEEP_EVERY: Final = Gauge(
    "careloop_sweep_every_seconds", "How often a sweep looks for work", ["database", "sweep"]
)

SWEEP_FAILURES: Final = Counter(
    "careloop_sweep_failures_total", "Turns of a sweep that failed", ["database", "sweep"]
)

POOL_SIZE: Final = Gauge(
    "careloop_db_pool_size", "Connections that a process may have", ["database"]
)

POOL_IN_USE: Final = Gauge("careloop_db_pool_in_use", "Connections that are at work", ["database"])

POOL_WAIT: Final = Histogram(
    "careloop_db_pool_wait_seconds",
    "Time until a transaction had its connection",
    ["database"],
    buckets=(0.001, 0.005, 0.025, 0.1, 0.5, 1, 5, 30),
)

BUILD: Final = Gauge("careloop_build_info", "Which release this is; always 1", ["version"])

RELAYED: Final = Counter(
    "careloop_relayed_messages_total", "Messages that the bus confirmed", ["service"]
)

OUTBOX_WAITING: Final = Gauge(
    "careloop_outbox_unpublished",
    "Messages that the bus does not have yet; 10,000 are so many or more",
    ["service"],
)

OUTBOX_AGE: Final = Gauge(
    "careloop_outbox_oldest_age_seconds", "How long the first of them has waited", ["service"]
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
    "careloop_books_compared_timestamp_seconds",
    "When the books were last compared; before the first time, when this process began",
    ["service"],
)
