"""What a host must know to run a service: its doors, its tables, its promises."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter

from shared.audit import AUDIT_PARTITIONS
from shared.auth.tokens import Keys
from shared.books.rules import Ledger
from shared.bus.interface import Queue
from shared.database import Database, Session
from shared.inbox.handlers import Handler, queues_of
from shared.inbox.tables import INBOX_PARTITIONS
from shared.outbox.tables import OUTBOX_PARTITIONS
from shared.partitions import Partitioned
from shared.settings import CommonSettings
from shared.snapshots.say_again import SayAgain
from shared.sweeps import Sweep
from shared.vocabulary import Labels


@dataclass(frozen=True, slots=True)
class Service:
    """A service, composed by its `service.py`; hosts differ, services do not know them.

    `state` is put on `app.state` for the doors; `seed` puts in place, after every migration, the
    rows that the service ships with. `keys` are the issuer's own; other services fetch them.
    `problem_titles` and `vocabulary` have zh and en; `large_bodies` says at which paths a body
    may have how many bytes; `snapshots` are what it can say again; `ledger` holds its books.
    """

    name: str
    migrations: Path
    database_url: str | None = None
    keys: Keys | None = None
    routers: Sequence[APIRouter] = ()
    handlers: Sequence[Handler] = ()
    sweeps: Sequence[Sweep] = ()
    partitioned: Sequence[Partitioned] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    problem_titles: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    snapshots: Mapping[str, SayAgain] = field(default_factory=dict)
    vocabulary: Mapping[str, Labels] = field(default_factory=dict)
    large_bodies: Mapping[str, int] = field(default_factory=dict)
    ledger: Ledger | None = None
    seed: Callable[[Session, datetime], Awaitable[None]] | None = None

    def url(self, common: CommonSettings) -> str:
        """Return the URL of its database. Raises ValueError when no server is set."""
        url = self.database_url or common.database_url_of(self.name)
        return common.with_database_password(url)

    def database(self, common: CommonSettings) -> Database:
        """Return connections to its database, as the settings want them."""
        return Database(
            self.url(common),
            pool_size=common.database_pool,
            statement_cache=common.database_statement_cache,
            command_timeout=common.database_timeout,
        )

    @property
    def queues(self) -> tuple[Queue, ...]:
        """Return the queues that it listens to."""
        return queues_of(self.name, self.handlers)

    @property
    def all_partitioned(self) -> tuple[Partitioned, ...]:
        """Return every table of its database that is cut by time."""
        return (OUTBOX_PARTITIONS, INBOX_PARTITIONS, AUDIT_PARTITIONS, *self.partitioned)
