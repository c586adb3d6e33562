"""A database that fails under load: a request is done or refused clearly, and nothing is lost."""

import asyncio
import time

import httpx
import pytest

from tests.faults.conftest import Note
from tests.faults.database.breaking import Fault, frozen, killed, locked, read_only, without_space
from tests.faults.database.conftest import House
from tests.support.closings import nothing_is_lost
from tests.support.patience import becomes

pytestmark = [pytest.mark.crash, pytest.mark.rabbit, pytest.mark.timeout(300, func_only=True)]

BEFORE, REFUSED, ALL = 12, 10, 48

FAULTS = {
    "killed": killed,
    "read only": read_only,
    "frozen": frozen,
    "locked": locked,
    "without space": without_space,
}


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest, house: House) -> Fault:
    """What happens to the database."""
    if request.param == "without space" and house.disk is None:
        pytest.skip("a small disk to fill is mounted by root only: sudo make faults")
    return FAULTS[request.param]


async def all_live(house: House) -> None:
    """Ask every process whether it lives: one that waits for its database must not be ended."""
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        for ready in house.company.running.health.values():
            answer = await client.get(ready.replace("/readyz", "/livez"))
            assert answer.status_code == httpx.codes.OK


async def test_a_database_that_fails_refuses_clearly_loses_nothing_and_is_found_again(
    house: House, fault: Fault, note: Note
) -> None:
    house.answers.clear()
    enough = len(house.tickets) + BEFORE
    load = asyncio.create_task(house.close(ALL))

    async def under_way() -> bool:
        return len(house.tickets) >= enough or load.done()

    async def refused() -> bool:
        return house.answers.statuses[httpx.codes.SERVICE_UNAVAILABLE] >= REFUSED or load.done()

    await becomes(under_way, expected=True)
    async with fault(house):
        await becomes(refused, expected=True)
        assert not load.done(), "the load ended before the fault was felt"
        await all_live(house)
    mended_at = time.monotonic()
    await load
    await nothing_is_lost(house.company, house.tickets)
    seen = house.answers
    assert {status for status in seen.statuses if status >= 400} == {503}
    assert seen.asked == seen.statuses.total(), "somebody waited for a minute in vain"
    note(
        f"{seen.statuses[503]} refused, the longest waited {max(seen.seconds):.1f} s, "
        f"all was right {time.monotonic() - mended_at:.1f} s after it was mended"
    )
