"""From the bus through log and folder to the figure: once, whatever is repeated or torn apart."""

from random import Random
from uuid import UUID

from tests.reporting.conftest import Desk
from tests.reporting.recount import lives, recount
from tests.reporting.spoken import spoken


def everything(_at: object, _team: UUID | None) -> bool:
    return True


async def test_what_was_said_becomes_the_figures_that_a_manager_asks_for(desk: Desk) -> None:
    told = lives(Random(4), 20, 20)
    await desk.hear(spoken(told))
    await desk.fold()
    for code, (value, n) in recount(told, everything).items():
        found = await desk.figures(desk.manager, code)
        assert found["figure"]["n"] == n, code
        assert found["figure"]["value"] == value or abs(found["figure"]["value"] - value) < 1e-9
