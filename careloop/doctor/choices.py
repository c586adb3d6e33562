"""Settings that are right one by one and make no sense together."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from careloop.doctor.findings import Finding, ok, warning, wrong
from services.integrations.settings import IntegrationSettings
from shared.serving import LOCAL
from shared.settings import CommonSettings

PART: Final = "settings"


def examine_settings(common: CommonSettings, edge: IntegrationSettings) -> Iterator[Finding]:
    """Look at what the environment and the secret files say."""
    found = [*_contradictions(common), *_gaps(common, edge)]
    yield from found or [ok(PART, "together", "known, and they agree")]


def _contradictions(common: CommonSettings) -> Iterator[Finding]:
    local = urlsplit(common.public_url).hostname in LOCAL
    if common.amqp_url is not None and "database_url" not in common.model_fields_set:
        do = "Set CARELOOP_DATABASE_URL too, or unset CARELOOP_AMQP_URL"
        yield wrong(PART, "servers", "there is a broker, and no database of your own", do=do)
    if common.development and not local:
        do = "Unset CARELOOP_DEVELOPMENT"
        yield wrong(PART, "development", "everybody may sign in as anybody", do=do)


def _gaps(common: CommonSettings, edge: IntegrationSettings) -> Iterator[Finding]:
    local = urlsplit(common.public_url).hostname in LOCAL
    if not local and not common.public_url.startswith("https://"):
        do = "Set CARELOOP_PUBLIC_URL to https://…, and let the proxy in front speak TLS"
        yield warning(PART, "public address", "passwords and tokens travel readable", do=do)
    if local and not common.development:
        do = "Set CARELOOP_PUBLIC_URL to the address that customers open"
        yield warning(PART, "public address", "links to surveys lead to this machine", do=do)
    if edge.smtp_url is None and not common.development:
        do = "Set CARELOOP_INTEGRATIONS_SMTP_URL"
        yield warning(PART, "mail", "no notice leaves: there is no mail server", do=do)
