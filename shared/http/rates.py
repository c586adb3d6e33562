"""How often somebody may ask: a bucket for each caller, address or link, in this process.

GCRA (generic cell rate algorithm, ITU-T I.371): of each bucket only the instant is kept at which
it will be full again. Answers say how much is left (draft-ietf-httpapi-ratelimit-headers). With
several processes each has its own buckets; the proxy in front counts for all of them.
"""

import ipaddress
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.http.problems import ProblemError, problem_of

WINDOW_SECONDS: Final = 60
MOST_BUCKETS: Final = 100_000
"""Some 20 MB; who comes from more addresses than that within a minute is for the proxy to stop."""


class Seen(StrEnum):
    """By what somebody is counted."""

    CALLER = "caller"
    """Every request with a token, by whom it names."""
    ADDRESS = "address"
    """Every request, by where it is from: a whole office or a phone network may be one address."""
    SIGN_IN = "sign_in"
    """Passwords and client secrets, by address; besides, an account locks itself."""
    ANSWER = "answer"
    """What is sent to one survey link: by link, so that no crowd behind one address is shut out."""
    HEAVY = "heavy"
    """What costs much, such as an export, by caller."""


DEFAULT_RATES: Final[Mapping[Seen, int]] = {
    Seen.CALLER: 1_200,
    Seen.ADDRESS: 12_000,
    Seen.SIGN_IN: 120,
    Seen.ANSWER: 30,
    Seen.HEAVY: 30,
}
"""Requests a minute: twenty a second are more than a person's front-end asks for."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left in a bucket: requests, and seconds until it is full, or lets one pass again."""

    seen: Seen
    quota: int
    left: int
    seconds: int
    refused: bool

    @property
    def headers(self) -> dict[str, str]:
        """Return the two fields of the draft."""
        return {
            "RateLimit-Policy": f'"{self.seen}";q={self.quota};w={WINDOW_SECONDS}',
            "RateLimit": f'"{self.seen}";r={self.left};t={self.seconds}',
        }


@dataclass
class Rates:
    """The buckets of one process."""

    quotas: Mapping[Seen, int]
    clock: Callable[[], float] = time.monotonic
    _full_at: dict[tuple[Seen, str], float] = field(default_factory=dict)

    def take(self, seen: Seen, key: str) -> Standing | None:
        """Take one request out of a bucket; None where nothing is counted."""
        quota = self.quotas.get(seen, 0)
        if not quota:
            return None
        now, each = self.clock(), WINDOW_SECONDS / quota
        full_at = max(self._full_at.get((seen, key), now), now) + each
        over = full_at - now - WINDOW_SECONDS
        if over > each / 1000:  # a hair, for what floating point loses
            return Standing(seen, quota, 0, math.ceil(over), refused=True)
        if len(self._full_at) >= MOST_BUCKETS:
            self._forget(now)
        self._full_at[seen, key] = full_at
        left = int((WINDOW_SECONDS - (full_at - now)) / each + 0.001)
        return Standing(seen, quota, left, math.ceil(full_at - now), refused=False)

    def _forget(self, now: float) -> None:
        """Forget buckets that are full again, and if that is not enough the older half of all."""
        kept = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
        if len(kept) >= MOST_BUCKETS:
            kept = dict(list(kept.items())[MOST_BUCKETS // 2 :])
        self._full_at = kept


class RateLimit:
    """Pure ASGI: counts every request by its address, and tells what is left of the least."""

    def __init__(self, app: ASGIApp, rates: Rates) -> None:
        self._app = app
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or answer 429."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["standing"] = self._rates.take(Seen.ADDRESS, address_of(scope))

        async def told(message: Message) -> None:
            standing: Standing | None = state["standing"]
            if message["type"] == "http.response.start" and standing is not None:
                message["headers"] = [
                    *message.get("headers", ()),
                    *((k.lower().encode(), v.encode()) for k, v in standing.headers.items()),
                ]
            await send(message)

        try:
            _refuse(state["standing"])
        except ProblemError as refusal:
            await problem_of(Request(scope), refusal)(scope, receive, told)
        else:
            await self._app(scope, receive, told)


def count(request: Request, seen: Seen, key: str) -> None:
    """Count a request in a bucket. Raises ProblemError 429 when it is empty."""
    rates: Rates = request.app.state.rates
    standing = rates.take(seen, key)
    state = request.scope.setdefault("state", {})
    before: Standing | None = state.get("standing")
    if standing is not None and (before is None or standing.left <= before.left):
        state["standing"] = standing
    _refuse(standing)


async def count_sign_in(request: Request) -> None:
    """Count who shows a secret; a dependency of such doors. Raises ProblemError 429."""
    count(request, Seen.SIGN_IN, address_of(request.scope))


async def count_answer(request: Request) -> None:
    """Count what is sent to a survey link; a dependency of such doors. Raises ProblemError 429."""
    count(request, Seen.ANSWER, request.path_params["token"])


def address_of(scope: Scope) -> str:
    """Return from where a request is: of IPv6 the network, as a household has 2^64 addresses."""
    host = (scope.get("client") or ("",))[0]
    if ":" not in host:
        return str(host)
    try:
        return str(ipaddress.ip_network(f"{host.partition('%')[0]}/64", strict=False))
    except ValueError:
        return str(host)


def _refuse(standing: Standing | None) -> None:
    """Raise ProblemError 429 for an empty bucket."""
    if standing is not None and standing.refused:
        raise ProblemError(
            429,
            "too_many_requests",
            f"More than {standing.quota} requests in {WINDOW_SECONDS} seconds.",
            {"Retry-After": str(standing.seconds)},
        )
