"""Composition of the feedback service: its doors, its tables, its settings."""

from pathlib import Path

from services.feedback.duties.api import router as duties_router
from services.feedback.duties.handlers import DUTY_HANDLERS
from services.feedback.items.api import router as items_router
from services.feedback.items.archive_api import router as archive_router
from services.feedback.items.handlers import item_handlers
from services.feedback.items.keyword_seed import seed_keywords
from services.feedback.items.moves_api import router as moves_router
from services.feedback.items.receive_item import Receiving
from services.feedback.items.rules_api import router as rules_router
from services.feedback.items.sweeps import item_sweeps
from services.feedback.labels import VOCABULARY
from services.feedback.loops.api import router as loops_router
from services.feedback.loops.handlers import loop_handlers
from services.feedback.loops.open_case import Caring
from services.feedback.loops.sweeps import loop_sweeps
from services.feedback.privacy.erase_customer import forgetting
from services.feedback.problems import TITLES
from services.feedback.settings import FeedbackSettings
from shared.auth.directory import DIRECTORY_HANDLERS
from shared.clock import utcnow
from shared.crypto.vault import Vault
from shared.privacy.forgetting import privacy_handlers
from shared.restores.hear import VOID_HANDLERS
from shared.service import Service
from shared.settings import CommonSettings

NAME = "feedback"
SETTINGS = FeedbackSettings

WRITES_TO = ("integrations",)
"""Whose letters this service must be able to seal."""


def create_service(
    common: CommonSettings, vault: Vault, settings: FeedbackSettings | None = None
) -> Service:
    """Return the service as a host runs it; settings come from the environment unless given."""
    settings = settings or FeedbackSettings()
    receiving = Receiving(vault, settings.terms(common.zone))
    return Service(
        name=NAME,
        migrations=Path(__file__).parent / "migrations",
        database_url=settings.database_url,
        routers=(
            duties_router,
            loops_router,
            archive_router,
            rules_router,
            items_router,
            moves_router,
        ),
        handlers=(
            *DIRECTORY_HANDLERS,
            *DUTY_HANDLERS,
            *loop_handlers(Caring(vault, settings.limits), utcnow),
            *item_handlers(receiving),
            *privacy_handlers(forgetting(NAME, vault), utcnow),
            *VOID_HANDLERS,
        ),
        sweeps=(*loop_sweeps(vault), *item_sweeps(vault)),
        state={"receiving": receiving},
        problem_titles=TITLES,
        vocabulary=VOCABULARY,
        seed=seed_keywords,
    )
