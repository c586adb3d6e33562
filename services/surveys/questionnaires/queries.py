"""Named reads of questionnaires."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from services.surveys.questionnaires.tables import questionnaire_versions as versions
from shared.database import Session
from shared.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Version:
    """A published version of a questionnaire; `documents.read_questionnaire` reads its document."""

    number: int
    published_at: datetime
    document: str


async def latest_version(session: Session, code: str) -> Version:
    """Return the newest version. Raises NotFoundError for an unknown code."""
    statement = select(versions).where(versions.c.code == code).order_by(versions.c.number.desc())
    row = (await session.execute(statement.limit(1))).one_or_none()
    if row is None:
        raise NotFoundError("questionnaire_not_found", "There is no such questionnaire.")
    return Version(row.number, row.published_at, row.document)


async def document_of(session: Session, code: str, number: int) -> str:
    """Return the document of a version. Raises NotFoundError when there is none."""
    document: str | None = await session.scalar(
        select(versions.c.document).where(versions.c.code == code, versions.c.number == number)
    )
    if document is None:
        raise NotFoundError("questionnaire_not_found", "There is no such version.")
    return document


async def latest_number(session: Session, code: str) -> int | None:
    """Return the number of the newest version, None when there is none."""
    found: int | None = await session.scalar(
        select(func.max(versions.c.number)).where(versions.c.code == code)
    )
    return found


async def all_codes(session: Session) -> list[str]:
    """Return the codes of all questionnaires."""
    statement = select(versions.c.code).distinct().order_by(versions.c.code)
    return list(await session.scalars(statement))
