"""How long a batch took, and how old the news was that it brought."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from shared.bus.interface import Queue
from shared.messages.contract import Envelope, Origin
from shared.metrics import HANDLED_IN, HEARD_AFTER


@contextmanager
def measured(
    service: str, queue: Queue, envelopes: Sequence[Envelope], clock: Callable[[], datetime]
) -> Iterator[None]:
    """Measure the handling of a batch; of what is not live the age means nothing."""
    began = time.perf_counter()
    yield
    HANDLED_IN.labels(service, queue.kind).observe(time.perf_counter() - began)
    live = [one.time for one in envelopes if one.origin == Origin.LIVE]
    if live:
        age = (clock() - min(live)).total_seconds()
        HEARD_AFTER.labels(service, queue.kind).observe(max(age, 0))
