"""Composition of the integrations service: its doors, its tables, its settings."""

import asyncio
from datetime import timedelta
from pathlib import Path
from random import random
from zoneinfo import ZoneInfo

from services.integrations.appearance.api import router as appearance_router
from services.integrations.books.ledger import integrations_ledger
from services.integrations.contacts.handlers import contact_handlers
from services.integrations.egress.labels import EGRESS_LABELS
from services.integrations.egress.requests import Egress
from services.integrations.egress.rules import allowance_of
from services.integrations.inbound.deliveries_api import router as inbound_deliveries_router
from services.integrations.inbound.handlers import HANDLERS as INBOUND_HANDLERS
from services.integrations.inbound.labels import INBOUND_LABELS
from services.integrations.inbound.sources_api import router as inbound_sources_router
from services.integrations.inbound.sweeps import inbound_sweeps
from services.integrations.inbound.webhook_api import router as inbound_router
from services.integrations.notifications.api import router as notices_router
from services.integrations.notifications.carriers import Carrier, Nowhere, Outbox, Smtp
from services.integrations.notifications.deliver_notices import Delivery
from services.integrations.notifications.handlers import notification_handlers
from services.integrations.notifications.labels import VOCABULARY
from services.integrations.notifications.outbox_api import router as outbox_api_router
from services.integrations.notifications.pages import router as outbox_router
from services.integrations.notifications.sweeps import notice_sweeps
from services.integrations.notifications.wording import Letterhead
from services.integrations.partners.api import router as partners_router
from services.integrations.privacy.api import router as privacy_router
from services.integrations.privacy.erase_customer import forgetting
from services.integrations.privacy.handlers import answer_handlers
from services.integrations.privacy.labels import VOCABULARY as PRIVACY_WORDS
from services.integrations.privacy.sweeps import SWEEPS as PRIVACY_SWEEPS
from services.integrations.problems import TITLES
from services.integrations.settings import IntegrationSettings
from services.integrations.sign_in.accounts_api import router as accounts_router
from services.integrations.sign_in.api import router as token_router
from services.integrations.sign_in.issue_token import SignIn
from services.integrations.sign_in.keys import SigningKeys
from services.integrations.sign_in.pages import router as sign_in_router
from services.integrations.staff_notices.api import router as staff_notices_router
from services.integrations.staff_notices.handlers import staff_notice_handlers
from services.integrations.staff_notices.labels import STAFF_NOTICE_LABELS
from services.integrations.webhooks.api import router as webhooks_router
from services.integrations.webhooks.deliver import Sending
from services.integrations.webhooks.deliveries_api import router as webhook_deliveries_router
from services.integrations.webhooks.handlers import webhook_handlers
from services.integrations.webhooks.labels import WEBHOOK_LABELS
from services.integrations.webhooks.sweeps import webhook_sweeps
from services.integrations.webhooks.tables import PASSED_OVER_PARTITIONS
from shared.auth.directory import DIRECTORY_HANDLERS
from shared.clock import utcnow
from shared.crypto.vault import Vault
from shared.inbox.handlers import Handler
from shared.restores.hear import VOID_HANDLERS
from shared.service import Service
from shared.settings import CommonSettings

NAME = "integrations"
SETTINGS = IntegrationSettings

WRITES_TO = ("tickets",)
"""Whose letters this service must be able to seal."""


ROUTERS = (
    token_router,
    accounts_router,
    partners_router,
    inbound_router,
    inbound_sources_router,
    inbound_deliveries_router,
    sign_in_router,
    notices_router,
    outbox_router,
    outbox_api_router,
    staff_notices_router,
    webhooks_router,
    webhook_deliveries_router,
    appearance_router,
    privacy_router,
)


WORDS = {
    **VOCABULARY,
    **STAFF_NOTICE_LABELS,
    **EGRESS_LABELS,
    **WEBHOOK_LABELS,
    **INBOUND_LABELS,
    **PRIVACY_WORDS,
}


def create_service(
    common: CommonSettings, vault: Vault, settings: IntegrationSettings | None = None
) -> Service:
    """Return the service as a host runs it; settings come from the environment unless given."""
    settings = settings or IntegrationSettings()
    keys = SigningKeys(settings.signing or common.secrets)
    head = Letterhead(
        {"zh": common.organisation_zh, "en": common.organisation_en}, ZoneInfo(common.zone)
    )
    egress = _egress(common, settings)
    notices_due, webhooks_due = asyncio.Event(), asyncio.Event()
    return Service(
        name=NAME,
        migrations=Path(__file__).parent / "migrations",
        database_url=settings.database_url,
        keys=keys,
        routers=ROUTERS,
        handlers=_handlers(vault, settings, notices_due, webhooks_due),
        sweeps=(
            *notice_sweeps(Delivery(vault, _carrier(common, settings, head), head), notices_due),
            *webhook_sweeps(
                Sending(vault, egress, settings.webhook_schedule, random), webhooks_due
            ),
            *PRIVACY_SWEEPS,
            *inbound_sweeps(vault, keep_bodies=settings.inbound_bodies),
        ),
        state={
            "sign_in": _sign_in(common, settings, keys),
            "letterhead": head,
            "zone": head.zone,
            "egress": egress,
            "webhooks_due": webhooks_due,
            "privacy_times": settings.privacy_times,
            "public_url": common.public_url,
        },
        problem_titles=TITLES,
        vocabulary=WORDS,
        partitioned=(PASSED_OVER_PARTITIONS,),
        ledger=integrations_ledger(vault, head.zone),
    )


def _handlers(
    vault: Vault,
    settings: IntegrationSettings,
    notices_due: asyncio.Event,
    webhooks_due: asyncio.Event,
) -> tuple[Handler, ...]:
    """Return what the service does with what it hears."""
    return (
        *DIRECTORY_HANDLERS,
        *contact_handlers(vault),
        *notification_handlers(vault, notices_due),
        *staff_notice_handlers(vault),
        *INBOUND_HANDLERS,
        *webhook_handlers(settings.webhook_schedule.max_age, webhooks_due),
        *answer_handlers(forgetting(NAME, vault), settings.privacy_times, utcnow),
        *VOID_HANDLERS,
    )


def _sign_in(common: CommonSettings, settings: IntegrationSettings, keys: SigningKeys) -> SignIn:
    """Return how patient the sign-in is, and what it signs with."""
    return SignIn(
        keys=keys,
        development=common.development,
        failures_until_locked=settings.failures_until_locked,
        locked_for=timedelta(seconds=settings.locked_seconds),
        secure_cookie=common.public_url.startswith("https://"),
    )


def _egress(common: CommonSettings, settings: IntegrationSettings) -> Egress:
    """Return the way out. Raises InstallationError for an allowance that nobody can read."""
    return Egress(
        allowance=allowance_of(common.egress_allow),
        proxy=common.egress_proxy,
        here=common.egress_here,
        timeout_seconds=settings.webhook_timeout_seconds,
    )


def _carrier(common: CommonSettings, settings: IntegrationSettings, head: Letterhead) -> Carrier:
    """Return mail when a server is set; without one, a page in development only."""
    if settings.smtp_url is not None:
        url = settings.smtp_url.get_secret_value()
        return Smtp(url, settings.sender_address, dict(head.organisations))
    return Outbox() if common.development else Nowhere()
