"""What the broker user of one service may do, where every service has its own."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.bus.interface import Exchange
from shared.bus.topology import PREFIX, Names


@dataclass(frozen=True, slots=True)
class Rights:
    """What the broker user of one service may do, as the broker's regular expressions.

    `say` limits the routing keys on the exchange of events.
    """

    configure: str
    write: str
    read: str
    say: str


def rights(names: Names, service: str, keys: Iterable[str]) -> Rights:
    """Return the rights of a service that says the messages of `keys`; it declares nothing."""
    prefix = re.escape(names.prefix)
    types = "|".join(sorted({re.escape(key.rpartition(".v")[0]) for key in keys}))
    return Rights(
        configure="^$",
        write=rf"^{prefix}\.(events|letters|requeue|delay\..+)$",
        read=rf"^{prefix}\.({service}\..+|unrouted)$",
        say=rf"^({types})\.v[0-9]+$" if types else "^$",
    )


def permissions(says: Mapping[str, Iterable[str]], *, prefix: str = PREFIX) -> dict[str, Any]:
    """Return what a broker loads of the rights of services, by the keys that each says."""
    names = Names(prefix)
    may = {names.user(service): rights(names, service, keys) for service, keys in says.items()}
    return {
        "permissions": [
            {
                "user": user,
                "vhost": "/",
                "configure": one.configure,
                "write": one.write,
                "read": one.read,
            }
            for user, one in may.items()
        ],
        "topic_permissions": [
            {
                "user": user,
                "vhost": "/",
                "exchange": names.exchange(Exchange.EVENTS),
                "write": one.say,
                "read": "^$",
            }
            for user, one in may.items()
        ],
    }
