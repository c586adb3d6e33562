"""Composition of the surveys service: its doors, its tables, its settings."""

from pathlib import Path
from zoneinfo import ZoneInfo

from services.surveys.invitations.api import router as invitations_router
from services.surveys.invitations.handlers import invitation_handlers
from services.surveys.invitations.invite_after_closing import Asking
from services.surveys.invitations.send_invitations import Sending
from services.surveys.invitations.sweeps import invitation_sweeps
from services.surveys.labels import VOCABULARY
from services.surveys.privacy.erase_customer import forgetting
from services.surveys.problems import TITLES
from services.surveys.questionnaires.seed import seed_questionnaires
from services.surveys.questionnaires.vocabulary import Language
from services.surveys.responses.api import router as survey_router
from services.surveys.responses.callbacks_api import router as callbacks_router
from services.surveys.responses.pages.routes import router as page_router
from services.surveys.responses.pages.stationery import Stationery
from services.surveys.responses.results_api import router as results_router
from services.surveys.restatements.api import router as responses_router
from services.surveys.settings import SurveySettings
from services.surveys.undoing.handlers import undo_handlers
from shared.auth.directory import DIRECTORY_HANDLERS
from shared.clock import utcnow
from shared.crypto.vault import Vault
from shared.privacy.forgetting import privacy_handlers
from shared.restores.hear import VOID_HANDLERS
from shared.service import Service
from shared.settings import CommonSettings

NAME = "surveys"
SETTINGS = SurveySettings

WRITES_TO = ("integrations", "feedback")
"""Whose letters this service must be able to seal."""


def create_service(
    common: CommonSettings, vault: Vault, settings: SurveySettings | None = None
) -> Service:
    """Return the service as a host runs it; settings come from the environment unless given."""
    settings = settings or SurveySettings()
    companies = {Language.ZH: common.organisation_zh, Language.EN: common.organisation_en}
    return Service(
        name=NAME,
        migrations=Path(__file__).parent / "migrations",
        database_url=settings.database_url,
        routers=(
            invitations_router,
            callbacks_router,
            results_router,
            responses_router,
            survey_router,
            page_router,
        ),
        handlers=(
            *DIRECTORY_HANDLERS,
            *VOID_HANDLERS,
            *undo_handlers(utcnow),
            *invitation_handlers(Asking(vault, settings.timing), utcnow),
            *privacy_handlers(forgetting(NAME, vault), utcnow),
        ),
        sweeps=invitation_sweeps(Sending(vault, settings.timing, common.public_url)),
        state={"stationery": Stationery(companies, ZoneInfo(common.zone))},
        problem_titles=TITLES,
        vocabulary=VOCABULARY,
        seed=seed_questionnaires,
    )
