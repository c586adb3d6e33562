"""Keys of an installation, made once; whoever has a file of them has what it opens."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from shared.crypto.vault import KEYS_FILE, new_secrets, read_secrets
from shared.errors import InstallationError

RINGS: Final = ("data", "letters")


def ensure_keys(folder: Path, services: tuple[str, ...]) -> Path:
    """Return the file with the keys of all services, readable by its owner alone.

    It is made on first use; a service that came with a newer release gets keys beside the others,
    which stay as they are. Raises InstallationError where each service has a file of its own.
    """
    if is_divided(folder):
        msg = f"{folder} has keys for each service: `make secrets` adds what is missing"
        raise InstallationError(msg)
    path = folder / KEYS_FILE
    present = _read(path)
    whole = _completed(present, new_secrets(services))
    if whole != present:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_secret(path, json.dumps(whole, indent=2), mode=0o600)
    return path


def key_files(folder: Path) -> list[Path]:
    """Return the file of all services, or the files of each; none when no keys were made.

    Raises InstallationError when there are both: nobody could tell which of them are in use.
    """
    whole, divided = folder / KEYS_FILE, sorted(folder.glob(f"*/{KEYS_FILE}"))
    if not whole.exists():
        return divided
    if divided:
        msg = f"{whole} and {divided[0]} are both there: move away what no service reads"
        raise InstallationError(msg)
    return [whole]


def is_divided(folder: Path) -> bool:
    """Return whether each service has a file of its own; raises what `key_files` does."""
    return any(path.parent != folder for path in key_files(folder))


def ensure_divided_keys(
    folder: Path, writes_to: Mapping[str, Iterable[str]], *, mode: int
) -> list[Path]:
    """Give every service a file of its own below the folder, and return those written.

    In it are its keys for its data, and for letters to itself and to those it writes to; so who
    reads one file opens nothing of another service. What is there stays.
    """
    paths = {name: folder / name / KEYS_FILE for name in writes_to}
    present = {name: _read(path) or {} for name, path in paths.items()}
    letters = new_secrets(tuple(writes_to))["letters"]
    for one in present.values():
        letters |= one.get("letters", {})
    written = []
    for name, recipients in writes_to.items():
        fresh = new_secrets((name,))
        fresh["letters"] = {known: letters[known] for known in sorted({name, *recipients})}
        whole = _completed(present[name] or None, fresh)
        if whole != present[name]:
            write_secret(paths[name], json.dumps(whole, indent=2), mode=mode)
            written.append(paths[name])
    return written


def write_secret(path: Path, content: str, *, mode: int) -> None:
    """Write a file whole or not at all; nobody else can read it meanwhile."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(content, encoding="utf-8")
    new.chmod(mode)
    new.rename(path)


def _read(path: Path) -> Mapping[str, Any] | None:
    return read_secrets(path) if path.exists() else None


def _completed(present: Mapping[str, Any] | None, fresh: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the present keys with fresh ones for the services that have none."""
    if present is None:
        return fresh
    return {**present, **{ring: {**fresh[ring], **present[ring]} for ring in RINGS}}
