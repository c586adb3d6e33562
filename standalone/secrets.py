"""Keys of an installation, made once; whoever has the folder has everything."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared.crypto.vault import KEYS_FILE, new_secrets


def ensure_keys(folder: Path, services: tuple[str, ...]) -> Path:
    """Return the file with the services' keys, readable by its owner alone.

    It is made on first use; a service that came with a newer release gets keys beside the others,
    which stay as they are.
    """
    path = folder / KEYS_FILE
    present = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    whole = _completed(present, new_secrets(services))
    if whole != present:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = folder / f"{KEYS_FILE}.new"
        new.touch(mode=0o600)
        new.write_text(json.dumps(whole, indent=2), encoding="utf-8")
        new.rename(path)
    return path


def _completed(present: Mapping[str, Any] | None, fresh: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the present keys with fresh ones for the services that have none."""
    if present is None:
        return fresh
    rings = {name: {**fresh[name], **present[name]} for name in ("data", "letters")}
    return {**present, **rings}
