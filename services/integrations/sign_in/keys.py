"""The signing keys: one current, and older ones whose tokens still live."""

import contextlib
import json
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from shared.crypto.key_files import write_secret
from shared.errors import InstallationError
from shared.ids import new_id

SIGNING_FILE: Final = "signing.json"
ALGORITHM: Final = "ES256"
CURVE: Final = "P-256"

KEPT_KEYS: Final = 3
"""A token lives 12 hours at most; with three keys it outlives two rotations in one day."""


def ensure_signing_key(folder: Path) -> Path:
    """Return the file with the signing keys; made on first use, readable by its owner alone.

    Two hosts that begin at the same time end up with one file.
    """
    path = folder / SIGNING_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = folder / f"{SIGNING_FILE}.{new_id()}"
        write_secret(new, _content(_new_key(), []), mode=0o600)
        with contextlib.suppress(FileExistsError):
            os.link(new, path)
        new.unlink()
    return path


def rotate_signing_key(folder: Path) -> str:
    """Sign with a new key from now on and return its id; the older ones still verify.

    Who could read the file can read the new one. Raises InstallationError when there is none.
    """
    path = folder / SIGNING_FILE
    if not path.exists():
        msg = f"{path} is not there: name its folder in CARELOOP_INTEGRATIONS_SIGNING"
        raise InstallationError(msg)
    key, older = _new_key(), json.loads(path.read_text(encoding="utf-8"))["keys"]
    write_secret(path, _content(key, older), mode=stat.S_IMODE(path.stat().st_mode))
    return str(key["kid"])


class SigningKeys:
    """The keys of a secrets folder, read when they are first needed and when the file changed."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / SIGNING_FILE
        self._read_at = -1
        self._current: ECKey | None = None
        self._public = KeySet([])

    async def find(self, kid: str | None) -> KeySet:  # noqa: ARG002 - the protocol's signature
        """Return the public keys, as `shared.auth.tokens.Keys` wants them."""
        self._refresh()
        return self._public

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Return a token with these claims, signed with the current key."""
        key = self._refresh()
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": "at+jwt"}, dict(claims), key)

    def public(self) -> dict[str, Any]:
        """Return the key set for everybody (RFC 7517)."""
        self._refresh()
        return {
            "keys": [
                {**key.as_dict(private=False), "use": "sig", "alg": ALGORITHM}
                for key in self._public.keys
            ]
        }

    def _refresh(self) -> ECKey:
        changed_at = self._path.stat().st_mtime_ns
        if self._current is None or changed_at != self._read_at:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            keys = {key["kid"]: ECKey.import_key(key) for key in content["keys"]}
            self._current = keys[content["current"]]
            self._public = KeySet(
                [ECKey.import_key(key.as_dict(private=False)) for key in keys.values()]
            )
            self._read_at = changed_at
        return self._current


def _new_key() -> dict[str, Any]:
    key = ECKey.generate_key(CURVE, {"kid": f"s-{new_id().hex[-16:]}"})
    return dict(key.as_dict(private=True))


def _content(key: Mapping[str, Any], older: Sequence[Mapping[str, Any]]) -> str:
    keys = [key, *older][:KEPT_KEYS]
    return json.dumps({"current": key["kid"], "keys": keys}, indent=2)
