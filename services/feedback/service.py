"""Composition of the feedback service: its doors, its tables, its settings."""

from pathlib import Path

from services.feedback.duties.api import router as duties_router
from services.feedback.duties.handlers import DUTY_HANDLERS
from services.feedback.labels import VOCABULARY
from services.feedback.loops.api import router as loops_router
from services.feedback.loops.handlers import loop_handlers
from services.feedback.loops.open_case import Caring
from services.feedback.loops.sweeps import loop_sweeps
from services.feedback.problems import TITLES
from services.feedback.settings import FeedbackSettings
from shared.auth.directory import DIRECTORY_HANDLERS
from shared.clock import utcnow
from shared.crypto.vault import Vault
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
    return Service(
        name=NAME,
        migrations=Path(__file__).parent / "migrations",
        database_url=settings.database_url,
        routers=(duties_router, loops_router),
        handlers=(
            *DIRECTORY_HANDLERS,
            *DUTY_HANDLERS,
            *loop_handlers(Caring(vault, settings.limits), utcnow),
        ),
        sweeps=loop_sweeps(vault),
        problem_titles=TITLES,
        vocabulary=VOCABULARY,
    )
