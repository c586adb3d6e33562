"""The keys of an installation: made once, and completed when a release brings a new service."""

import json
from pathlib import Path

from shared.crypto.key_files import ensure_keys
from shared.crypto.vault import KEYS_FILE, read_vault


def test_keys_are_made_once_and_are_the_owners_alone(tmp_path: Path) -> None:
    path = ensure_keys(tmp_path / "secrets", ("tickets",))
    made = path.read_text(encoding="utf-8")
    assert path.name == KEYS_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert ensure_keys(tmp_path / "secrets", ("tickets",)).read_text(encoding="utf-8") == made


def test_a_service_that_comes_with_a_release_gets_keys_and_the_others_keep_theirs(
    tmp_path: Path,
) -> None:
    path = ensure_keys(tmp_path, ("tickets", "surveys"))
    before = json.loads(path.read_text(encoding="utf-8"))
    sealed = read_vault(path, "tickets", recipients=()).encrypt("王女士", context="customer:1")
    ensure_keys(tmp_path, ("tickets", "surveys", "feedback"))
    after = json.loads(path.read_text(encoding="utf-8"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert after["index"] == before["index"]
    for ring in ("data", "letters"):
        assert {name: after[ring][name] for name in before[ring]} == before[ring]
        assert set(after[ring]) - set(before[ring]) == {"feedback"}
    vault = read_vault(path, "tickets", recipients=("feedback",))
    assert vault.decrypt(sealed, context="customer:1") == "王女士"
    assert vault.seal_letter("feedback", b"{}")
