"""`careloop generate`: the files that follow from the code, read from the composed services."""

import json
from pathlib import Path
from typing import Final

from joserfc.jwk import KeySet

from careloop.generate import generate, generated
from shared.auth.tokens import KnownKeys
from shared.bus.interface import Queue
from shared.crypto.vault import KEY_BYTES, Keyring, Vault
from shared.database import Database
from shared.http.app import Ground, create_app, openapi_of
from shared.service import Service
from shared.settings import CommonSettings
from standalone.compose import NAMES, services_of
from standalone.documents import merged

ROOT: Final = Path(__file__).parents[1]
OPENAPI: Final = Path("docs/openapi.json")


def write_generated() -> None:
    """Write OpenAPI, AsyncAPI, message schemas and broker definitions anew."""
    services = list(_services().values())
    written = generate(ROOT, queues_of_all(services))
    openapi = ROOT / OPENAPI
    if not openapi.exists() or openapi.read_text(encoding="utf-8") != openapi_text(services):
        openapi.write_text(openapi_text(services), encoding="utf-8")
        written.append(openapi)
    for path in written:
        print(path.relative_to(ROOT))


def all_files() -> dict[Path, str]:
    """Return the text of every generated file by its path below the root."""
    services = list(_services().values())
    return {**generated(queues_of_all(services)), OPENAPI: openapi_text(services)}


def queues_of_all(services: list[Service]) -> list[Queue]:
    """Return every queue that some service listens to."""
    return [queue for service in services for queue in service.queues]


def openapi_text(services: list[Service]) -> str:
    """Return the one document of all operations."""
    documents = [openapi_of(create_app(service, _no_ground())) for service in services]
    return json.dumps(merged(documents), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _services() -> dict[str, Service]:
    return services_of(CommonSettings(development=True), dict.fromkeys(NAMES, _no_vault()))


def _no_vault() -> Vault:
    ring = Keyring("k1", {"k1": bytes(KEY_BYTES)})
    return Vault(ring, bytes(KEY_BYTES), dict.fromkeys(NAMES, ring))


def _no_ground() -> Ground:
    """Return a ground that nothing is ever read from: documents need the routes only."""
    nowhere = Database("postgresql+asyncpg://nobody@localhost/nothing")
    return Ground(nowhere, _no_vault(), KnownKeys(KeySet([])))
