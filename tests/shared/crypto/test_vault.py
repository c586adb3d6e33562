"""What is sealed opens for whom it is meant, unchanged, in its own place, and for nobody else."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto.vault import Keyring, UnreadableError, Vault, new_secrets, read_vault, vault_of

SERVICES = ("tickets", "integrations", "feedback")
SECRETS = new_secrets(SERVICES)
TICKETS = vault_of(SECRETS, "tickets", recipients=("integrations",))
INTEGRATIONS = vault_of(SECRETS, "integrations", recipients=())
FEEDBACK = vault_of(SECRETS, "feedback", recipients=())
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(plain=TEXTS, context=TEXTS)
def test_what_is_encrypted_can_be_decrypted_in_its_place(plain: str, context: str) -> None:
    assert TICKETS.decrypt(TICKETS.encrypt(plain, context=context), context=context) == plain


@given(plain=TEXTS, context=TEXTS, other=TEXTS)
def test_a_ciphertext_moved_to_another_place_is_refused(
    plain: str, context: str, other: str
) -> None:
    sealed = TICKETS.encrypt(plain, context=context)
    if other != context:
        with pytest.raises(UnreadableError):
            TICKETS.decrypt(sealed, context=other)


@given(plain=TEXTS, position=st.integers(min_value=0), flip=st.integers(1, 255))
def test_a_changed_ciphertext_is_refused(plain: str, position: int, flip: int) -> None:
    algorithm, kid, body = TICKETS.encrypt(plain, context="name").split(":")
    binary = bytearray(base64.b64decode(body))
    binary[position % len(binary)] ^= flip
    changed = f"{algorithm}:{kid}:{base64.b64encode(binary).decode()}"
    with pytest.raises(UnreadableError):
        TICKETS.decrypt(changed, context="name")


@given(nonsense=TEXTS)
def test_nonsense_is_unreadable_and_nothing_worse(nonsense: str) -> None:
    for sealed in (nonsense, f"A256GCM:{nonsense}", f"A256GCM:k1:{nonsense}"):
        with pytest.raises(UnreadableError):
            TICKETS.decrypt(sealed, context="name")


@given(
    st.dictionaries(
        st.sampled_from(["alg", "kid", "sealed"]),
        st.one_of(st.none(), st.integers(), TEXTS, st.just("k1"), st.just("A256GCM")),
    )
)
def test_a_letter_of_nonsense_is_unreadable_and_nothing_worse(sealed: Mapping[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        INTEGRATIONS.open_letter("integrations", sealed)


def test_the_same_text_never_looks_the_same_twice() -> None:
    assert len({TICKETS.encrypt("林晓雨", context="name") for _ in range(100)}) == 100


def rotated(vault: Vault) -> Vault:
    """Return the vault with a new current key beside the old one."""
    keys = {**vault.data.keys, "k2": b"\x02" * 32}
    return replace(vault, data=Keyring("k2", keys))


def test_an_old_key_still_opens_after_rotation_and_a_new_one_seals() -> None:
    old = TICKETS.encrypt("林晓雨", context="name")
    vault = rotated(TICKETS)
    new = vault.encrypt("林晓雨", context="name")
    assert vault.decrypt(old, context="name") == vault.decrypt(new, context="name") == "林晓雨"
    assert (old.split(":")[:2], new.split(":")[:2]) == (["A256GCM", "k1"], ["A256GCM", "k2"])
    with pytest.raises(UnreadableError, match="its key is not here"):
        TICKETS.decrypt(new, context="name")


def test_a_ciphertext_is_bound_to_its_key() -> None:
    old = TICKETS.encrypt("林晓雨", context="name")
    with pytest.raises(UnreadableError):
        rotated(TICKETS).decrypt(old.replace(":k1:", ":k2:"), context="name")


@given(body=st.binary())
def test_a_letter_opens_for_its_recipient_only(body: bytes) -> None:
    sealed = TICKETS.seal_letter("integrations", body)
    assert INTEGRATIONS.open_letter("integrations", json.loads(json.dumps(sealed))) == body
    for vault, recipient in ((FEEDBACK, "feedback"), (FEEDBACK, "integrations")):
        with pytest.raises(UnreadableError):
            vault.open_letter(recipient, sealed)


@given(one=TEXTS, other=TEXTS)
def test_a_blind_index_finds_the_same_and_only_the_same(one: str, other: str) -> None:
    assert (TICKETS.blind_index(one) == TICKETS.blind_index(other)) == (one == other)
    stranger = replace(TICKETS, index_key=b"\x01" * 32)
    assert stranger.blind_index(one) != TICKETS.blind_index(one)


def test_a_service_reads_its_own_keys_and_those_of_whom_it_writes_to(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(SECRETS), encoding="utf-8")
    vault = read_vault(path, "tickets", recipients=("integrations",))
    assert vault == TICKETS
    assert set(vault.letters) == {"tickets", "integrations"}
    assert vault.data != INTEGRATIONS.data


def keys_in(content: Any) -> list[str]:
    if isinstance(content, dict):
        return [key for below in content.values() for key in keys_in(below)]
    return [content] if len(str(content)) == 44 else []


def test_every_service_of_every_installation_has_keys_of_its_own() -> None:
    keys = keys_in(SECRETS) + keys_in(new_secrets(SERVICES))
    assert len(keys) == len(set(keys)) == 2 * (1 + 2 * len(SERVICES))
