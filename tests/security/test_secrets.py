"""No secret is guessable, shown, logged, or carried into an image."""

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest
from pydantic import ValidationError

from careloop.part import part_named, settings_for
from shared.crypto.vault import new_secrets, vault_of
from shared.guessable import refuse_guessable
from shared.settings import CommonSettings

ROOT: Final = Path(__file__).parents[2]
GOOD: Final = "zWq7-kTn2-Lp90-xYb4"
DATABASE: Final = "postgresql+asyncpg://careloop:{}@db.example.com:5432"
BROKER: Final = "amqp://careloop:{}@mq.example.com"


@pytest.mark.parametrize(
    "password",
    ["guest", "changeme", "Passw0rd", "short-one-1", "postgres2026", "careloopcareloop1", ""],
)
@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("database_url", DATABASE),
        ("amqp_url", BROKER),
        ("database_password", "{}"),
        ("amqp_password", "{}"),
    ],
)
def test_a_password_that_can_be_guessed_stops_the_start(
    name: str, form: str, password: str
) -> None:
    given = {name: form.format(password)}
    with pytest.raises(ValueError, match=f"CARELOOP_{name.upper()}") as refusal:
        refuse_guessable(CommonSettings.model_validate(given))
    assert not password or password not in str(refusal.value)
    refuse_guessable(CommonSettings.model_validate(given | {"development": True}))


def test_a_good_password_and_none_at_all_are_taken() -> None:
    for password in (GOOD, "guest-house-17-yellow"):
        refuse_guessable(
            CommonSettings.model_validate(
                {
                    "database_url": DATABASE.format(password),
                    "amqp_url": f"{BROKER.format(password)},{BROKER.format(GOOD)}",
                    "amqp_password": password,
                }
            )
        )
    refuse_guessable(
        CommonSettings.model_validate(
            {"database_url": "postgresql+asyncpg://careloop@/?host=/run/postgresql"}
        )
    )


def test_a_process_with_a_default_password_does_not_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CARELOOP_SECRETS", str(tmp_path))
    monkeypatch.setenv("CARELOOP_DATABASE_URL", DATABASE.format(GOOD))
    monkeypatch.setenv("CARELOOP_AMQP_URL", BROKER.format("guest"))
    with pytest.raises(ValueError, match="CARELOOP_AMQP_URL") as refusal:
        settings_for(part_named("tickets"))
    assert GOOD not in str(refusal.value)


def test_what_holds_secrets_does_not_show_them() -> None:
    secrets = new_secrets(("tickets", "surveys"))
    vault = vault_of(secrets, "tickets", recipients=("surveys",))
    keys = [*vault.data.keys.values(), vault.index_key, *vault.letters["surveys"].keys.values()]
    assert not any(repr(key) in repr(vault) for key in keys)
    common = CommonSettings.model_validate({"database_password": GOOD, "amqp_password": GOOD})
    assert GOOD not in repr(common) + str(common.model_dump())
    with pytest.raises(ValidationError) as refusal:
        CommonSettings.model_validate({"database_url": f"nonsense://a:{GOOD}@b", "zone": "?"})
    assert GOOD not in str(refusal.value)


PRIVATE: Final = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/]{40}"
    r"|\"d\": ?\"[A-Za-z0-9_-]{43}\""  # the private half of a JSON Web Key
    r"|AKIA[0-9A-Z]{16}"
)
ADDRESS: Final = re.compile(r"(?:amqps?|postgresql(?:\+asyncpg)?|smtps?)://\w+:[^@\s{}$<\"']{12,}@")
NAMES: Final = re.compile(r"(^|/)(\.env[^/]*|.*\.(pem|key|p12|pfx)|keys\.json|signing\.json)$")


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return listed.stdout.splitlines()


def let_in(path: str, allowed: list[str]) -> bool:
    """Return whether an image's build gets a file: it, or a folder above it, is named."""
    return any(path == one or path.startswith(f"{one}/") for one in allowed)


def test_an_image_gets_only_what_is_named_and_no_secret_is_among_it() -> None:
    rules = [
        line
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert rules[0] == "*"
    allowed = [rule[1:] for rule in rules if rule.startswith("!")]
    assert not any("*" in one for one in allowed)
    for private in (".data/secrets/keys.json", ".env", ".git/config", "tests/x", "secrets/a"):
        assert not let_in(private, allowed)
    context = [
        path
        for one in allowed
        for path in ([ROOT / one] if (ROOT / one).is_file() else (ROOT / one).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert len(context) > 200
    assert [path for path in context if NAMES.search(path.as_posix())] == []
    texts = {path: path.read_text(errors="replace") for path in context}
    assert [path for path, text in texts.items() if PRIVATE.search(text)] == []
    assert [path for path, text in texts.items() if ADDRESS.search(text)] == []


@pytest.mark.skipif(not tracked(), reason="this is no checkout")
def test_no_secret_lies_in_the_repository() -> None:
    files = [ROOT / path for path in tracked()]
    assert [path for path in files if NAMES.search(path.as_posix())] == []
    found = [
        path
        for path in files
        if path.is_file() and PRIVATE.search(path.read_text(errors="replace"))
    ]
    assert [path for path in found if path != Path(__file__)] == []


def test_the_search_for_secrets_finds_them() -> None:
    for text in (
        "-----BEGIN EC PRIVATE KEY-----\n" + "A" * 64,
        '{"d": "' + "x" * 43 + '"}',
        "AKIA" + "A" * 16,
    ):
        assert PRIVATE.search(text)
    assert ADDRESS.search(BROKER.format(GOOD))
    for name in (".env", "a/.env.local", "deploy/tls.key", ".data/secrets/keys.json"):
        assert NAMES.search(name)
