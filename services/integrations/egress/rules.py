"""Which addresses may be targets: pure, asked at registration and again before every request."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final
from urllib.parse import SplitResult, urlsplit

from services.integrations.egress.vocabulary import TargetRefusal
from shared.errors import InstallationError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_URL: Final = 2048
DEFAULT_PORTS: Final = {"https": 443, "http": 80}
PORTS: Final = frozenset({443, 8443})
"""Where HTTPS is served to strangers; any other port may be a database or a mail server."""

_RESERVED: Final = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
    192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24
    224.0.0.0/4 240.0.0.0/4
    ::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20
    5f00::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8
"""
FORBIDDEN: Final[Sequence[Network]] = tuple(ip_network(text) for text in _RESERVED.split())
"""Private, local, of documents and of many, and IPv6 that wraps an IPv4 address. The registry's
own word, `is_global`, takes multicast, NAT64 and 6to4 for global, so it is not asked alone."""

_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*"
)
_NUMBER: Final = re.compile(r"([0-9]+|0x[0-9a-f]*)")
_PATH: Final = re.compile(r"/[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*")
_BREAKING: Final = re.compile(r"%(0[0-9a-f]|1[0-9a-f]|7f|(?![0-9a-f]{2}))", re.IGNORECASE)
"""Encoded control characters, which somebody behind may decode into a second header."""


class TargetRefusedError(Exception):
    """An address that no request goes to."""

    def __init__(self, reason: TargetRefusal) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart once; requests are made of these parts and not parsed again."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Return what stands in the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def is_literal(self) -> bool:
        """Return whether the host is a number in any spelling, such as 127.1 or 0x7f000001."""
        return ":" in self.host or bool(_NUMBER.fullmatch(self.host.rpartition(".")[2]))


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an operator allows although it is private, plain HTTP or on another port."""

    names: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[tuple[Network, int | None], ...] = ()

    def takes(self, target: Target, addresses: Iterable[Address]) -> bool:
        """Return whether the target is allowed by name, or by every one of its addresses."""
        if {(target.host, None), (target.host, target.port)} & self.names:
            return True
        places = [_plain(address) for address in addresses]
        return bool(places) and all(
            any(place in network and port in {None, target.port} for network, port in self.networks)
            for place in places
        )


def target_of(url: str) -> Target:
    """Return the parts of an address. Raises TargetRefusedError for one that is not plain."""
    if len(url) > LONGEST_URL or not url.isprintable() or re.search(r"[\s\\#]", url):
        raise TargetRefusedError(TargetRefusal.MALFORMED)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise TargetRefusedError(TargetRefusal.MALFORMED) from error
    if parts.scheme not in DEFAULT_PORTS:
        raise TargetRefusedError(TargetRefusal.NOT_HTTPS)
    if "@" in parts.netloc:
        raise TargetRefusedError(TargetRefusal.USER_INFORMATION)
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    if port == 0 or not _PATH.fullmatch(path) or _BREAKING.search(path):
        raise TargetRefusedError(TargetRefusal.MALFORMED)
    return Target(parts.scheme, _host(parts), port or DEFAULT_PORTS[parts.scheme], path)


def refusal_of(
    target: Target, addresses: Sequence[Address], allowance: Allowance
) -> TargetRefusal | None:
    """Return why no request goes to a target with these addresses; None when it may."""
    if allowance.takes(target, addresses):
        return None
    if target.scheme != "https":
        return TargetRefusal.NOT_HTTPS
    if any(is_forbidden(address) for address in addresses):
        return TargetRefusal.FORBIDDEN_ADDRESS
    if target.is_literal:
        return TargetRefusal.ADDRESS_LITERAL
    return None if target.port in PORTS else TargetRefusal.PORT_NOT_ALLOWED


def is_forbidden(address: Address) -> bool:
    """Return whether an address leads anywhere but to the public internet."""
    place = _plain(address)
    return not place.is_global or any(place in network for network in FORBIDDEN)


def allowance_of(text: str) -> Allowance:
    """Return what a setting allows: names, addresses or networks, with a port or without.

    Raises InstallationError for a part that is none of these.
    """
    names: set[tuple[str, int | None]] = set()
    networks: list[tuple[Network, int | None]] = []
    for part in filter(None, (piece.strip().lower() for piece in text.split(","))):
        place, port = _with_port(part)
        try:
            networks.append((ip_network(place), port))
        except ValueError as error:
            if not _NAME.fullmatch(place):
                msg = f"{part} is no name, address or network"
                raise InstallationError(msg) from error
            names.add((place, port))
    return Allowance(frozenset(names), tuple(networks))


def _with_port(part: str) -> tuple[str, int | None]:
    bracketed = re.fullmatch(r"\[(.+)\](?::([0-9]{1,5}))?", part)
    single = re.fullmatch(r"([^:]+):([0-9]{1,5})", part)
    found = bracketed or single
    if found is None:
        return part, None
    return found[1], int(found[2]) if found[2] else None


def _host(parts: SplitResult) -> str:
    """Return a host in ASCII: a name, an IPv4 address in any spelling, or an IPv6 address."""
    host = parts.hostname or ""
    if parts.netloc.startswith("["):
        try:
            return str(IPv6Address(host if "%" not in host else ""))
        except ValueError as error:
            raise TargetRefusedError(TargetRefusal.MALFORMED) from error
    try:
        name = host.encode("idna").decode().lower().removesuffix(".")
    except UnicodeError as error:
        raise TargetRefusedError(TargetRefusal.MALFORMED) from error
    if not _NAME.fullmatch(name):
        raise TargetRefusedError(TargetRefusal.MALFORMED)
    return name


def _plain(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def literal_address(target: Target) -> Address | None:
    """Return the address that a host spells in the usual way, None for any other."""
    try:
        return ip_address(target.host)
    except ValueError:
        return None
