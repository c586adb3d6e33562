"""A token that was verified once is not verified again, and is judged all the same."""

import time

import pytest
from joserfc.jwk import ECKey, KeySet

from shared.auth import tokens
from shared.auth.actor import ActorKind, Role
from shared.auth.tokens import InvalidTokenError, KnownKeys, read_token
from shared.ids import new_id
from tests.support.people import KEYS, token


def customer_token() -> str:
    return token(ActorKind.CUSTOMER, new_id(), [Role.CUSTOMER])


async def test_a_remembered_token_is_refused_when_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bearer = customer_token()
    seen = await read_token(bearer, KEYS)
    assert await read_token(bearer, KEYS) == seen
    monkeypatch.setattr(tokens.REGISTRY, "_now", lambda: int(time.time()) + 3600)
    with pytest.raises(InvalidTokenError):
        await read_token(bearer, KEYS)


async def test_a_remembered_token_is_refused_when_its_key_is_withdrawn() -> None:
    bearer = customer_token()
    await read_token(bearer, KEYS)
    other = ECKey.generate_key("P-256", {"kid": "tests"})
    with pytest.raises(InvalidTokenError):
        await read_token(bearer, KnownKeys(KeySet([other])))


async def test_a_changed_token_is_not_taken_for_the_remembered_one() -> None:
    bearer = customer_token()
    await read_token(bearer, KEYS)
    head, _, signature = bearer.split(".")
    other = customer_token().split(".")[1]
    with pytest.raises(InvalidTokenError):
        await read_token(f"{head}.{other}.{signature}", KEYS)


async def test_only_so_many_tokens_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "VERIFIED_KEPT", 0)
    await read_token(customer_token(), KEYS)
    before = len(tokens._verified)
    await read_token(customer_token(), KEYS)
    assert len(tokens._verified) == before
