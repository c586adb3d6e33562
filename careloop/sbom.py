"""The bill of materials of each image: `python -m careloop.sbom FOLDER`, or `make sbom`.

CycloneDX 1.5 as uv writes it from the lock, with the licence that each library declares.
"""

import argparse
import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final

from standalone.compose import NAMES

ROOT: Final = Path(__file__).resolve().parents[1]
GROUPS: Final = (*NAMES, "standalone")
CLASSIFIER: Final = "License :: OSI Approved :: "


def main() -> None:
    """Write one file a group into the folder and print what licences there are."""
    parser = argparse.ArgumentParser(prog="careloop.sbom", description=__doc__)
    parser.add_argument("folder", type=Path, help="where <group>.cdx.json go")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for group in GROUPS:
        bill = bill_of(group)
        path = folder / f"{group}.cdx.json"
        path.write_text(json.dumps(bill, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        licences = sorted({licence_in(part) for part in bill["components"]})
        print(f"{path}: {len(bill['components'])} libraries, {', '.join(licences)}")


def bill_of(group: str) -> dict[str, Any]:
    """Return the bill of one group of the lock. Raises CalledProcessError when uv cannot."""
    command = ["export", "--quiet", "--frozen", "--no-dev", "--format", "cyclonedx1.5"]
    written = subprocess.run(  # noqa: S603 - our own tool with our own words
        [_uv(), *command, "--preview-features", "sbom-export", "--group", group],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    bill: dict[str, Any] = json.loads(written.stdout)
    whole = bill["metadata"]["component"]
    whole["type"], whole["licenses"] = "application", [{"license": {"id": _own_licence()}}]
    whole["name"] = f"careloop-{group}"
    for part in bill["components"]:
        part["licenses"] = [_licence(part["name"])]
    return bill


def licence_in(part: Mapping[str, Any]) -> str:
    """Return a component's licence as one word."""
    (said,) = part["licenses"]
    return str(said.get("expression") or said["license"].get("id") or said["license"]["name"])


def _licence(name: str) -> dict[str, Any]:
    """Return what a library says of its licence: an SPDX expression, else its own words."""
    try:
        known = distribution(name)
    except PackageNotFoundError:
        return {"license": {"name": "not installed here"}}
    if "License-Expression" in known.metadata:
        return {"expression": known.metadata["License-Expression"]}
    return {"license": {"name": _words(known)}}


def _words(known: Distribution) -> str:
    """Return a licence that is no SPDX expression, as a line."""
    approved = [
        line.removeprefix(CLASSIFIER)
        for line in known.metadata.get_all("Classifier") or ()
        if line.startswith(CLASSIFIER)
    ]
    said = known.metadata["License"].splitlines() if "License" in known.metadata else []
    return " and ".join(approved) or (said[0][:80] if said else "not declared")


def _own_licence() -> str:
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(content["project"]["license"])


def _uv() -> str:
    """Return the uv of this checkout, else that of the machine."""
    own = ROOT / ".uv/bin/uv"
    return str(own) if os.access(own, os.X_OK) else shutil.which("uv") or "uv"


if __name__ == "__main__":
    main()
