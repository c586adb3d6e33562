"""Keys at work: letters sealed for one service, personal data encrypted and findable.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; every ciphertext names its algorithm and
its key (`kid`), so that both can be changed. Blind indexes are HMAC-SHA-256 over the normalised
value.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.errors import InstallationError

ALGORITHM = "A256GCM"
KEYS_FILE = "keys.json"
NONCE_BYTES = 12
KEY_BYTES = 32


class UnreadableError(Exception):
    """A ciphertext is not for us, was changed, or its key is gone."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Keys by their id; `current` encrypts, all of them decrypt."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)

    def encrypt(self, plain: bytes, *, context: bytes) -> tuple[str, bytes]:
        """Return the key's id and nonce + ciphertext; `context` must be given again to decrypt."""
        nonce = os.urandom(NONCE_BYTES)
        return self.current, nonce + AESGCM(self.keys[self.current]).encrypt(nonce, plain, context)

    def decrypt(self, kid: str, sealed: bytes, *, context: bytes) -> bytes:
        """Return what was encrypted; raises `UnreadableError`."""
        if kid not in self.keys:
            raise UnreadableError("its key is not here")
        try:
            key = AESGCM(self.keys[kid])
            return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
        except (InvalidTag, ValueError) as error:
            raise UnreadableError(f"key {kid} does not open it") from error

    def authenticate(self, content: bytes, *, context: str) -> tuple[str, bytes]:
        """Return the key's id and an HMAC-SHA-256 that nobody without the key can make."""
        return self.current, self._mac(self.current, content, context)

    def check(self, kid: str, mac: bytes, content: bytes, *, context: str) -> None:
        """Raise `UnreadableError` unless `authenticate` made the code of this content."""
        if kid not in self.keys:
            raise UnreadableError("its key is not here")
        if not hmac.compare_digest(mac, self._mac(kid, content, context)):
            raise UnreadableError(f"key {kid} did not sign it")

    def _mac(self, kid: str, content: bytes, context: str) -> bytes:
        """Return the code under a key derived for this use: one key must not serve two ends."""
        own = hmac.digest(self.keys[kid], context.encode(), hashlib.sha256)
        return hmac.digest(own, content, hashlib.sha256)


@dataclass(frozen=True, slots=True)
class Vault:
    """The keys of one service: its data key, its index key, and the letter keys it may use."""

    data: Keyring
    index_key: bytes = field(repr=False)
    letters: Mapping[str, Keyring]

    def encrypt(self, plain: str, *, context: str) -> str:
        """Return `alg:kid:base64` of a text; `context` names the place that it belongs to."""
        kid, sealed = self.data.encrypt(plain.encode(), context=context.encode())
        return f"{ALGORITHM}:{kid}:{_encode(sealed)}"

    def decrypt(self, sealed: str, *, context: str) -> str:
        """Return the text of `encrypt`; raises `UnreadableError`."""
        algorithm, _, rest = sealed.partition(":")
        kid, _, body = rest.partition(":")
        _know(algorithm)
        return self.data.decrypt(kid, _decode(body), context=context.encode()).decode()

    def blind_index(self, value: str) -> bytes:
        """Return a keyed hash by which an encrypted value can be found, but not read."""
        return hmac.digest(self.index_key, value.encode(), hashlib.sha256)

    def seal_letter(self, recipient: str, body: bytes) -> dict[str, Any]:
        """Return a letter's body encrypted for its recipient, as JSON members."""
        kid, sealed = self.letters[recipient].encrypt(body, context=recipient.encode())
        return {"alg": ALGORITHM, "kid": kid, "sealed": _encode(sealed)}

    def open_letter(self, recipient: str, sealed: Mapping[str, Any]) -> bytes:
        """Return the body of `seal_letter`; raises `UnreadableError`."""
        if recipient not in self.letters:
            raise UnreadableError(f"no key for letters to {recipient}")
        _know(str(sealed.get("alg")))
        kid, body = str(sealed.get("kid")), _decode(str(sealed.get("sealed", "")))
        return self.letters[recipient].decrypt(kid, body, context=recipient.encode())


def new_secrets(services: tuple[str, ...]) -> dict[str, Any]:
    """Return fresh keys for an installation, in the shape that `read_vault` reads."""
    return {
        "data": {name: _new_keyring() for name in services},
        "index": _encode(secrets.token_bytes(KEY_BYTES)),
        "letters": {name: _new_keyring() for name in services},
    }


def read_vault(path: Path, service: str, *, recipients: tuple[str, ...]) -> Vault:
    """Return a service's keys from a secrets file: its own, and those of whom it writes to.

    Raises InstallationError when the file is not there, not readable, or lacks a key.
    """
    if not path.exists():
        msg = (
            f"{path} is not there: `careloop keys` makes it, or name its folder in CARELOOP_SECRETS"
        )
        raise InstallationError(msg)
    content = read_secrets(path)
    try:
        return vault_of(content, service, recipients=recipients)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        msg = (
            f"{path} lacks keys that {service} needs: `careloop keys` adds those of a newer "
            "release; for lost ones bring back the copy that is kept beside the backups"
        )
        raise InstallationError(msg) from error


def read_secrets(path: Path) -> Mapping[str, Any]:
    """Return the content of a secrets file. Raises InstallationError when it is unreadable."""
    try:
        content: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}): give it to the user who runs CareLoop"
        raise InstallationError(msg) from error
    except ValueError as error:
        msg = f"{path} is damaged: bring back the copy that is kept beside the backups"
        raise InstallationError(msg) from error
    return content


def vault_of(content: Mapping[str, Any], service: str, *, recipients: tuple[str, ...]) -> Vault:
    """Return a service's keys from the content of a secrets file."""
    return Vault(
        data=_keyring(content["data"][service]),
        index_key=base64.b64decode(content["index"]),
        letters={name: _keyring(content["letters"][name]) for name in {service, *recipients}},
    )


def _new_keyring() -> dict[str, Any]:
    return {"current": "k1", "keys": {"k1": _encode(secrets.token_bytes(KEY_BYTES))}}


def _keyring(content: Mapping[str, Any]) -> Keyring:
    keys = {kid: base64.b64decode(key) for kid, key in content["keys"].items()}
    return Keyring(current=content["current"], keys=keys)


def _encode(binary: bytes) -> str:
    return base64.b64encode(binary).decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise UnreadableError("it is not base64") from error


def _know(algorithm: str) -> None:
    if algorithm != ALGORITHM:
        raise UnreadableError("its algorithm is not ours")
