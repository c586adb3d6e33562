"""The bill of materials names every library of an image, its licence and its hashes."""

import re
from typing import Any, Final

import pytest

from careloop.sbom import bill_of, licence_in

PURL: Final = re.compile(r"pkg:pypi/[a-z0-9-]+@\S+")
COPYLEFT: Final = re.compile(r"\b[AS]?GPL|General Public", re.IGNORECASE)
ELSEWHERE: Final = {"colorama", "win32-setctime"}
"""For systems on which nobody runs this here, so what they declare cannot be read."""


@pytest.fixture(scope="module")
def bills() -> dict[str, Any]:
    return {group: bill_of(group) for group in ("tickets", "reporting")}


def test_every_library_has_a_place_a_hash_and_a_licence_that_we_may_use(
    bills: dict[str, Any],
) -> None:
    for group, bill in bills.items():
        assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
        assert bill["metadata"]["component"]["name"] == f"careloop-{group}"
        parts = bill["components"]
        for part in parts:
            assert PURL.fullmatch(part["purl"]), part["purl"]
            files = part["externalReferences"]
            assert all(one["hashes"][0]["alg"] == "SHA-256" for one in files if "hashes" in one)
            assert any("hashes" in one for one in files), part["name"]
            assert not COPYLEFT.search(licence_in(part)), part["name"]
        unknown = {
            part["name"]
            for part in parts
            if licence_in(part) in {"not declared", "not installed here"}
        }
        assert unknown <= ELSEWHERE
        assert {"fastapi", "asyncpg", "cryptography"} <= {part["name"] for part in parts}


def test_the_bill_is_whole(bills: dict[str, Any]) -> None:
    for bill in bills.values():
        whole = bill["metadata"]["component"]
        known = {whole["bom-ref"], *(part["bom-ref"] for part in bill["components"])}
        assert len(known) == 1 + len(bill["components"])
        for edge in bill["dependencies"]:
            assert {edge["ref"], *edge.get("dependsOn", ())} <= known


def test_an_image_carries_its_own_libraries_only(bills: dict[str, Any]) -> None:
    names = {group: {part["name"] for part in bill["components"]} for group, bill in bills.items()}
    assert {"plotly", "scipy"} <= names["reporting"]
    assert not {"plotly", "scipy", "argon2-cffi", "pytest"} & names["tickets"]
