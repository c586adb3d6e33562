"""The AsyncAPI 3.0 document: every message, the exchange that it goes to, who says and hears it."""

import inspect
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from shared.bus.interface import Exchange, Queue
from shared.bus.topology import Names
from shared.messages.contract import Contract, Envelope, Letter

Messages = Mapping[str, type[Contract]]

ABOUT = """\
Messages are the only way in which the services of CareLoop talk. An event is a fact for everybody
and carries no text; a letter goes to one service and its data is encrypted for it. Every message
may come more than once and in any order; `id` says whether it is known, `epoch` and `sequence`
which of two about one `subject` is newer.
"""


def asyncapi(messages: Messages, queues: Sequence[Queue]) -> dict[str, Any]:
    """Return the document; `queues` say which service hears which events."""
    keys = sorted(messages)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "CareLoop",
            "version": _version(),
            "description": ABOUT,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": _channels(messages),
        "operations": {
            **{
                f"{sender}.sends.{key}": _operation("send", messages[key], key)
                for key in keys
                for sender in messages[key].SENDERS
            },
            **{
                f"{service}.receives.{key}": _operation("receive", messages[key], key)
                for key in keys
                for service in _hearers(messages[key], key, queues)
            },
        },
        "components": {
            "messages": {key: _message(messages[key], key) for key in keys},
            "schemas": _schemas(messages),
        },
    }


def _hearers(contract: type[Contract], key: str, queues: Sequence[Queue]) -> list[str]:
    if issubclass(contract, Letter):
        return [contract.RECIPIENT]
    return sorted({queue.service for queue in queues if {key, "#"} & set(queue.types)})


def _channels(messages: Messages) -> dict[str, Any]:
    """Return a channel for each event, and one for the letters to each service."""
    channels: dict[str, Any] = {}
    for key, contract in sorted(messages.items()):
        name = _channel(contract, key)
        letter = issubclass(contract, Letter)
        exchange = {
            "name": Names().exchange(Exchange.LETTERS if letter else Exchange.EVENTS),
            "type": "direct" if letter else "topic",
            "durable": True,
            "autoDelete": False,
        }
        channel = channels.setdefault(
            name,
            {
                "address": contract.RECIPIENT if issubclass(contract, Letter) else key,
                "messages": {},
                "bindings": {
                    "amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}
                },
            },
        )
        channel["messages"][key] = {"$ref": f"#/components/messages/{key}"}
    return channels


def _channel(contract: type[Contract], key: str) -> str:
    return f"letters.{contract.RECIPIENT}" if issubclass(contract, Letter) else key


def _operation(action: str, contract: type[Contract], key: str) -> dict[str, Any]:
    channel = f"#/channels/{_channel(contract, key)}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{key}"}],
    }


def _message(contract: type[Contract], key: str) -> dict[str, Any]:
    return {
        "name": key,
        "title": contract.__name__,
        "summary": (inspect.getdoc(contract) or "").partition("\n")[0],
        "tags": [{"name": "letter" if issubclass(contract, Letter) else "event"}],
        "correlationId": {"location": "$message.payload#/correlationid"},
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/Envelope"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": contract.TYPE},
                        "dataschema": {"const": key},
                        "data": {"$ref": f"#/components/schemas/{_data(contract, key)}"},
                    },
                },
            ]
        },
        **_sealed_content(contract, key),
    }


def _data(contract: type[Contract], key: str) -> str:
    return "Sealed" if issubclass(contract, Letter) else key


def _sealed_content(contract: type[Contract], key: str) -> dict[str, Any]:
    """Return where a letter's content is described: in transit it is encrypted."""
    if not issubclass(contract, Letter):
        return {}
    return {"x-sealed": {"$ref": f"#/components/schemas/{key}"}}


def _schemas(messages: Messages) -> dict[str, Any]:
    """Return the schemas of all data, and of what they are made of."""
    place = "#/components/schemas/{model}"
    schemas: dict[str, Any] = {}
    models: dict[str, type[BaseModel]] = {"Envelope": Envelope, **messages}
    for name, model in sorted(models.items()):
        schema = model.model_json_schema(ref_template=place)
        schemas |= schema.pop("$defs", {})
        schemas[name] = schema
    schemas["Sealed"] = {
        "description": "The data of a letter, encrypted for its recipient by AES-256-GCM.",
        "type": "object",
        "properties": {
            "alg": {"const": "A256GCM"},
            "kid": {"type": "string", "description": "Which of the recipient's keys"},
            "sealed": {
                "type": "string",
                "contentEncoding": "base64",
                "description": "12 bytes of nonce, then the ciphertext with its tag",
            },
        },
        "required": ["alg", "kid", "sealed"],
    }
    return schemas


def _version() -> str:
    project = Path(__file__).resolve().parents[1] / "pyproject.toml"
    return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])
