"""How a process meets the network: whom it believes, whom it answers, and how much it takes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from shared.errors import InstallationError
from shared.http.rates import DEFAULT_RATES, Rates, Seen
from shared.settings import PREFIX, CommonSettings

ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Front:
    """What stands between a process and whoever calls; without settings it limits nobody.

    `origins` are those whose scripts may read answers, `trusted` the proxies (addresses or
    networks, comma between) that may say for whom they ask.
    """

    https: bool = False
    origins: tuple[str, ...] = ()
    rates: Mapping[Seen, int] = field(default_factory=dict)
    trusted: str = "127.0.0.1"
    connections: int | None = None
    head_seconds: float = 15
    """Nobody's headers take longer, and who sends a byte a second holds a connection for ever."""
    body_seconds: float = 60
    """A megabyte over the slowest mobile line; the proxy in front usually has it all before."""

    def limiter(self) -> Rates:
        """Return fresh buckets for the rates."""
        return Rates(self.rates)


def front_of(common: CommonSettings) -> Front:
    """Return the front that the settings want.

    Raises InstallationError for an origin that is none.
    """
    origins = tuple(one.strip() for one in common.cors_origins.split(",") if one.strip())
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            msg = f"{PREFIX}CORS_ORIGINS: {origin} is no origin such as https://app.example.com"
            raise InstallationError(msg)
    defaults = {} if common.development else DEFAULT_RATES
    return Front(
        https=common.public_url.startswith("https://"),
        origins=origins,
        rates={**defaults, **{Seen(name): rate for name, rate in common.rates.items()}},
        trusted=common.trusted_proxies,
        connections=common.connections,
    )
