"""The table of roles says what the design says, and no role has more."""

import pytest

from shared.auth.actor import Actor, ActorKind, Role
from shared.auth.rights import RIGHTS, SCOPES, Permission, Reach, reach_of
from shared.ids import new_id

PERSONAL = {
    Permission.TICKETS_READ,
    Permission.TICKETS_WORK,
    Permission.CUSTOMERS_READ,
    Permission.CUSTOMERS_WRITE,
}


def actor(*roles: Role) -> Actor:
    return Actor(ActorKind.STAFF, new_id(), frozenset(roles))


def test_every_role_stands_in_the_table() -> None:
    assert set(RIGHTS) == set(Role)


def test_every_permission_is_somebodys() -> None:
    given = (*RIGHTS.values(), *SCOPES.values())
    assert {permission for rights in given for permission in rights} == set(Permission)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OPERATOR, Role.AUDITOR])
def test_who_runs_the_system_sees_nobodys_personal_data(role: Role) -> None:
    assert not PERSONAL & set(RIGHTS[role])


def test_a_customer_may_do_nothing_but_his_own() -> None:
    assert dict(RIGHTS[Role.CUSTOMER]) == {Permission.TICKETS_OWN: Reach.OWN}


def test_an_agent_works_in_his_units_and_does_not_distribute_work() -> None:
    assert reach_of(actor(Role.AGENT), Permission.TICKETS_WORK) is Reach.UNITS
    for permission in (
        Permission.TICKETS_ASSIGN,
        Permission.TICKETS_REOPEN,
        Permission.FIGURES_READ,
        Permission.DIRECTORY_WRITE,
    ):
        assert reach_of(actor(Role.AGENT), permission) is None


def test_a_supervisor_may_what_an_agent_may_and_more_but_not_farther() -> None:
    assert set(RIGHTS[Role.AGENT]) < set(RIGHTS[Role.SUPERVISOR])
    for permission, reach in RIGHTS[Role.AGENT].items():
        assert RIGHTS[Role.SUPERVISOR][permission] == reach


def test_a_manager_reads_everything_and_works_on_no_ticket() -> None:
    assert reach_of(actor(Role.MANAGER), Permission.TICKETS_READ) is Reach.ALL
    assert reach_of(actor(Role.MANAGER), Permission.FIGURES_READ) is Reach.ALL
    assert reach_of(actor(Role.MANAGER), Permission.TICKETS_WORK) is None


def test_of_several_roles_the_one_that_reaches_farthest_counts() -> None:
    both = actor(Role.AGENT, Role.MANAGER)
    assert reach_of(both, Permission.TICKETS_READ) is Reach.ALL
    assert reach_of(both, Permission.TICKETS_WORK) is Reach.UNITS
    assert reach_of(actor(), Permission.TICKETS_READ) is None
