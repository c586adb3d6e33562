"""Write the files that follow from the code: message schemas, AsyncAPI, the broker's definitions.

They are committed, so that a change of what is promised shows in a review; a test fails when one
is stale. Add a function to `GENERATORS` for one more kind of file.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from careloop.asyncapi import asyncapi
from careloop.compatibility import breaks
from shared.bus.interface import Queue
from shared.bus.rights import permissions
from shared.bus.topology import definitions_json
from shared.contracts.registry import MESSAGES

SCHEMAS = Path("shared/contracts/schemas")

Generator = Callable[[Sequence[Queue]], Mapping[Path, str]]
"""Returns the text of files by their path below the root; `queues` say which service hears what."""


class IncompatibleError(Exception):
    """A message has changed in a way that breaks who already knows it."""


def message_schemas(_queues: Sequence[Queue] = ()) -> dict[Path, str]:
    """Return a JSON Schema for the data of every message."""
    return {
        SCHEMAS / f"{key}.json": _json(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": key}
            | contract.model_json_schema()
        )
        for key, contract in sorted(MESSAGES.items())
    }


def asyncapi_document(queues: Sequence[Queue]) -> dict[Path, str]:
    """Return the description of who says and who hears which message."""
    return {Path("docs/asyncapi.json"): _json(asyncapi(MESSAGES, queues))}


def broker_definitions(queues: Sequence[Queue]) -> dict[Path, str]:
    """Return what RabbitMQ loads at its start."""
    return {Path("deploy/rabbitmq/definitions.json"): definitions_json(queues)}


def broker_permissions(queues: Sequence[Queue]) -> dict[Path, str]:
    """Return what the broker user of each service may do; the users are an installation's own."""
    services = sorted({queue.service for queue in queues})
    says = {name: [key for key, m in MESSAGES.items() if name in m.SENDERS] for name in services}
    return {Path("deploy/rabbitmq/permissions.json"): _json(permissions(says))}


GENERATORS: tuple[Generator, ...] = (
    message_schemas,
    asyncapi_document,
    broker_definitions,
    broker_permissions,
)


def generated(queues: Sequence[Queue]) -> dict[Path, str]:
    """Return the text of every generated file by its path below the root."""
    return {path: text for make in GENERATORS for path, text in make(queues).items()}


def generate(root: Path, queues: Sequence[Queue]) -> list[Path]:
    """Write what has changed below `root` and return those paths.

    Raises `IncompatibleError` instead of overwriting a schema that others rely on; the schema of
    a message that was never released may be deleted before.
    """
    files = generated(queues)
    broken = broken_promises(root, files)
    if broken:
        raise IncompatibleError("; ".join(broken))
    written = []
    for path, text in files.items():
        target = root / path
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            written.append(target)
    return written


def broken_promises(root: Path, files: Mapping[Path, str]) -> list[str]:
    """Return how the present messages break the committed schemas; [] when they do not."""
    found = []
    for committed in sorted((root / SCHEMAS).glob("*.json")):
        present = files.get(SCHEMAS / committed.name)
        if present is None:
            found.append(f"{committed.stem} is gone")
            continue
        released = json.loads(committed.read_text(encoding="utf-8"))
        found += [f"{committed.stem}: {break_}" for break_ in breaks(released, json.loads(present))]
    return found


def _json(content: Any) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"
