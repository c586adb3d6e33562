"""Which keys open a database, told so that nobody learns a key from it."""

import hashlib
from collections.abc import Mapping
from typing import Final

from shared.crypto.vault import Vault

DIGITS: Final = 16
"""Of SHA-256: 64 bits tell keys apart; a key has 256 random bits and cannot be tried."""


def fingerprints(vault: Vault) -> dict[str, str]:
    """Return the fingerprints of a service's keys by what each is for."""
    rings = {"data": vault.data, **{f"letters to {to}": ring for to, ring in vault.letters.items()}}
    named = {f"{use} {kid}": key for use, ring in rings.items() for kid, key in ring.keys.items()}
    return {name: _fingerprint(key) for name, key in {**named, "index": vault.index_key}.items()}


def missing_keys(vault: Vault, wanted: Mapping[str, str]) -> list[str]:
    """Return the uses of those wanted keys that a vault does not have."""
    present = fingerprints(vault)
    return sorted(use for use, told in wanted.items() if present.get(use) != told)


def _fingerprint(key: bytes) -> str:
    return hashlib.sha256(b"careloop backup" + key).hexdigest()[:DIGITS]
