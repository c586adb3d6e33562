"""The link of an invitation: a secret, looked up by its hash, kept sealed for the reminder."""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID

from shared.crypto.vault import Vault

TOKEN_BYTES: Final = 16
"""128 bits are 22 characters: short enough for a text message, too many to guess."""


@dataclass(frozen=True, slots=True)
class Link:
    """A new link's token as it is stored."""

    token_hash: bytes
    token_sealed: str


def new_link(vault: Vault, invitation_id: UUID) -> Link:
    """Return a new link for an invitation."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return Link(hash_of(token), vault.encrypt(token, context=_context(invitation_id)))


def token_of(vault: Vault, invitation_id: UUID, token_sealed: str) -> str:
    """Return the token of a stored link."""
    return vault.decrypt(token_sealed, context=_context(invitation_id))


def hash_of(token: str) -> bytes:
    """Return what a token is looked up by."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _context(invitation_id: UUID) -> str:
    return f"invitation:{invitation_id}"
