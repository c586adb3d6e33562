"""The secrets of an installation: there, private, readable and complete."""

import base64
import binascii
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from careloop.doctor.findings import Finding, ok, wrong
from shared.crypto.vault import KEY_BYTES, KEYS_FILE

PART: Final = "secrets"
OTHERS: Final = stat.S_IRWXO

MAKE: Final = "`careloop keys` makes what is missing, and leaves what is there"
BRING_BACK: Final = "Bring back the copy that was kept beside the backups"


def examine_keys(
    folder: Path, rings: Mapping[str, Sequence[str]], *, signs: bool
) -> Iterator[Finding]:
    """Look at a secrets folder.

    `rings` are the services whose key must be there, by what it is for (`data`, `letters`);
    `signs` says whether the key of tokens belongs here too.
    """
    if not folder.is_dir():
        yield wrong(
            PART, "folder", f"{folder} is not there", do=f"Name it in CARELOOP_SECRETS; {MAKE}"
        )
        return
    yield _mode(folder)
    names = (KEYS_FILE, "signing.json") if signs else (KEYS_FILE,)
    for name in names:
        content = _content(folder / name)
        if isinstance(content, Finding):
            yield content
        else:
            lacking = _lacking(content, rings) if name == KEYS_FILE else _lacking_signing(content)
            yield _complete(name, lacking)


def _mode(folder: Path) -> Finding:
    """Find what others may read; a group may, as where a container runs under a number."""
    open_to_all = [path for path in (folder, *folder.iterdir()) if path.stat().st_mode & OTHERS]
    if open_to_all:
        names = ", ".join(str(path) for path in open_to_all)
        return wrong(PART, "mode", f"others may read {names}", do=f"chmod -R o-rwx {folder}")
    return ok(PART, "mode", f"{folder} is private")


def _content(path: Path) -> dict[str, Any] | Finding:
    if not path.exists():
        return wrong(PART, path.name, "it is not there", do=f"{MAKE}. Are there data? {BRING_BACK}")
    if not os.access(path, os.R_OK):
        return wrong(PART, path.name, "it may not be read", do="Give it to who runs CareLoop")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return wrong(PART, path.name, "it is empty or damaged", do=BRING_BACK)
    return content if isinstance(content, dict) else wrong(PART, path.name, "odd", do=BRING_BACK)


def _complete(name: str, lacking: Sequence[str]) -> Finding:
    if lacking:
        return wrong(PART, name, f"it lacks {', '.join(lacking)}", do=f"{BRING_BACK}; {MAKE}")
    return ok(PART, name, "it is complete")


def _lacking(content: Mapping[str, Any], rings: Mapping[str, Sequence[str]]) -> list[str]:
    lacking = [] if _is_key(content.get("index")) else ["the key of indexes"]
    for purpose, services in rings.items():
        for name in services:
            ring = content.get(purpose, {}).get(name, {})
            keys = ring.get("keys", {})
            if ring.get("current") not in keys or not all(map(_is_key, keys.values())):
                lacking.append(f"the {purpose} key of {name}")
    return lacking


def _lacking_signing(content: Mapping[str, Any]) -> list[str]:
    kids = {key.get("kid") for key in content.get("keys", ())}
    return [] if content.get("current") in kids else ["the current key of tokens"]


def _is_key(text: Any) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == KEY_BYTES
    except (TypeError, ValueError, binascii.Error):
        return False
