"""`careloop rebuild`: make the facts and figures of reporting again from its log."""

from zoneinfo import ZoneInfo

import uvloop

from careloop.installation import Installation, installation
from services.reporting.rebuild.rebuild import rebuild
from standalone.place import StartError


def rebuild_figures() -> None:
    """Rebuild beside the running system; what is served changes when the new facts are whole."""
    position = uvloop.run(_rebuild(installation()))
    if position is None:
        msg = "Another rebuild runs; wait for it."
        raise StartError(msg)
    print(f"The facts are made again from {position} events.")


async def _rebuild(here: Installation) -> int | None:
    async with here.database("reporting") as database:
        return await rebuild(database, ZoneInfo(here.common.zone))
