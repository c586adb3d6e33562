"""The secrets of an installation in containers: a folder for each that reads some of them.

The folder itself is for its owner alone. What lies in it can be read by the number that a
container's process has, once that one folder is mounted into it (docs/decisions/0015).
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from services.integrations.sign_in.keys import ensure_signing_key
from shared.bus.topology import Names
from shared.contracts.privacy import EVERY_SERVICE
from shared.contracts.registry import LETTERS
from shared.crypto.key_files import ensure_divided_keys, write_secret
from shared.settings import PREFIX

OWNER_ONLY: Final = 0o700
MOUNTED: Final = 0o755
MOUNTED_FILE: Final = 0o644

PASSWORD_BYTES: Final = 24
SALT_BYTES: Final = 4
"""As RabbitMQ's `rabbit_password_hashing_sha256` wants it."""

SIGN_IN: Final = "sign-in"
DATABASE_PASSWORD: Final = f"{PREFIX}DATABASE_PASSWORD".lower()
BROKER_PASSWORD: Final = f"{PREFIX}AMQP_PASSWORD".lower()


def make_secrets(folder: Path) -> None:
    """Make what is missing of an installation's secrets; what is there stays."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(OWNER_ONLY)
    for name in (*EVERY_SERVICE, "postgres", "rabbitmq", "grafana", SIGN_IN):
        (folder / name).mkdir(exist_ok=True)
        (folder / name).chmod(MOUNTED)
    ensure_divided_keys(folder, recipients_of_each(), mode=MOUNTED_FILE)
    ensure_signing_key(folder / SIGN_IN).chmod(MOUNTED_FILE)
    _ensure_password(folder / "postgres" / "superuser")
    _ensure_password(folder / "grafana" / "password")
    passwords = {}
    for service in EVERY_SERVICE:
        own = _ensure_password(folder / service / DATABASE_PASSWORD)
        _keep(folder / "postgres" / service, own)
        passwords[service] = _ensure_password(folder / service / BROKER_PASSWORD)
    _keep_users(folder / "rabbitmq" / "users.json", passwords)


def recipients_of_each() -> dict[str, tuple[str, ...]]:
    """Return to whom each service writes letters."""
    return {
        service: tuple(
            sorted({str(m.RECIPIENT) for m in LETTERS.values() if service in m.SENDERS})  # type: ignore[attr-defined]
        )
        for service in EVERY_SERVICE
    }


def _ensure_password(path: Path) -> str:
    if not path.exists():
        write_secret(path, secrets.token_urlsafe(PASSWORD_BYTES), mode=MOUNTED_FILE)
    return path.read_text(encoding="utf-8").strip()


def _keep(path: Path, content: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != content:
        write_secret(path, content, mode=MOUNTED_FILE)


def _keep_users(path: Path, passwords: Mapping[str, str]) -> None:
    """Write the broker's users; one whose password is the same keeps its hash."""
    known: dict[str, Any] = {}
    if path.exists():
        content = json.loads(path.read_text(encoding="utf-8"))
        known = {user["name"]: user for user in content["users"]}
    users = [
        _user(known.get(name), name, password)
        for service, password in passwords.items()
        for name in [Names().user(service)]
    ]
    _keep(path, json.dumps({"users": users}, indent=2) + "\n")


def _user(known: Mapping[str, Any] | None, name: str, password: str) -> Mapping[str, Any]:
    if known is not None:
        salted = base64.b64decode(known["password_hash"])
        if hmac.compare_digest(salted, _salted(salted[:SALT_BYTES], password)):
            return known
    return {
        "name": name,
        "password_hash": base64.b64encode(
            _salted(secrets.token_bytes(SALT_BYTES), password)
        ).decode(),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": [],
    }


def _salted(salt: bytes, password: str) -> bytes:
    return salt + hashlib.sha256(salt + password.encode()).digest()
