"""The process under test over HTTP: `python -m bench.serve NAME PORT FOLDER DATABASE [AMQP QUEUE]`.

`tickets` is our service as `careloop api tickets` runs it, without the relay, which has a row of
its own: its keys are fetched once from an issuer, its log goes to standard output.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
import uvloop
from fastapi import FastAPI

from bench import probe
from bench.machine import APPLICATION_CORE, pin
from bench.yardsticks import bare, tickets
from services.tickets import service as part
from shared.auth.tokens import FetchedKeys
from shared.crypto.vault import KEYS_FILE, Vault, read_vault
from shared.database import Database
from shared.http.app import Ground, create_app
from shared.http.front import Front
from shared.http.rates import Seen
from shared.logs import configure_logs
from shared.service import Service
from shared.serving import listening, serving, stop_asked
from shared.settings import CommonSettings

FRONT: Final = Front(rates={Seen.CALLER: 10**9, Seen.ADDRESS: 10**9})
"""Everybody is counted and nobody refused."""


@asynccontextmanager
async def careloop_app(folder: Path, service: Service, url: str) -> AsyncIterator[FastAPI]:
    """Run a service's application with everything that is around a request."""
    configure_logs()
    vault = _vault(folder)
    jwks = (folder / "jwks.json").read_bytes()
    issuer = httpx.MockTransport(lambda _request: httpx.Response(200, content=jwks))
    database = Database(url)
    try:
        async with httpx.AsyncClient(transport=issuer) as client:
            keys = FetchedKeys("http://issuer/jwks.json", client)
            yield create_app(service, Ground(database, vault, keys, FRONT))
    finally:
        await database.dispose()


def tickets_service(folder: Path) -> Service:
    """Return the tickets service, composed as a host does it."""
    return part.create_service(CommonSettings(secrets=folder / "secrets"), _vault(folder))


def _vault(folder: Path) -> Vault:
    return read_vault(folder / "secrets" / KEYS_FILE, part.NAME, recipients=part.WRITES_TO)


async def main(name: str, port: int, folder: Path, url: str, *broker: str) -> None:
    """Serve one of the applications until SIGTERM."""
    stopped = stop_asked()
    opened = {
        "tickets": lambda: careloop_app(folder, tickets_service(folder), url),
        "probe": lambda: careloop_app(folder, probe.service(), url),
        "yardstick": lambda: tickets.app(url),
        "relayed": lambda: tickets.app(url, *broker),
        "bare": bare.app,
    }[name]
    with listening("127.0.0.1", port) as listener:
        async with opened() as app, serving(app, listener):
            await stopped.wait()


if __name__ == "__main__":
    pin(0, APPLICATION_CORE)
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:]))
