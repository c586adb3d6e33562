"""For every alert, series in which it fires, and series just short of that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MINUTES: Final = 40
"""So long each case runs; every alert has a shorter patience."""

N: Final = MINUTES

ALL: Final = [
    f"{service}-{half}"
    for service in ("tickets", "surveys", "feedback", "reporting", "integrations")
    for half in ("api", "worker")
]


@dataclass(frozen=True)
class Case:
    bad: Mapping[str, str]
    good: Mapping[str, str]


def up(*processes: str, value: int = 1) -> dict[str, str]:
    return {
        f'up{{job="careloop", process="{one}", instance="{one}:8000"}}': f"{value}x{N}"
        for one in processes
    }


def requests(slow: int, fast: int) -> dict[str, str]:
    """Requests a minute that take three seconds and a hundredth of one."""
    name = "http_server_request_duration_seconds_bucket"
    return {
        f'{name}{{service="tickets", le="0.01"}}': f"0+{fast}x{N}",
        f'{name}{{service="tickets", le="2.5"}}': f"0+{fast}x{N}",
        f'{name}{{service="tickets", le="5"}}': f"0+{fast + slow}x{N}",
        f'{name}{{service="tickets", le="+Inf"}}': f"0+{fast + slow}x{N}",
    }


def answers(failing: int, well: int) -> dict[str, str]:
    name = "http_server_request_duration_seconds_count"
    return {
        f'{name}{{service="tickets", status="500"}}': f"0+{failing}x{N}",
        f'{name}{{service="tickets", status="200"}}': f"0+{well}x{N}",
    }


def spread(
    name: str, labels: str, *, below: str, above: str, late: int, soon: int
) -> dict[str, str]:
    """Return a histogram of which so many a minute lie below a bound, and so many up to another."""
    return {
        f'{name}_bucket{{{labels}le="{below}"}}': f"0+{soon}x{N}",
        f'{name}_bucket{{{labels}le="{above}"}}': f"0+{soon + late}x{N}",
        f'{name}_bucket{{{labels}le="+Inf"}}': f"0+{soon + late}x{N}",
    }


def gauge(name: str, bad: str, good: str) -> Case:
    return Case({name: bad}, {name: good})


POOL = ("careloop_db_pool_wait_seconds", 'database="careloop_tickets", ')
LOOP = ("careloop_loop_seconds", "")
LAG = ("careloop_consumer_lag_seconds", 'service="reporting", queue="events", ')
SWEEP = '{database="careloop_surveys", sweep="invitations"}'
AT_ANOTHER = SWEEP.replace("}", ', instance="another, which always fails"}')
READY = 'rabbitmq_detailed_queue_messages_ready{queue="careloop.surveys.events"}'
CONSUMERS = 'rabbitmq_detailed_queue_consumers{queue="careloop.surveys.events"}'
DIFFERENCES = 'careloop_books_differences{service="reporting", book="cycles", state="%s"}'
UNAVAILABLE = 'careloop_http_errors_total{service="tickets", code="%s"}'

CASES: Final[Mapping[str, Case]] = {
    "ProcessDown": Case(up("tickets-api", value=0), up("tickets-api")),
    "ProcessMissing": Case(up(*ALL[1:]), up(*ALL, "tickets-worker")),
    "RequestsFail": Case(answers(2, 98), answers(1, 199)),
    "RequestsSlow": Case(requests(10, 90), requests(4, 96)),
    "DatabaseAway": Case(
        {UNAVAILABLE % "unavailable": f"0+12x{N}"},
        {UNAVAILABLE % "unavailable": f"0+3x{N}", UNAVAILABLE % "not_allowed": f"0+60x{N}"},
    ),
    "DatabasePoolFull": Case(
        spread(*POOL, below="1", above="5", late=10, soon=90),
        spread(*POOL, below="0.5", above="1", late=10, soon=90),
    ),
    "OutboxStands": gauge(
        'careloop_outbox_oldest_age_seconds{service="tickets"}', f"0+60x{N}", f"0 50 0 55x{N}"
    ),
    "QueueGrows": gauge(READY, f"1001x{N}", "5000 900 5000x8 900 5000x8 900 5000x8 900 5000x8 900"),
    "NobodyConsumes": gauge(CONSUMERS, f"0x{N}", f"1x{N}"),
    "MessagesUnrouted": gauge(
        'rabbitmq_detailed_queue_messages{queue="careloop.unrouted"}', f"1x{N}", f"0x{N}"
    ),
    "DeadLetters": gauge(
        'careloop_dead_letters{service="surveys", state="waiting"}', f"1x{N}", f"0x{N}"
    ),
    "BrokerDown": gauge('up{job="rabbitmq", instance="rabbitmq:15692"}', f"0x{N}", f"1x{N}"),
    "BrokerAlarm": gauge("rabbitmq_alarms_free_disk_space_watermark", f"1x{N}", f"0x{N}"),
    "LoopSlow": Case(
        spread(*LOOP, below="60", above="300", late=10, soon=90),
        spread(*LOOP, below="30", above="60", late=10, soon=90),
    ),
    "NewsLate": Case(
        spread(*LAG, below="300", above="1800", late=60, soon=40),
        spread(*LAG, below="300", above="1800", late=40, soon=60),
    ),
    "SweepLate": Case(
        {
            f"careloop_sweep_timestamp_seconds{SWEEP}": f"0x{N}",
            f"careloop_sweep_every_seconds{SWEEP}": f"300x{N}",
        },
        {
            f"careloop_sweep_timestamp_seconds{SWEEP}": f"0+60x{N}",
            f"careloop_sweep_timestamp_seconds{AT_ANOTHER}": f"0x{N}",
            f"careloop_sweep_every_seconds{SWEEP}": f"300x{N}",
        },
    ),
    "PartnersWait": gauge("careloop_webhook_oldest_pending_seconds", f"0+60x{N}", f"600x{N}"),
    "BooksDiffer": Case({DIFFERENCES % "staying": f"1x{N}"}, {DIFFERENCES % "new": f"1x{N}"}),
    "BooksNotCompared": gauge(
        'careloop_books_compared_timestamp_seconds{service="reporting"}',
        f"-140000x{N}",
        f"-80000x{N}",
    ),
}
