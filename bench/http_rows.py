"""The rows over HTTP: create, get, list and close a ticket, and what stands around a request."""

import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from joserfc import jwt

from bench.fill import fill_tickets, resolve_again, ticket_id
from bench.ground import TOKEN_SECONDS, Ground, team
from bench.load import request_bytes, send_all
from bench.machine import Meter
from bench.processes import served
from bench.samples import Case, Sample, Series
from bench.sizes import some
from bench.table import Row
from shared.auth.actor import ActorKind, Role
from shared.auth.tokens import AUDIENCE, CUSTOMER_ISSUER

TICKETS: Final = some(10_000)
COUNTS: Final = {"create": 2_000, "get": 4_000, "list": 1_000, "close": 2_000, "around": 4_000}
LIMITS: Final = {
    "create": (0.45, 0.70),
    "get": (0.30, 0.50),
    "list": (0.40, 0.90),
    "close": (0.40, 0.60),
}
"""Floor and goal of the rate, as parts of the yardstick's."""
WARM: Final = 50
CREATED, OK = 201, 200


@dataclass(frozen=True, slots=True)
class Target:
    """A server under test, and how a caller of team `number` says who he is."""

    pid: int
    port: int
    database: str
    api: str = ""
    tokens: Sequence[str] = ()

    def headers(self, number: int, *, acts: bool = False) -> dict[str, str]:
        """Return the headers of a request; one that acts has a key of its own."""
        if not self.tokens:
            return {}
        bearer = {"Authorization": f"Bearer {self.tokens[number % len(self.tokens)]}"}
        return bearer | {"Idempotency-Key": str(uuid4())} if acts else bearer


@asynccontextmanager
async def http_cases(ground: Ground, tickets: int = TICKETS) -> AsyncIterator[dict[str, Case]]:
    """Run ours and the yardsticks; give the cases, named `figure/whose`."""
    async with AsyncExitStack() as stack:
        targets = {}
        for name, api in (("tickets", "/api/v1"), ("yardstick", "")):
            database = f"http_{name}_{tickets}"
            await ground.database("tickets", database)
            await fill_tickets(ground.dsn(database), tickets)
            pid, port = await stack.enter_async_context(served(ground, name, database))
            tokens = ground.tokens if api else ()
            targets[name] = Target(pid, port, database, api, tokens)
        cases: dict[str, Case] = {}
        for name, target in targets.items():
            for figure in LIMITS:
                cases[f"{figure}/{name}"] = _case(ground, target, figure)
        for name, api in (("probe", "/api/v1"), ("bare", "")):
            database = targets["tickets"].database
            pid, port = await stack.enter_async_context(served(ground, name, database))
            tokens = [customer_token(ground)] if api else []
            target = Target(pid, port, "", api, tokens)
            cases[f"around/{name}"] = _case(ground, target, "around")
        yield cases


def http_rows(series: dict[str, Series]) -> list[Row]:
    """Return the rows of the table."""
    rows = []
    for figure, (floor, goal) in LIMITS.items():
        ours, yardstick = series[f"{figure}/tickets"], series[f"{figure}/yardstick"]
        rows.append(
            Row(
                f"{figure} ticket" if figure != "list" else "list 50 tickets",
                told(ours),
                told(yardstick),
                ours.rate / yardstick.rate,
                floor,
                goal,
                note=noise(ours, yardstick),
            )
        )
    probe, bare = series["around/probe"], series["around/bare"]
    added = probe.cpu_us - bare.cpu_us
    rows.append(
        Row(
            "all that is around a request",
            f"+{added:.0f} µs",
            f"{bare.cpu_us:.0f} µs",
            added / bare.cpu_us,
            1.15,
            0.80,
            more=False,
            note=noise(probe, bare),
        )
    )
    return rows


def told(series: Series) -> str:
    """Return a rate and the processor time beside it."""
    return f"{series.rate:,.0f}/s {series.cpu_us:,.0f} µs"


def noise(ours: Series, yardstick: Series) -> str:
    """Return how far both were from quiet, and the ratio by processor time, which is steadier."""
    return (
        f"cpu {yardstick.cpu_us / ours.cpu_us:.2f} "
        f"spread {ours.spread:.2f}/{yardstick.spread:.2f} "
        f"foreign {max(ours.foreign, yardstick.foreign):.2f}"
    )


def customer_token(ground: Ground) -> str:
    """Return the token of a customer, whose rights no directory has to say."""
    claims = {
        "iss": CUSTOMER_ISSUER,
        "aud": AUDIENCE,
        "exp": int(time.time()) + TOKEN_SECONDS,
        "sub": str(uuid4()),
        "kind": ActorKind.CUSTOMER,
        "roles": [Role.CUSTOMER],
    }
    return jwt.encode({"alg": "ES256", "kid": ground.signing_key.kid}, claims, ground.signing_key)


def _case(ground: Ground, target: Target, figure: str) -> Case:
    make, expected = REQUESTS[figure], CREATED if figure == "create" else OK

    async def run() -> Sample:
        if figure == "close":
            await resolve_again(ground.dsn(target.database))
        requests = [make(target, number) for number in range(WARM + some(COUNTS[figure]))]
        await send_all(target.port, requests[:WARM], expected=expected)
        with Meter({"application": target.pid}) as meter:
            await send_all(target.port, requests[WARM:], expected=expected)
        count = some(COUNTS[figure])
        used = meter.used["application"] / count * 1e6
        return Sample(count / meter.seconds, used, meter.foreign)

    return run


def _create(target: Target, number: int) -> bytes:
    asked = {
        "kind": "complaint",
        "channel": "wechat",
        "subject": "表具故障",
        "description": "已经三天没有人上门。" * 8,
        "org_unit_id": str(team(number)),
    }
    body = json.dumps(asked, ensure_ascii=False).encode()
    headers = target.headers(number, acts=True)
    return request_bytes("POST", f"{target.api}/tickets", headers, body)


def _get(target: Target, number: int) -> bytes:
    path = f"{target.api}/tickets/{ticket_id(number)}"
    return request_bytes("GET", path, target.headers(number))


def _list(target: Target, number: int) -> bytes:
    """Ask for the newest 50 of a team: ours finds the team by who asks."""
    asked = "limit=50" if target.api else f"org_unit_id={team(number)}&limit=50"
    return request_bytes("GET", f"{target.api}/tickets?{asked}", target.headers(number))


def _close(target: Target, number: int) -> bytes:
    path = f"{target.api}/tickets/{ticket_id(number)}/close"
    return request_bytes("POST", path, target.headers(number, acts=True))


def _around(target: Target, number: int) -> bytes:
    return request_bytes("GET", f"{target.api}/probe/{ticket_id(number)}", target.headers(number))


REQUESTS: Final[dict[str, Callable[[Target, int], bytes]]] = {
    "create": _create,
    "get": _get,
    "list": _list,
    "close": _close,
    "around": _around,
}
