"""`make secrets` makes everything once, and gives nobody what is another's."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from services.integrations.commands import rotate_key
from services.integrations.sign_in.make_secrets import make_secrets
from shared.bus.topology import Names
from shared.crypto.vault import KEYS_FILE, UnreadableError, read_vault
from shared.settings import CommonSettings, refuse_unknown_settings
from standalone.compose import NAMES, PARTS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("deployment") / "secrets"
    make_secrets(made)
    return made


def content_of(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_what_is_there_stays_and_nobody_else_comes_in(folder: Path) -> None:
    before = content_of(folder)
    make_secrets(folder)
    assert content_of(folder) == before
    assert folder.stat().st_mode & 0o777 == 0o700
    inside = {path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}
    assert inside == {0o644}
    passwords = [text for name, text in before.items() if "password" in name]
    of_services, grafana = 2 * len(NAMES), 1
    assert len(set(passwords)) == of_services + grafana
    assert all(len(text) == 32 for text in passwords)


@pytest.mark.parametrize("service", NAMES)
def test_a_service_opens_its_own_and_seals_what_it_writes(folder: Path, service: str) -> None:
    to = PARTS[service].WRITES_TO
    vault = read_vault(folder / service / KEYS_FILE, service, recipients=to)
    content = json.loads((folder / service / KEYS_FILE).read_text())
    assert set(content["data"]) == {service}
    assert set(content["letters"]) == {service, *to}
    assert {path.name for path in (folder / service).iterdir()} == {
        KEYS_FILE,
        "careloop_amqp_password",
        "careloop_database_password",
    }
    for recipient in to:
        other = read_vault(
            folder / recipient / KEYS_FILE, recipient, recipients=PARTS[recipient].WRITES_TO
        )
        sealed = vault.seal_letter(recipient, b"{}")
        assert other.open_letter(recipient, sealed) == b"{}"
        with pytest.raises(UnreadableError):
            other.decrypt(vault.encrypt("王女士", context="a"), context="a")
        assert vault.blind_index("13800138000") != other.blind_index("13800138000")


def test_the_database_and_the_broker_know_the_passwords_of_the_services(folder: Path) -> None:
    users = json.loads((folder / "rabbitmq/users.json").read_text())["users"]
    assert [user["name"] for user in users] == [Names().user(name) for name in NAMES]
    for name, user in zip(NAMES, users, strict=True):
        salted = base64.b64decode(user["password_hash"])
        said = (folder / name / "careloop_amqp_password").read_bytes()
        assert salted[4:] == hashlib.sha256(salted[:4] + said).digest()
        assert user["tags"] == []
        known = (folder / "postgres" / name).read_bytes()
        assert known == (folder / name / "careloop_database_password").read_bytes()
    assert {path.name for path in (folder / "postgres").iterdir()} == {"superuser", *NAMES}


def test_a_password_that_was_taken_away_is_made_anew_everywhere(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    before = content_of(tmp_path)
    (tmp_path / "tickets/careloop_database_password").unlink()
    (tmp_path / "surveys/careloop_amqp_password").unlink()
    make_secrets(tmp_path)
    after = content_of(tmp_path)
    assert {name for name in before if before[name] != after[name]} == {
        "tickets/careloop_database_password",
        "postgres/tickets",
        "surveys/careloop_amqp_password",
        "rabbitmq/users.json",
    }
    assert after["postgres/tickets"] == after["tickets/careloop_database_password"]


def test_a_setting_may_be_a_file_and_its_password_goes_into_the_addresses(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARELOOP_SECRETS", str(folder / "tickets"))
    monkeypatch.setenv("CARELOOP_DATABASE_URL", "postgresql+asyncpg://one@db:5432")
    monkeypatch.setenv("CARELOOP_AMQP_URL", "amqp://two:given@mq/vhost")
    refuse_unknown_settings((CommonSettings,), others=("CARELOOP_TEST_",))
    common = CommonSettings()
    password = (folder / "tickets/careloop_database_password").read_text()
    url = common.with_database_password(common.database_url_of("tickets"))
    assert url == f"postgresql+asyncpg://one:{password}@db:5432/careloop_tickets"
    assert common.broker_url == "amqp://two:given@mq/vhost"
    assert password not in repr(common)


def test_the_key_of_tokens_is_changed_where_the_sign_in_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_secrets(tmp_path)
    before = content_of(tmp_path)
    monkeypatch.setenv("CARELOOP_SECRETS", str(tmp_path))
    with pytest.raises(ValueError, match="CARELOOP_INTEGRATIONS_SIGNING"):
        rotate_key()
    monkeypatch.setenv("CARELOOP_INTEGRATIONS_SIGNING", str(tmp_path / "sign-in"))
    rotate_key()
    after = content_of(tmp_path)
    assert {name for name in after if before.get(name) != after[name]} == {"sign-in/signing.json"}
    old, new = (json.loads(one["sign-in/signing.json"]) for one in (before, after))
    assert [key["kid"] for key in new["keys"]] == [new["current"], old["current"]]
    assert (tmp_path / "sign-in/signing.json").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("careloop_amqp_password", " \n", "is empty: write the secret into it"),
        ("careloop_amqp_pasword", "secret", "unknown settings: CARELOOP_AMQP_PASWORD"),
        ("careloop_amqp_password", None, "cannot be read"),
    ],
)
def test_a_bad_secret_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str | None, sentence: str
) -> None:
    monkeypatch.setenv("CARELOOP_SECRETS", str(tmp_path))
    if text is None:
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=sentence):
        refuse_unknown_settings((CommonSettings,), others=("CARELOOP_TEST_",))
    assert [path.name for path in tmp_path.iterdir()] == [name]
