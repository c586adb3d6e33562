"""The ways on which a notice leaves: mail, or the page where a developer reads it."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

from services.integrations.contacts.queries import Contact
from services.integrations.notifications.vocabulary import NoticeChannel, Reason
from services.integrations.notifications.wording import Wording

SMTP_TIMEOUT_SECONDS: Final = 20
"""A mail server that scans what it gets answers within seconds; one that hangs is away."""

PORTS: Final = {"smtp": 587, "smtps": 465}


class CarriageError(Exception):
    """The notice did not leave; `again` says whether another attempt may help."""

    def __init__(self, reason: Reason, *, again: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


class Carrier(Protocol):
    """Hands a notice over."""

    @property
    def channel(self) -> NoticeChannel:
        """Return the way on which it leaves."""

    async def carry(self, notice_id: UUID, contact: Contact, wording: Wording) -> None:
        """Hand a notice over, under an id that repetitions share. Raises CarriageError."""


class Outbox:
    """Leaves notices where they are: the page `/outbox` shows them. For development."""

    channel = NoticeChannel.OUTBOX

    async def carry(self, notice_id: UUID, contact: Contact, wording: Wording) -> None:
        """Do nothing: the row is what the page shows."""


class Nowhere:
    """No mail server is set; notices wait for one until they are worthless."""

    channel = NoticeChannel.EMAIL

    async def carry(self, notice_id: UUID, contact: Contact, wording: Wording) -> None:  # noqa: ARG002 - the protocol
        """Refuse for now."""
        raise CarriageError(Reason.NO_CHANNEL_SET_UP, again=True)


@dataclass(frozen=True, slots=True)
class Smtp:
    """Sends by mail."""

    url: str
    sender: str
    organisations: dict[str, str]
    channel: NoticeChannel = NoticeChannel.EMAIL
    timeout_seconds: float = SMTP_TIMEOUT_SECONDS

    async def carry(self, notice_id: UUID, contact: Contact, wording: Wording) -> None:
        """Send a mail; its Message-ID is the notice's, so that a repetition is known as one."""
        if contact.email is None:
            raise CarriageError(Reason.NO_REACHABLE_CHANNEL, again=False)
        try:
            message = self._message(notice_id, contact, wording)
            await self._send(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [refusal.code for refusal in error.recipients]
            permanent = all(code >= 500 for code in codes)  # noqa: PLR2004 - RFC 5321, 4.2.1
            raise CarriageError(Reason.ADDRESS_REFUSED, again=not permanent) from error
        except aiosmtplib.SMTPAuthenticationError as error:
            raise CarriageError(Reason.MAIL_UNREACHABLE, again=True) from error  # a setting
        except aiosmtplib.SMTPResponseException as error:
            permanent = error.code >= 500  # noqa: PLR2004 - RFC 5321, 4.2.1
            raise CarriageError(Reason.MAIL_REFUSED, again=not permanent) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise CarriageError(Reason.MAIL_UNREACHABLE, again=True) from error
        except ValueError as error:  # an address that no header can hold
            raise CarriageError(Reason.ADDRESS_REFUSED, again=False) from error

    async def _send(self, message: EmailMessage) -> None:
        parts = urlsplit(self.url)
        await aiosmtplib.send(
            message,
            hostname=parts.hostname,
            port=parts.port or PORTS[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=parts.scheme == "smtps",
            timeout=self.timeout_seconds,
        )

    def _message(self, notice_id: UUID, contact: Contact, wording: Wording) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = formataddr((self.organisations[wording.language], self.sender))
        message["To"] = contact.email
        message["Subject"] = wording.subject
        message["Date"] = formatdate(localtime=False)
        message["Message-ID"] = f"<{notice_id}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office in return
        message["Content-Language"] = wording.language
        message.set_content(wording.body)
        return message
