"""Composition of the tickets service: its doors, its tables, its settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from services.tickets.categories.api import router as categories_router
from services.tickets.categories.say_again import say_categories_again
from services.tickets.categories.seed import seed_categories
from services.tickets.conversation.api import router as conversation_router
from services.tickets.customers.api import router as customers_router
from services.tickets.customers.say_again import say_customers_again
from services.tickets.directory.api import router as directory_router
from services.tickets.directory.say_again import say_staff_again, say_units_again
from services.tickets.history.api import router as history_router
from services.tickets.history.sweeps import import_sweep
from services.tickets.history.upload import LARGEST_IMPORT
from services.tickets.intake.api import router as intake_router
from services.tickets.intake.handlers import intake_handlers
from services.tickets.labels import VOCABULARY
from services.tickets.privacy.erase_customer import forgetting
from services.tickets.problems import TITLES
from services.tickets.recovery.handlers import recovery_handlers
from services.tickets.self_service.api import router as self_service_router
from services.tickets.settings import TicketSettings
from services.tickets.tickets.api import router as tickets_router
from services.tickets.tickets.moves_api import router as moves_router
from services.tickets.tickets.open_ticket import Intake
from services.tickets.tickets.sweeps import SWEEPS
from shared.clock import utcnow
from shared.crypto.vault import Vault
from shared.privacy.forgetting import privacy_handlers
from shared.restores.hear import VOID_HANDLERS
from shared.service import Service
from shared.settings import CommonSettings
from shared.snapshots.say_again import SayAgain

NAME = "tickets"
SETTINGS = TicketSettings

WRITES_TO = ("integrations",)
"""Whose letters this service must be able to seal."""

SAID_AGAIN: Final[Mapping[str, SayAgain]] = {
    "org_units": say_units_again,
    "staff": say_staff_again,
    "categories": say_categories_again,
    "customers": say_customers_again,
}
"""What another service can be filled with."""


def create_service(
    common: CommonSettings, vault: Vault, settings: TicketSettings | None = None
) -> Service:
    """Return the service as a host runs it; settings come from the environment unless given."""
    settings = settings or TicketSettings()
    intake = Intake(settings.limits, ZoneInfo(common.zone))
    return Service(
        name=NAME,
        migrations=Path(__file__).parent / "migrations",
        database_url=settings.database_url,
        routers=(
            tickets_router,
            moves_router,
            conversation_router,
            self_service_router,
            customers_router,
            categories_router,
            directory_router,
            history_router,
            intake_router,
        ),
        handlers=(
            *recovery_handlers(vault, intake),
            *intake_handlers(vault, intake),
            *privacy_handlers(forgetting(NAME, vault), utcnow),
            *VOID_HANDLERS,
        ),
        sweeps=(*SWEEPS, import_sweep(vault, intake)),
        state={"intake": intake},
        problem_titles=TITLES,
        vocabulary=VOCABULARY,
        large_bodies={history_router.prefix: LARGEST_IMPORT},
        seed=seed_categories,
        snapshots=SAID_AGAIN,
    )
