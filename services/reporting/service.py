"""Composition of the reporting service: its log, its folder, its doors."""

import asyncio
from pathlib import Path
from zoneinfo import ZoneInfo

from services.reporting.facts.sweeps import fold_sweep
from services.reporting.figures.api import router as figures_router
from services.reporting.log.append import handlers
from services.reporting.log.tables import LOG_PARTITIONS
from shared.crypto.vault import Vault
from shared.service import Service
from shared.settings import CommonSettings

NAME = "reporting"

WRITES_TO = ()
"""Nobody's letters: figures go to people, not to services."""


def create_service(common: CommonSettings, _vault: Vault) -> Service:
    """Return the service as a host runs it."""
    zone = ZoneInfo(common.zone)
    appended = asyncio.Event()
    return Service(
        name=NAME,
        migrations=Path(__file__).parent / "migrations",
        routers=(figures_router,),
        handlers=handlers(appended),
        sweeps=(fold_sweep(zone, appended),),
        partitioned=(LOG_PARTITIONS,),
        state={"zone": zone},
    )
