"""A real mail server that takes mail, or refuses or holds it as a test wants."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class MailServer:
    """Takes mail, or answers with the refusals in turn; one to a `held` address takes its time."""

    refusals: list[str] = field(default_factory=list)
    refused_addresses: set[str] = field(default_factory=set)
    held: dict[str, asyncio.Event] = field(default_factory=dict)
    taken: list[EmailMessage] = field(default_factory=list)
    url: str = ""

    async def handle_RCPT(  # noqa: N802 - the names are the library's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refused_addresses:
            return "550 no such user"
        if address in self.held:
            await self.held[address].wait()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        content = envelope.original_content or b""
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.taken.append(message)
        return "250 OK"


@asynccontextmanager
async def mail_server(host: str = "127.0.0.1") -> AsyncIterator[MailServer]:
    """Listen on a free port of an address while the block runs."""
    mails = MailServer()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mails, enable_SMTPUTF8=True, loop=loop), host, 0)
    mails.url = f"smtp://{host}:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield mails
