"""A new key beside the old ones: first for everybody to read, then to seal with.

A process reads its keys when it starts. So the new key is added, every process is started anew,
and only then does it seal; else one process would write what another cannot open. Old keys stay.
"""

import json
import stat
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from shared.crypto.key_files import RINGS, key_files, write_secret
from shared.crypto.vault import KEYS_FILE, new_secrets, read_secrets
from shared.errors import InstallationError

Ring = dict[str, Any]
Content = dict[str, dict[str, Ring]]

NAMED: Final = "k"
"""Keys are called k1, k2, … in the order in which they came."""


class Step(StrEnum):
    """What a call has done."""

    ADDED = "added"
    IN_USE = "in use"


def rotate_keys(folder: Path) -> tuple[Step, str]:
    """Take the next step with the keys of a folder, or of a folder of each service below it.

    Returns what was done and the new key's id. The same ring gets the same key in every file; a
    call that was interrupted is completed by the next one. Raises InstallationError without
    keys, and as `key_files`.
    """
    contents = {path: _content(path) for path in key_files(folder)}
    if not contents:
        msg = f"{folder} holds no {KEYS_FILE}: `careloop keys` makes it"
        raise InstallationError(msg)
    rings = [ring for content in contents.values() for _, _, ring in _rings(content)]
    newest = max(_number(kid) for ring in rings for kid in ring["keys"])
    if all(_number(ring["current"]) == newest for ring in rings):
        newest += 1
    kid = f"{NAMED}{newest}"
    added = _add(list(contents.values()), kid)
    if not added:
        for ring in rings:
            ring["current"] = kid
    for path, content in contents.items():
        write_secret(path, json.dumps(content, indent=2), mode=stat.S_IMODE(path.stat().st_mode))
    return (Step.ADDED if added else Step.IN_USE), kid


def _add(contents: list[Content], kid: str) -> bool:
    """Put the key into every ring that lacks it; return whether one did."""
    known: dict[tuple[str, str], str] = {
        (purpose, name): ring["keys"][kid]
        for content in contents
        for purpose, name, ring in _rings(content)
        if kid in ring["keys"]
    }
    added = False
    for content in contents:
        for purpose, name, ring in _rings(content):
            if kid not in ring["keys"]:
                fresh = known.setdefault((purpose, name), _new_key())
                ring["keys"][kid] = fresh
                added = True
    return added


def _content(path: Path) -> Content:
    return dict(read_secrets(path))


def _rings(content: Content) -> Iterator[tuple[str, str, Ring]]:
    for purpose in RINGS:
        for name, ring in content[purpose].items():
            yield purpose, name, ring


def _number(kid: str) -> int:
    return int(kid.removeprefix(NAMED))


def _new_key() -> str:
    ring: Ring = new_secrets(("any",))["data"]["any"]
    return str(ring["keys"][ring["current"]])
