"""From bytes to a message that a handler understands, or the reason why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from shared.bus.interface import Delivery, Message
from shared.crypto.vault import UnreadableError, Vault
from shared.dead_letters.keep import Failure, Reason
from shared.inbox.handlers import EVERYTHING, Handler, Received
from shared.messages.contract import Contract, Envelope, Letter, Origin


@dataclass(frozen=True, slots=True)
class Readable:
    """A delivery with its handler and its content."""

    delivery: Delivery
    handler: Handler
    received: Received[Any]


def read(
    delivery: Delivery, *, queue: str, handlers: Mapping[str, Handler], vault: Vault, service: str
) -> Readable | Failure | None:
    """Return the message of a delivery; `handlers` are by key, such as ticket.closed.v1.

    None is what a snapshot says and this service need not hear: who asks for one need not know.
    """

    def failed(reason: Reason, detail: str) -> Failure:
        return Failure(delivery.message, queue, reason, detail)

    try:
        envelope = Envelope.model_validate_json(delivery.message.body)
    except ValidationError as error:
        return failed(Reason.POISON, _without_input(error))
    if not _fits(envelope, delivery.message):
        return failed(Reason.POISON, "the envelope says otherwise than the transport")
    handler = handlers.get(envelope.dataschema) or handlers.get(EVERYTHING)
    if handler is None:
        reason = Reason.UNKNOWN_VERSION if _newer(envelope, handlers) else Reason.POISON
        needless = reason is Reason.POISON and envelope.origin == Origin.REPLAY
        return None if needless else failed(reason, f"nothing here handles {envelope.dataschema}")
    try:
        data = _data(envelope, handler.contract, vault, service)
    except UnreadableError as error:
        return failed(Reason.UNREADABLE_LETTER, str(error))
    except ValidationError as error:
        return failed(Reason.POISON, _without_input(error))
    return Readable(delivery, handler, Received(envelope, data))


def _fits(envelope: Envelope, message: Message) -> bool:
    """Return whether a body is what its transport says, which was checked against its sender."""
    return (
        envelope.id == message.id
        and envelope.dataschema == message.type
        and envelope.dataschema.rpartition(".v")[0] == envelope.type
        and envelope.source == f"careloop/{message.sender}"
    )


def _newer(envelope: Envelope, handlers: Mapping[str, Handler]) -> bool:
    """Return whether this is a later version of a type that is handled here."""
    name, _, version = envelope.dataschema.rpartition(".v")
    known = [h.contract.VERSION for h in handlers.values() if name == h.contract.TYPE]
    return bool(known) and version.isdecimal() and int(version) > max(known)


def _data(envelope: Envelope, contract: type[Contract], vault: Vault, service: str) -> Contract:
    if issubclass(contract, Letter):
        return contract.model_validate_json(vault.open_letter(service, envelope.data))
    return contract.model_validate(envelope.data)


def _without_input(error: ValidationError) -> str:
    """Return what was wrong and where, never what was sent: it may be personal."""
    return "; ".join(
        f"{'.'.join(map(str, item['loc']))}: {item['type']}"
        for item in error.errors(include_url=False, include_input=False, include_context=False)
    )
