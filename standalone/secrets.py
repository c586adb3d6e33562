"""Keys of an installation, made once; whoever has the folder has everything."""

import json
from pathlib import Path

from shared.crypto.vault import KEYS_FILE, new_secrets


def ensure_keys(folder: Path, services: tuple[str, ...]) -> Path:
    """Return the file with the services' keys; made on first use, readable by its owner alone."""
    path = folder / KEYS_FILE
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = folder / f"{KEYS_FILE}.new"
    new.touch(mode=0o600)
    new.write_text(json.dumps(new_secrets(services), indent=2), encoding="utf-8")
    new.rename(path)
    return path
