"""`careloop doctor`: look at an installation and say what to do."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
import uvloop

from careloop.doctor.broker import examine_broker
from careloop.doctor.choices import examine_settings
from careloop.doctor.database import examine_database
from careloop.doctor.findings import Finding, Level, is_sound, line
from careloop.doctor.keys import examine_keys
from careloop.doctor.machine import examine_machine
from careloop.doctor.origin import examine_origin
from careloop.installation import check_settings, place
from services.integrations.settings import IntegrationSettings
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
    where, own = place(), Postgres(place().data / "postgres")
    common = settings_of(where, own.url("DATABASE").replace("DATABASE", "{database}"), where.port)
    found = [*_here(common, where.data)]
    for service in services_of(common, dict.fromkeys(NAMES, NO_KEYS)).values():
        found += [finding async for finding in examine_database(service, common)]
        if common.amqp_url is not None:
            found += [finding async for finding in examine_broker(service, common)]
    for url in urls:
        found += [finding async for finding in examine_origin(url)]
    return list(dict.fromkeys(found))  # what nobody has bound is seen by every service


def _here(common: CommonSettings, data: Path) -> Iterator[Finding]:
    """Look at what lies on this machine."""
    yield from examine_settings(common, IntegrationSettings())
    yield from examine_keys(common.secrets, {"data": NAMES, "letters": NAMES}, signs=True)
    if "database_url" not in CommonSettings().model_fields_set:
        yield from examine_machine(data)


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
