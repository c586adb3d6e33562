"""A key is changed in two steps; at none of them is something sealed that somebody cannot open."""

import json
from pathlib import Path

import pytest

from services.integrations.sign_in.make_secrets import make_secrets
from shared.crypto.key_files import ensure_divided_keys, ensure_keys, key_files
from shared.crypto.key_rotation import Step, rotate_keys
from shared.crypto.vault import Vault, read_vault
from shared.settings import CommonSettings
from standalone.compose import vaults_of

WRITES_TO = {"tickets": ("integrations",), "integrations": ("tickets",)}


def folder_of_all(folder: Path) -> dict[str, Path]:
    path = ensure_keys(folder, tuple(WRITES_TO))
    return dict.fromkeys(WRITES_TO, path)


def folders_of_each(folder: Path) -> dict[str, Path]:
    for name in WRITES_TO:
        (folder / name).mkdir(parents=True)
    ensure_divided_keys(folder, WRITES_TO, mode=0o640)
    return {name: folder / name / "keys.json" for name in WRITES_TO}


def started(paths: dict[str, Path]) -> dict[str, Vault]:
    """Return what processes that start now have in their hands."""
    return {
        name: read_vault(path, name, recipients=WRITES_TO[name]) for name, path in paths.items()
    }


def understand_each_other(left: dict[str, Vault], right: dict[str, Vault]) -> None:
    """Raise when one of two generations of processes cannot read what the other writes."""
    for writers, readers in ((left, right), (right, left)):
        sealed = writers["tickets"].encrypt("王女士", context="customer:1")
        assert readers["tickets"].decrypt(sealed, context="customer:1") == "王女士"
        letter = writers["tickets"].seal_letter("integrations", b"{}")
        assert readers["integrations"].open_letter("integrations", letter) == b"{}"


@pytest.mark.parametrize("laid", [folder_of_all, folders_of_each])
def test_old_and_new_processes_read_each_other_at_every_step(tmp_path: Path, laid: object) -> None:
    assert callable(laid)
    paths = laid(tmp_path)
    modes = {path: path.stat().st_mode for path in paths.values()}
    before = started(paths)
    index = before["tickets"].blind_index("13800138000")
    first = before["tickets"].encrypt("旧", context="c")
    for round_, kid in ((1, "k2"), (2, "k3")):
        assert rotate_keys(tmp_path) == (Step.ADDED, kid)
        added = started(paths)
        understand_each_other(before, added)
        assert added["tickets"].data.current == f"k{round_}"
        assert rotate_keys(tmp_path) == (Step.IN_USE, kid)
        after = started(paths)
        understand_each_other(added, after)
        assert {vault.data.current for vault in after.values()} == {kid}
        assert f":{kid}:" in after["tickets"].encrypt("新", context="c")
        before = after
    assert before["tickets"].decrypt(first, context="c") == "旧"
    assert before["tickets"].blind_index("13800138000") == index
    assert {path: path.stat().st_mode for path in paths.values()} == modes


def test_a_rotation_that_was_cut_short_is_completed(tmp_path: Path) -> None:
    paths = folders_of_each(tmp_path)
    untouched = paths["tickets"].read_text(encoding="utf-8")
    rotate_keys(tmp_path)
    paths["tickets"].write_text(untouched, encoding="utf-8")
    assert rotate_keys(tmp_path) == (Step.ADDED, "k2")
    found = [json.loads(path.read_text(encoding="utf-8"))["letters"] for path in paths.values()]
    assert found[0] == found[1]
    assert rotate_keys(tmp_path) == (Step.IN_USE, "k2")


def test_without_keys_there_is_nothing_to_change(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="careloop keys"):
        rotate_keys(tmp_path)


def test_keys_of_each_service_get_no_file_of_all_beside_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_secrets(tmp_path)
    made = {path: path.read_bytes() for path in tmp_path.rglob("*.json")}
    monkeypatch.setenv("CARELOOP_SECRETS", str(tmp_path))
    vaults = vaults_of(CommonSettings())
    with pytest.raises(ValueError, match="for each service"):
        ensure_keys(tmp_path, tuple(WRITES_TO))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.json")} == made
    own = read_vault(tmp_path / "tickets/keys.json", "tickets", recipients=())
    assert vaults["tickets"].blind_index("13800138000") == own.blind_index("13800138000")
    (tmp_path / "keys.json").write_bytes((tmp_path / "tickets/keys.json").read_bytes())
    for refused in (rotate_keys, key_files):
        with pytest.raises(ValueError, match="are both there"):
            refused(tmp_path)
    assert (tmp_path / "tickets/keys.json").read_bytes() == made[tmp_path / "tickets/keys.json"]
