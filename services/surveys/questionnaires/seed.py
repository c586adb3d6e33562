"""Put the shipped questionnaires in place; a changed one becomes its next version."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import insert, select, text

from services.surveys.questionnaires.documents import write_questionnaire
from services.surveys.questionnaires.queries import latest_number
from services.surveys.questionnaires.shipped import SHIPPED, shipped
from services.surveys.questionnaires.tables import questionnaire_versions as versions
from shared.database import Session
from shared.locks import SEED


async def seed_questionnaires(session: Session, now: datetime) -> None:
    """Publish each shipped questionnaire unless its newest version is the same."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SEED})
    for code in SHIPPED:
        document = write_questionnaire(shipped(code))
        digest = sha256(document).digest()
        number = await latest_number(session, code) or 0
        newest = await session.scalar(
            select(versions.c.sha256).where(versions.c.code == code, versions.c.number == number)
        )
        if newest != digest:
            await session.execute(
                insert(versions).values(
                    code=code,
                    number=number + 1,
                    document=document.decode(),
                    sha256=digest,
                    published_at=now,
                )
            )
