"""A running process, or the origin in front of all: does it answer, and what time is it there."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import httpx
from cryptography import x509

from careloop.doctor.clocks import clocks
from careloop.doctor.findings import Finding, ok, warning, wrong
from shared.clock import utcnow

PATIENCE_SECONDS: Final = 10.0
"""/readyz answers within a second; through a slow line it may take some."""

RENEW_BEFORE: Final = timedelta(days=14)
"""A renewal that fails twice still leaves a week."""

ALIVE_PATH: Final = "/api/v1/auth/jwks.json"
"""What an origin lets everybody read, where it keeps /readyz to itself as it should."""


async def examine_origin(url: str) -> AsyncIterator[Finding]:
    """Look at a process by its own address, or at the origin as people reach it."""
    part, url = f"origin {url}", url.rstrip("/")
    try:
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False) as client:
            answer, answered_at = await client.get(f"{url}/readyz"), utcnow()
            yield _ready(part, answer) or _alive(part, await client.get(url + ALIVE_PATH))
        yield _clock(part, answer, answered_at)
        if url.startswith("https://"):
            yield _certificate(part, await _ends_at(url), utcnow())
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        says = f"it does not answer ({type(error).__name__}: {error})"
        yield wrong(part, "answer", says, do="See that it runs, and that the address is right")


def _ready(part: str, answer: httpx.Response) -> Finding | None:
    """Return what a process says of itself; None when this is none of its own addresses."""
    if answer.status_code not in {httpx.codes.OK, httpx.codes.SERVICE_UNAVAILABLE}:
        return None
    if "json" not in answer.headers.get("content-type", ""):
        return None
    checks = answer.json().get("checks", {})
    said = [
        f"{check} of {name} {state}"
        for name, states in checks.items()
        for check, state in states.items()
        if state != "ok"
    ]
    if answer.is_error:
        do = "Look at that service's database below, and at its log"
        return wrong(part, "readiness", f"it is not ready ({', '.join(said)})", do=do)
    if said:
        do = "It serves; look at the broker"
        return warning(part, "readiness", ", ".join(said), do=do)
    return ok(part, "readiness", f"ready: {', '.join(checks)}")


def _alive(part: str, answer: httpx.Response) -> Finding:
    if answer.is_success:
        return ok(part, "answer", "it answers, and keeps /readyz to itself")
    do = "See the proxy's log, and /readyz of the service behind it"
    return wrong(part, "answer", f"{ALIVE_PATH} answers {answer.status_code}", do=do)


def _clock(part: str, answer: httpx.Response, now: datetime) -> Finding:
    said = answer.headers.get("date")
    if not said:
        return ok(part, "clock", "it does not say what time it is")
    return clocks(part, "the origin", now - parsedate_to_datetime(said))


async def _ends_at(url: str) -> datetime:
    """Return until when the certificate holds that a host shows."""
    parts = urlsplit(url)
    trust = ssl.create_default_context()
    async with asyncio.timeout(PATIENCE_SECONDS):
        _, writer = await asyncio.open_connection(parts.hostname, parts.port or 443, ssl=trust)
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    finally:
        writer.close()
    return x509.load_der_x509_certificate(shown).not_valid_after_utc


def _certificate(part: str, ends_at: datetime, now: datetime) -> Finding:
    days = (ends_at - now).days
    if ends_at - now < RENEW_BEFORE:
        return warning(part, "certificate", f"it ends in {days} days", do="Renew it now")
    return ok(part, "certificate", f"it holds for {days} days")
