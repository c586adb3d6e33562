"""`careloop generate`: the files that follow from the code, read from the composed services."""

import json
from pathlib import Path
from typing import Final

from joserfc.jwk import KeySet

from careloop.gateway_files import gateway_files
from careloop.generate import generate, generated
from shared.auth.tokens import KnownKeys
from shared.bus.interface import Queue
from shared.crypto.vault import KEY_BYTES, Keyring, Vault
from shared.database import Database
from shared.http.app import Ground, create_app, openapi_of
from shared.service import Service
from shared.settings import CommonSettings
from standalone.compose import NAMES, PARTS, services_of
from standalone.documents import merged

ROOT: Final = Path(__file__).parents[1]
OPENAPI: Final = Path("docs/openapi.json")
SETTINGS: Final = Path("docs/settings.md")

SETTINGS_HEAD: Final = """# Settings

Written by `make generate`. Settings are environment variables; one that nobody knows is refused at
start. `make run` needs none: it chooses what is not set.

| variable | default | meaning |
|---|---|---|"""


def write_generated() -> None:
    """Write OpenAPI, AsyncAPI, message schemas, broker definitions and settings anew."""
    services = list(all_services().values())
    written = generate(ROOT, queues_of_all(services))
    for path, text in _documents(services).items():
        target = ROOT / path
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            written.append(target)
    for path in written:
        print(path.relative_to(ROOT))


def all_files() -> dict[Path, str]:
    """Return the text of every generated file by its path below the root."""
    services = list(all_services().values())
    return {**generated(queues_of_all(services)), **_documents(services)}


def _documents(services: list[Service]) -> dict[Path, str]:
    return {
        OPENAPI: openapi_text(services),
        SETTINGS: settings_text(),
        **gateway_files(services),
    }


def settings_text() -> str:
    """Return the table of every setting with its default and its meaning."""
    lines = [SETTINGS_HEAD]
    for kind in (CommonSettings, *(part.SETTINGS for part in PARTS.values())):
        prefix = kind.model_config.get("env_prefix", "")
        for name, field in kind.model_fields.items():
            default = "" if field.default is None else f"`{field.default}`"
            lines.append(f"| `{prefix}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def queues_of_all(services: list[Service]) -> list[Queue]:
    """Return every queue that some service listens to."""
    return [queue for service in services for queue in service.queues]


def openapi_text(services: list[Service]) -> str:
    """Return the one document of all operations."""
    documents = [openapi_of(create_app(service, _no_ground())) for service in services]
    return json.dumps(merged(documents), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def all_services() -> dict[str, Service]:
    """Return the services as documents need them: with every door, and with keys of zeros."""
    return services_of(CommonSettings(development=True), dict.fromkeys(NAMES, _no_vault()))


def _no_vault() -> Vault:
    ring = Keyring("k1", {"k1": bytes(KEY_BYTES)})
    return Vault(ring, bytes(KEY_BYTES), dict.fromkeys(NAMES, ring))


def _no_ground() -> Ground:
    """Return a ground that nothing is ever read from: documents need the routes only."""
    nowhere = Database("postgresql+asyncpg://nobody@localhost/nothing")
    return Ground(nowhere, _no_vault(), KnownKeys(KeySet([])))
