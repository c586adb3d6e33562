"""Composition of the reporting service: its log, its folder, its doors."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from services.reporting.books.api import router as books_router
from services.reporting.books.ledger import reporting_ledger
from services.reporting.dashboard.pages import router as dashboard_router
from services.reporting.dashboard.view import Language
from services.reporting.facts.sweeps import fold_sweep
from services.reporting.figures.api import router as figures_router
from services.reporting.figures.set_target import seed_targets
from services.reporting.figures.target_api import router as targets_router
from services.reporting.log.append import handlers
from services.reporting.log.say_again import say_events_again
from services.reporting.log.tables import LOG_PARTITIONS
from services.reporting.problems import TITLES
from services.reporting.rebuild.api import router as rebuild_router
from services.reporting.rebuild.sweeps import rebuild_sweep
from services.reporting.settings import ReportingSettings
from shared.clock import utcnow
from shared.crypto.vault import Vault
from shared.privacy.forgetting import (
    Forgetting,
    nothing_to_erase,
    nothing_to_find,
    privacy_handlers,
)
from shared.restores.hear import VOID_HANDLERS
from shared.service import Service
from shared.settings import CommonSettings
from shared.snapshots.say_again import SayAgain

NAME = "reporting"
SETTINGS = ReportingSettings

WRITES_TO = ("integrations",)
"""Whose letters this service must be able to seal."""

SAID_AGAIN: Final[Mapping[str, SayAgain]] = {"events": say_events_again}
"""What another service can be filled with."""


def create_service(
    common: CommonSettings, vault: Vault, settings: ReportingSettings | None = None
) -> Service:
    """Return the service as a host runs it; settings come from the environment unless given."""
    zone = ZoneInfo(common.zone)
    appended = asyncio.Event()
    return Service(
        name=NAME,
        migrations=Path(__file__).parent / "migrations",
        database_url=(settings or ReportingSettings()).database_url,
        routers=(
            figures_router,
            targets_router,
            books_router,
            rebuild_router,
            dashboard_router,
        ),
        handlers=(
            *VOID_HANDLERS,
            *handlers(appended),
            *privacy_handlers(Forgetting(NAME, vault, nothing_to_erase, nothing_to_find), utcnow),
        ),
        sweeps=(fold_sweep(zone, appended), rebuild_sweep(zone)),
        partitioned=(LOG_PARTITIONS,),
        state={
            "zone": zone,
            "organisation": {
                Language.ZH: common.organisation_zh,
                Language.EN: common.organisation_en,
            },
        },
        problem_titles=TITLES,
        snapshots=SAID_AGAIN,
        ledger=reporting_ledger(vault, zone),
        seed=seed_targets,
    )
