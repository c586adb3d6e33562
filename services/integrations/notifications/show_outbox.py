"""Notices as the development page shows them: to whom, what they say, how far they are."""

from dataclasses import dataclass

from services.integrations.appearance.page import TAGS
from services.integrations.contacts.queries import Contact, contacts_of
from services.integrations.notifications.labels import VOCABULARY
from services.integrations.notifications.queries import Notice, notice_page
from services.integrations.notifications.vocabulary import NoticeState, Template
from services.integrations.notifications.wording import (
    Letterhead,
    Wording,
    WordingError,
    word_notice,
)
from services.integrations.notifications.words import WORDS
from shared.crypto.vault import Vault
from shared.database import Session
from shared.masking import masked_email, masked_phone

SHOWN = 100
"""Who looks for an older one has a mail server."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice in the reader's language; its own text stays in its customer's."""

    instant: str
    moment: str
    recipient: str
    state: str
    state_label: str
    reason_label: str | None
    template_label: str
    tag: str
    subject: str | None
    parts: tuple[tuple[str, bool], ...]


async def show_outbox(
    session: Session, vault: Vault, head: Letterhead, *, language: str
) -> list[Shown]:
    """Return the newest notices."""
    notices = await notice_page(session, vault, state=None, before=None, limit=SHOWN)
    known = await contacts_of(session, vault, {notice.customer_id for notice in notices})
    return [_shown(n, known.get(n.customer_id), head, language) for n in notices]


def _shown(notice: Notice, contact: Contact | None, head: Letterhead, language: str) -> Shown:
    wording = _wording(notice, contact, head)
    local = notice.requested_at.astimezone(head.zone)
    reason = notice.reason if notice.state is NoticeState.FAILED else None
    return Shown(
        instant=notice.requested_at.isoformat(),
        moment=f"{local:%Y-%m-%d %H:%M:%S}",
        recipient=_recipient(contact, language),
        state=notice.state,
        state_label=_label("notice_state", notice.state, language),
        reason_label=_label("notice_reason", reason, language) if reason else None,
        template_label=_label("notice_template", notice.template, language),
        tag=TAGS[wording.language] if wording else TAGS[language],
        subject=wording.subject if wording else None,
        parts=_parts(wording.body, (notice.parameters or {}).get("link")) if wording else (),
    )


def _wording(notice: Notice, contact: Contact | None, head: Letterhead) -> Wording | None:
    if notice.template not in set(Template) or notice.parameters is None:
        return None
    try:
        return word_notice(
            Template(notice.template),
            notice.parameters,
            name=contact.name if contact else "",
            language=contact.language if contact else "",
            head=head,
        )
    except WordingError:
        return None


def _recipient(contact: Contact | None, language: str) -> str:
    if contact is None:
        return WORDS[language]["unknown"]
    if contact.email:
        return masked_email(contact.email)
    return masked_phone(contact.phone) if contact.phone else WORDS[language]["no_address"]


def _parts(body: str, link: str | None) -> tuple[tuple[str, bool], ...]:
    """Return a text cut around its link; only http(s) becomes one that can be clicked."""
    if not link or not link.startswith(("http://", "https://")):
        return ((body, False),)
    before, found, after = body.partition(link)
    return ((before, False), (link, True), (after, False)) if found else ((body, False),)


def _label(words: str, code: str, language: str) -> str:
    zh, en = VOCABULARY[words].get(code, (code, code))
    return en if language == "en" else zh
