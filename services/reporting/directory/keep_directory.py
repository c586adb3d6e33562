"""Keep the copies of staff, units and categories as the log tells of them."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

from services.reporting.directory.queries import copy_category
from services.reporting.log.queries import LogRow
from shared.auth.directory import copy_org_unit, copy_staff
from shared.contracts.tickets import CategoryChanged, OrgUnitChanged, StaffChanged
from shared.database import Session
from shared.messages.contract import Contract

COPIES: Final[Mapping[str, tuple[type[Contract], Callable[..., Awaitable[Any]]]]] = {
    contract.TYPE: (contract, copy)
    for contract, copy in (
        (StaffChanged, copy_staff),
        (OrgUnitChanged, copy_org_unit),
        (CategoryChanged, copy_category),
    )
}


async def keep_directory(session: Session, events: Iterable[LogRow]) -> None:
    """Copy what the events say about the directory; an older state never replaces a newer one."""
    for event in sorted(events, key=lambda event: (event.type, event.subject, event.position)):
        contract, copy = COPIES.get(event.type, (None, None))
        if contract is not None and copy is not None and event.version == contract.VERSION:
            data = contract.model_validate(event.data)
            await copy(session, data, epoch=event.epoch, sequence=event.sequence)
