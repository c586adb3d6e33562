"""One request to somebody else's address: checked, pinned, timed, capped, and never redirected.

A name is resolved once, every address is checked, and the connection goes to a checked address
with the name in SNI and Host: a name that answers differently a moment later changes nothing.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final

import httpx

from services.integrations.egress.rules import (
    Address,
    Allowance,
    Target,
    TargetRefusedError,
    literal_address,
    refusal_of,
    target_of,
)
from services.integrations.egress.vocabulary import EgressFailure, TargetRefusal

CONNECT_SECONDS: Final = 5.0
"""A machine that is there answers within one; what hangs longer is behind a closed door."""

READ_BYTES: Final = 65_536
"""Nobody needs to tell us more; what comes beyond is not read."""

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]
"""Return the addresses of a name. Raises OSError when there are none."""

Connect = Callable[["Egress"], httpx.AsyncBaseTransport]
"""Return what carries one request."""


class EgressError(Exception):
    """The request did not go out, or no whole answer came back."""

    def __init__(self, failure: EgressFailure) -> None:
        super().__init__(failure)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, as far as it was read; header names are small."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def system_addresses(host: str, port: int) -> Sequence[Address]:
    """Return what the system's resolver says, in its order."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(entry[4][0]) for entry in found))


def carrier(egress: "Egress") -> httpx.AsyncBaseTransport:
    """Return a connection of its own, through the proxy when one is set."""
    return httpx.AsyncHTTPTransport(verify=egress.trust, trust_env=False, proxy=egress.proxy)


@dataclass(frozen=True, slots=True)
class Egress:
    """How one installation lets requests out."""

    allowance: Allowance = field(default_factory=Allowance)
    proxy: str | None = None
    here: bool = True
    """Off in a process without a way out: it looks up no names, and nothing leaves."""
    timeout_seconds: float = 20.0
    resolve: Resolve = system_addresses
    connect: Connect = carrier
    trust: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    @property
    def connect_seconds(self) -> float:
        """Return how long a connection may take: less than the whole, so that it ends orderly."""
        return min(CONNECT_SECONDS, self.timeout_seconds / 2)


async def check_target(egress: Egress, url: str) -> tuple[Target, Sequence[Address]]:
    """Return an address in its parts, with what it resolves to. Raises TargetRefusedError.

    Behind a proxy, or without a way out, a name may be unknown here; who resolves it before the
    request leaves has the last word.
    """
    target = target_of(url)
    if not (egress.allowance.networks or target.is_literal):  # what no address can save
        _refuse(refusal_of(target, [], egress.allowance))
    literal = literal_address(target)
    try:
        known = [literal] if literal else []
        asks = not literal and egress.here
        addresses = await egress.resolve(target.host, target.port) if asks else known
    except OSError:
        addresses = []
    needed = egress.here and egress.proxy is None
    if not addresses and (needed or target.is_literal):
        raise TargetRefusedError(TargetRefusal.UNKNOWN_NAME)
    _refuse(refusal_of(target, addresses, egress.allowance))
    return target, addresses


def _refuse(reason: TargetRefusal | None) -> None:
    """Raise TargetRefusedError when there is a reason."""
    if reason is not None:
        raise TargetRefusedError(reason)


async def post(egress: Egress, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
    """Send these bytes and return the answer, whatever its status. Raises EgressError."""
    if not egress.here:
        raise EgressError(EgressFailure.NOT_CONNECTED)
    try:
        async with asyncio.timeout(egress.timeout_seconds):  # httpx times single reads, not drips
            target, addresses = await check_target(egress, url)
            own = {"host": target.authority, "accept-encoding": "identity"}
            message = {"headers": {**headers, **own}, "content": body}
            return await _exchange(egress, target, addresses, message)
    except TargetRefusedError as error:
        unknown = error.reason is TargetRefusal.UNKNOWN_NAME
        failure = EgressFailure.NAME_UNKNOWN if unknown else EgressFailure.TARGET_REFUSED
        raise EgressError(failure) from error
    except (TimeoutError, httpx.TimeoutException) as error:
        raise EgressError(EgressFailure.TIMED_OUT) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise EgressError(_failure(error)) from error


async def _exchange(
    egress: Egress, target: Target, addresses: Sequence[Address], message: Mapping[str, Any]
) -> Answer:
    """Try the checked addresses in turn; a proxy gets the name, for it connects by itself."""
    *others, last = [target.host] if egress.proxy else [str(address) for address in addresses]
    for place in others:
        with contextlib.suppress(httpx.ConnectError):
            return await _at(egress, target, place, message)
    return await _at(egress, target, last, message)


async def _at(egress: Egress, target: Target, place: str, message: Mapping[str, Any]) -> Answer:
    url = httpx.URL(
        scheme=target.scheme, host=place, port=target.port, raw_path=target.path.encode()
    )
    async with (
        httpx.AsyncClient(
            transport=egress.connect(egress),
            trust_env=False,
            timeout=httpx.Timeout(egress.timeout_seconds, connect=egress.connect_seconds),
        ) as client,
        client.stream("POST", url, extensions={"sni_hostname": target.host}, **message) as answer,
    ):
        return Answer(answer.status_code, dict(answer.headers), await _read(answer))


async def _read(response: httpx.Response) -> bytes:
    """Return the first bytes as they come; a compressed body stays so, for it may be a bomb."""
    read = bytearray()
    async for piece in response.aiter_raw():
        read += piece
        if len(read) >= READ_BYTES:
            break
    return bytes(read[:READ_BYTES])


def _failure(error: Exception) -> EgressFailure:
    if not isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return EgressFailure.BROKEN_OFF
    link: BaseException | None = error
    while link is not None:
        if isinstance(link, ssl.SSLError):
            return EgressFailure.TLS_FAILED
        link = link.__cause__ or link.__context__
    return EgressFailure.NOT_CONNECTED
