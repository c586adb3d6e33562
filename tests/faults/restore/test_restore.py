"""One service is set back to an older backup while the others know more; then all agree again."""

from pathlib import Path

import pytest

from tests.faults.restore.day import agrees, begun, goes_on
from tests.faults.restore.house import (
    House,
    settled,
)

pytestmark = pytest.mark.timeout(1200)  # everything in one process, beside whatever else runs


async def test_tickets_are_set_back_and_what_followed_from_what_they_forgot_is_undone(
    house: House, tmp_path: Path
) -> None:
    async with house.open() as running:
        day = await begun(house, running)
        await day.plays(5)
        late = await day.files()
        await day.solves(late)
        await settled(running)
        await house.save(tmp_path / "backup")
        await day.confirms(late)
        old_link = await day.answers(late, 1)
        forgotten = await day.plays(2)
        await agrees(day, filed=3)
    await house.set_back(tmp_path / "backup", "tickets")
    async with house.open() as running:
        await goes_on(day, running)
        for ticket in (late, forgotten):
            day.closed.remove(ticket)
            del day.scores[ticket]
        await agrees(day, filed=2)
        gone = await running.client.get(f"/api/v1/public/surveys/{old_link}")
        assert gone.status_code == 404
        await day.confirms(late)
        await day.answers(late, 4)
        await day.plays(3)
        await agrees(day, filed=3)


async def test_surveys_are_set_back_and_ask_again(house: House, tmp_path: Path) -> None:
    async with house.open() as running:
        day = await begun(house, running)
        await day.plays(5)
        await settled(running)
        await house.save(tmp_path / "backup")
        again = await day.plays(1)
        await agrees(day, filed=2)
    await house.set_back(tmp_path / "backup", "surveys")
    async with house.open() as running:
        await goes_on(day, running)
        del day.scores[again]
        await agrees(day, filed=2)
        await day.answers(again, 2)
        await day.plays(5)
        await agrees(day, filed=3)


@pytest.mark.feature("N-21")
@pytest.mark.parametrize("service", ["reporting", "feedback", "integrations"])
async def test_who_only_listens_is_set_back_and_hears_what_he_missed(
    house: House, tmp_path: Path, service: str
) -> None:
    async with house.open() as running:
        day = await begun(house, running)
        await day.plays(5)
        await settled(running)
        await house.save(tmp_path / "backup")
        await day.plays(2)
        await settled(running)
    await house.set_back(tmp_path / "backup", service)
    async with house.open() as running:
        await goes_on(day, running)
        await agrees(day, filed=2)
        await day.plays(1)
        await agrees(day, filed=3)
