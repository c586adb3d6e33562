"""`careloop doctor`: look at an installation and say what to do."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Final

import typer
import uvloop

from careloop.doctor.broker import examine_broker
from careloop.doctor.database import examine_database
from careloop.doctor.findings import Finding, Level, is_sound, line
from careloop.doctor.keys import examine_keys
from careloop.doctor.machine import examine_machine
from careloop.doctor.origin import examine_origin
from careloop.installation import check_settings, place
from shared.crypto.vault import KEY_BYTES, Keyring, Vault
from shared.settings import CommonSettings
from standalone.compose import NAMES, services_of
from standalone.postgres import Postgres
from standalone.run import settings_of

_RING: Final = Keyring("none", {"none": bytes(KEY_BYTES)})
NO_KEYS: Final = Vault(_RING, bytes(KEY_BYTES), dict.fromkeys(NAMES, _RING))
"""Nothing is sealed or opened here, and the real ones may be what is missing."""

Urls = Annotated[
    list[str] | None,
    typer.Option("--url", help="A running origin or process to look at, too; may be repeated"),
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: every finding as JSON")]


def doctor(url: Urls = None, *, as_json: AsJson = False) -> None:
    """Look at settings, secrets, databases, broker and origins; code 1 when something is wrong."""
    check_settings()
    findings = uvloop.run(_all(url or []))
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
    else:
        _show(findings)
    if not is_sound(findings):
        raise typer.Exit(1)


async def _all(urls: list[str]) -> list[Finding]:
    return [finding async for finding in _examine(urls)]


async def _examine(urls: list[str]) -> AsyncIterator[Finding]:
    where, own = place(), Postgres(place().data / "postgres")
    common = settings_of(where, own.url("DATABASE").replace("DATABASE", "{database}"), where.port)
    for found in examine_keys(common.secrets, {"data": NAMES, "letters": NAMES}, signs=True):
        yield found
    if "database_url" not in CommonSettings().model_fields_set:
        for found in examine_machine(where.data):
            yield found
    for service in services_of(common, dict.fromkeys(NAMES, NO_KEYS)).values():
        async for found in examine_database(service, common):
            yield found
        if common.amqp_url is not None:
            async for found in examine_broker(service, common):
                yield found
    for url in urls:
        async for found in examine_origin(url):
            yield found


def _show(findings: list[Finding]) -> None:
    """Print what is not as it must be, then one line for each part that is."""
    bad = [finding for finding in findings if finding.level is not Level.OK]
    for finding in sorted(bad, key=lambda finding: finding.level is not Level.WRONG):
        print(line(finding))
    for part in dict.fromkeys(finding.part for finding in findings):
        good = [f for f in findings if f.part == part and f.level is Level.OK]
        if good:
            print(f"{Level.OK:<8}{part}: {'; '.join(f'{f.check}: {f.says}' for f in good)}.")
    wrong = sum(finding.level is Level.WRONG for finding in bad)
    print(f"{len(findings)} checks: {wrong} wrong, {len(bad) - wrong} to look at.")
