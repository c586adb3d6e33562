"""Who is responsible: by duty, by the nearest supervisor, at last by a manager."""

import asyncio
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.duties.queries import owner_for
from services.feedback.duties.rules import Desk, Duty, owner_at
from shared.auth.actor import Role
from shared.contracts.tickets import CategoryChanged, StaffChanged
from shared.ids import new_id
from tests.feedback.conftest import Feedback, message

CATEGORY, OTHER = UUID(int=900), UUID(int=901)
COMPANY, BRANCH, TEAM = UUID(int=801), UUID(int=802), UUID(int=803)
PATH = (COMPANY, BRANCH, TEAM)
ANN, BEN, CLEO, DAN = (UUID(int=n) for n in range(1, 5))
EVERYBODY = frozenset({ANN, BEN, CLEO, DAN})


def desk(*duties: Duty, away: UUID | None = None) -> Desk:
    """Return a desk where Cleo leads the branch and Dan manages."""
    return Desk(
        duties=duties,
        at_work=EVERYBODY - {away},
        supervisors={CLEO: frozenset({BRANCH})},
        managers=frozenset({DAN}),
    )


BY_BOTH = Duty(CATEGORY, BRANCH, ANN, BEN)
BY_UNIT = Duty(None, TEAM, BEN, None)
BY_CATEGORY = Duty(CATEGORY, None, CLEO, None)
BY_OTHER_CATEGORY = Duty(OTHER, TEAM, DAN, None)


@pytest.mark.parametrize(
    ("duties", "away", "owner"),
    [
        ((BY_CATEGORY, BY_UNIT, BY_BOTH), None, ANN),
        ((BY_CATEGORY, BY_UNIT, BY_BOTH), ANN, BEN),
        ((BY_CATEGORY, BY_UNIT), None, BEN),
        ((BY_CATEGORY, BY_UNIT), BEN, CLEO),
        ((BY_OTHER_CATEGORY,), None, CLEO),
        ((), None, CLEO),
    ],
)
def test_the_most_specific_duty_counts_and_the_deputy_of_whoever_is_away(
    duties: tuple[Duty, ...], away: UUID | None, owner: UUID
) -> None:
    assert owner_at(desk(*duties, away=away), categories=(CATEGORY,), units=PATH, level=1) == owner


def test_each_level_is_another_person_up_to_the_manager() -> None:
    levels = [
        owner_at(desk(BY_UNIT), categories=(CATEGORY,), units=PATH, level=level)
        for level in range(1, 6)
    ]
    assert levels == [BEN, CLEO, DAN, DAN, DAN]


@given(
    units=st.lists(st.sampled_from(PATH), max_size=3, unique=True),
    level=st.integers(1, 6),
    duties=st.lists(st.sampled_from([BY_BOTH, BY_UNIT, BY_CATEGORY, BY_OTHER_CATEGORY])),
    away=st.sampled_from([None, ANN, BEN]),
)
def test_while_a_manager_works_here_nothing_is_without_somebody_at_work(
    units: list[UUID], level: int, duties: list[Duty], away: UUID | None
) -> None:
    owner = owner_at(desk(*duties, away=away), categories=(CATEGORY,), units=units, level=level)
    assert owner in EVERYBODY - {away}


async def test_the_owner_follows_duties_categories_and_who_left(feedback: Feedback) -> None:
    company = await feedback.people.unit(kind="company")
    team = await feedback.people.unit(company)
    manager = await feedback.people.staff(Role.MANAGER, units=[company])
    supervisor = await feedback.people.staff(Role.SUPERVISOR, units=[company])
    agent = await feedback.people.staff(Role.AGENT, units=[team])
    meters, broken = new_id(), new_id()
    for category, path in ((meters, (meters,)), (broken, (meters, broken))):
        told = CategoryChanged(
            category_id=category,
            code=f"c{category.hex[-8:]}",
            name_zh="表具",
            name_en="Meters",
            active=True,
            path=path,
        )
        await feedback.hear(message(told, category))

    async def owner(level: int = 1) -> UUID | None:
        async with feedback.database.transaction() as session:
            return await owner_for(
                session, category_id=broken, org_path=(company, team), level=level
            )

    assert await owner() == supervisor.id
    body = {"category_id": str(meters), "org_unit_id": str(team)}
    refused = await agent.post("/api/v1/duties", body | {"responsible_id": str(agent.id)})
    assert (refused.status_code, await owner()) == (403, supervisor.id)
    wrong = await manager.post("/api/v1/duties", body | {"responsible_id": str(new_id())})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown_staff")

    named = await manager.post("/api/v1/duties", body | {"responsible_id": str(agent.id)})
    assert named.status_code == 201
    assert [await owner(level) for level in (1, 2, 3)] == [agent.id, supervisor.id, manager.id]

    gone = StaffChanged(staff_id=agent.id, roles=("agent",), org_unit_ids=(team,), active=False)
    await feedback.hear(message(gone, agent.id, sequence=2))
    assert await owner() == supervisor.id


async def test_two_who_name_somebody_at_once_leave_one_duty(feedback: Feedback) -> None:
    team = await feedback.people.unit()
    manager = await feedback.people.staff(Role.MANAGER)
    agents = [await feedback.people.staff(Role.AGENT, units=[team]) for _ in range(6)]

    answers = await asyncio.gather(
        *(
            manager.post(
                "/api/v1/duties", {"org_unit_id": str(team), "responsible_id": str(one.id)}
            )
            for one in agents
        )
    )

    assert [answer.status_code for answer in answers] == [201] * 6
    (duty,) = (await manager.get("/api/v1/duties")).json()["data"]
    for _again in range(2):
        ended = await manager.post(f"/api/v1/duties/{duty['id']}/end")
        assert ended.json()["valid_to"] is not None
    assert (await manager.get("/api/v1/duties")).json()["data"] == []
    assert (await manager.post(f"/api/v1/duties/{new_id()}/end")).status_code == 404
    auditor = await feedback.people.staff(Role.AUDITOR)
    trail = (await auditor.get("/api/v1/feedback/audit")).json()["data"]
    named = [one["changes"]["responsible"] for one in reversed(trail)][:7]
    everybody = {None, *(str(one.id) for one in agents)}  # each took over from another one
    assert {one["before"] for one in named} == {one["after"] for one in named} == everybody
