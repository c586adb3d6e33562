"""Tell every administrator of something that only they can mend."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from services.integrations.staff_notices.queries import (
    StaffNotice,
    insert_staff_notices,
)
from services.integrations.staff_notices.vocabulary import StaffTemplate
from shared.auth.directory import active_admins
from shared.crypto.vault import Vault
from shared.database import Session
from shared.ids import new_id


async def tell_admins(
    session: Session,
    vault: Vault,
    template: StaffTemplate,
    parameters: Mapping[str, str],
    *,
    reference_kind: str,
    reference_id: UUID,
    now: datetime,
) -> None:
    """Put a notice into the list of each active administrator, in the caller's transaction."""
    notices = [
        StaffNotice(
            id=new_id(),
            staff_id=staff_id,
            template=template,
            parameters=parameters,
            reference_kind=reference_kind,
            reference_id=reference_id,
            noticed_at=now,
            read_at=None,
        )
        for staff_id in await active_admins(session)
    ]
    await insert_staff_notices(session, vault, notices)
