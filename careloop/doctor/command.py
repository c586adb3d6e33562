"""`careloop doctor`: look at an installation and say what to do."""

import json
from collections.abc import Iterator, Sequence
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
from careloop.installation import check_settings, service_named
from services.integrations import service as integrations
from services.integrations.settings import IntegrationSettings
from shared.crypto.vault import KEY_BYTES, Keyring, Vault
from shared.service import Service
from shared.settings import CommonSettings
from standalone.compose import NAMES, PARTS, services_of
from standalone.place import place
from standalone.postgres import Postgres
from standalone.run import settings_of

_RING: Final = Keyring("none", {"none": bytes(KEY_BYTES)})
NO_KEYS: Final = Vault(_RING, bytes(KEY_BYTES), dict.fromkeys(NAMES, _RING))
"""Nothing is sealed or opened here, and the real ones may be what is missing."""

Urls = Annotated[
    list[str] | None,
    typer.Option("--url", help="A running origin or process to look at, too; may be repeated"),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--service", help="One service; may be repeated. Those with a database address"),
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs: every finding as JSON")]


def doctor(url: Urls = None, service: Only = None, *, as_json: AsJson = False) -> None:
    """Look at settings, secrets, databases, broker and origins; code 1 when something is wrong."""
    check_settings()
    names = [service_named(name) for name in service or []]
    findings = uvloop.run(_all(names, url or []))
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
    else:
        _show(findings)
    if not is_sound(findings):
        raise typer.Exit(1)


async def _all(names: Sequence[str], urls: Sequence[str]) -> list[Finding]:
    where, own = place(), Postgres(place().data / "postgres")
    common = settings_of(where, own.url("DATABASE").replace("DATABASE", "{database}"), where.port)
    services = _services(common, names)
    found = [*_here(common, where.data, services)]
    for service in services:
        found += [finding async for finding in examine_database(service, common)]
        found += [finding async for finding in examine_broker(service, common)]
    for url in urls:
        found += [finding async for finding in examine_origin(url)]
    return list(dict.fromkeys(found))  # each service sees what is of the whole broker


def _services(common: CommonSettings, names: Sequence[str]) -> list[Service]:
    """Return the services of these names; without any, those whose database somebody named.

    Where processes of one service run, nobody else's address is known; nor are the keys.
    """
    every = services_of(common, dict.fromkeys(NAMES, NO_KEYS))
    own = [name for name, service in every.items() if service.database_url is not None]
    of_all = "database_url" in CommonSettings().model_fields_set
    return [every[name] for name in names or (NAMES if of_all else own or NAMES)]


def _here(common: CommonSettings, data: Path, services: Sequence[Service]) -> Iterator[Finding]:
    """Look at what lies on this machine."""
    names = [service.name for service in services]
    to = sorted({*names, *(one for name in names for one in PARTS[name].WRITES_TO)})
    yield from examine_settings(common, IntegrationSettings())
    yield from examine_keys(
        common.secrets, {"data": names, "letters": to}, signs=integrations.NAME in names
    )
    if not any(service.database_url for service in services) and (
        "database_url" not in CommonSettings().model_fields_set
    ):
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
