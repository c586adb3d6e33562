"""What a client was answered, and how soon."""

import math
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx


@dataclass
class Answers:
    """Every answer that a watched client got; a line that broke, or waited too long, has none."""

    asked: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def watch(self, client: httpx.AsyncClient) -> None:
        """Count what this client is answered from now on."""
        client.event_hooks = {"request": [self._asked], "response": [self._answered]}

    def clear(self) -> None:
        """Begin anew."""
        self.asked = 0
        self.statuses.clear()
        self.seconds.clear()

    def p95(self) -> float:
        """Return the seconds within which 95 of 100 answers came (nearest rank)."""
        ordered = sorted(self.seconds)
        return ordered[math.ceil(0.95 * len(ordered)) - 1] if ordered else 0.0

    async def _asked(self, request: httpx.Request) -> None:
        self.asked += 1
        request.extensions["asked_at"] = time.monotonic()

    async def _answered(self, response: httpx.Response) -> None:
        self.statuses[response.status_code] += 1
        self.seconds.append(time.monotonic() - response.request.extensions["asked_at"])
