"""Every message that there is, by its key."""

from shared.contracts import feedback, integrations, privacy, restores, surveys, tickets
from shared.messages.contract import Contract, Event, Letter


def _messages(root: type[Contract]) -> list[type[Contract]]:
    """Return the classes below a root that are messages, not only what messages have in common."""
    found = []
    for child in root.__subclasses__():
        if "TYPE" in vars(child) and child.__module__ in _LANGUAGE:
            found.append(child)
        found.extend(_messages(child))
    return found


_LANGUAGE = {
    module.__name__ for module in (tickets, surveys, feedback, integrations, privacy, restores)
}

EVENTS: dict[str, type[Contract]] = {m.key(): m for m in _messages(Event)}
LETTERS: dict[str, type[Contract]] = {m.key(): m for m in _messages(Letter)}
MESSAGES: dict[str, type[Contract]] = EVENTS | LETTERS


def may_send(sender: str, key: str) -> bool:
    """Return whether a service may say this; a newer version of a known type counts as known."""
    name = key.rpartition(".v")[0]
    return any(name == m.TYPE and sender in m.SENDERS for m in MESSAGES.values())
