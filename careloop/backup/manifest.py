"""What a backup says about itself, and whether its files are still what was written."""

import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from standalone.place import StartError

MANIFEST: Final = "manifest.json"

SUMS: Final = "SHA256SUMS"
"""In the form of `sha256sum`, so that `sha256sum -c SHA256SUMS` checks a backup without us."""

CHUNK_BYTES: Final = 1 << 20


class TableCopy(BaseModel):
    """One table: its rows as PostgreSQL's COPY writes them, compressed."""

    model_config = ConfigDict(frozen=True)

    schema_name: str
    name: str
    columns: tuple[str, ...]
    rows: int
    file: str

    @property
    def shown(self) -> str:
        """Return its name as people write it."""
        return self.name if self.schema_name == "public" else f"{self.schema_name}.{self.name}"


class ServiceCopy(BaseModel):
    """One service's database at one moment.

    `revisions` are the last migrations by version table, `weeks` the Mondays of its partitions,
    `sequences` the last values by name, `keys` the fingerprints of the keys that open it.
    """

    model_config = ConfigDict(frozen=True)

    service: str
    server: str
    revisions: dict[str, str]
    weeks: tuple[date, ...]
    tables: tuple[TableCopy, ...]
    sequences: dict[str, int]
    keys: dict[str, str]


class Manifest(BaseModel):
    """A backup: of which services, as of when, by which release, and how long it took."""

    model_config = ConfigDict(frozen=True)

    format: Literal[1] = 1
    release: str
    taken_at: datetime
    seconds: float
    services: tuple[ServiceCopy, ...]

    def of(self, service: str) -> ServiceCopy:
        """Return the copy of a service. Raises StartError when the backup has none."""
        found = next((one for one in self.services if one.service == service), None)
        if found is None:
            held = ", ".join(one.service for one in self.services)
            msg = f"The backup does not hold {service}, only {held}."
            raise StartError(msg)
        return found


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, and last the checksums of every file beside it."""
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{checksum(path)}  {path.relative_to(folder)}\n" for path in files]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a backup of which no byte has changed. Raises StartError."""
    try:
        listed = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        msg = f"{folder} is no whole backup: {SUMS}, which is written last, is not there."
        raise StartError(msg) from None
    sums = {name: told for told, _, name in (line.partition("  ") for line in listed)}
    for name in sorted({MANIFEST, *sums}):
        path = folder / name
        if not path.is_file() or checksum(path) != sums.get(name):
            msg = f"{path} is damaged or missing: nothing was changed, take another backup."
            raise StartError(msg)
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except ValidationError:
        msg = f"{folder} was written by another release of CareLoop: restore it with that one."
        raise StartError(msg) from None


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    found = hashlib.sha256()
    with path.open("rb") as content:
        while chunk := content.read(CHUNK_BYTES):
            found.update(chunk)
    return found.hexdigest()
