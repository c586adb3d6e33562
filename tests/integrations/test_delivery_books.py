"""The book of deliveries: every event that a partner wants is noted for him once, or why not."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from services.integrations.staff_notices.tables import staff_notices
from shared.books.run_books import run_if_due
from shared.clock import utcnow
from shared.contracts.integrations import NotificationDelivered
from shared.contracts.restores import EventsVoided
from shared.ids import new_id
from shared.restores.statements import LAST_ID
from tests.integrations.conftest import Edge, Edges
from tests.integrations.letters import hear, message_of, staff_changed
from tests.integrations.outgoing import desk, erased, hired
from tests.support.partner import Partner, partner

BOOKS = "/api/v1/integrations/books"
NOON = datetime.combine(utcnow().date() + timedelta(days=2), datetime.min.time(), UTC).replace(
    hour=4
)


@pytest.fixture
async def crm() -> AsyncIterator[Partner]:
    """Run a partner's server."""
    async with partner() as running:
        yield running


async def compare(edge: Edge, at: datetime) -> list[dict[str, Any]]:
    """Ask for a whole run, let a worker make it, and return the differences."""
    operator = await hired(edge, "operator")
    answer = await operator.post(f"{BOOKS}/runs", {"whole": True})
    assert answer.status_code == 202, answer.text
    assert edge.service.ledger is not None
    while await run_if_due(edge.database, edge.service.ledger, now=at):
        pass
    shown = await operator.get(f"{BOOKS}/differences")
    return list(shown.json()["data"])


async def execute(edge: Edge, statement: str, **values: Any) -> Any:
    async with edge.database.transaction() as session:
        rows = await session.execute(text(statement), values)
        return rows.one()._asdict() if rows.returns_rows else None


async def test_an_event_without_a_delivery_is_listed_told_when_it_stays_and_gone_when_mended(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    hook = await staff.subscribe(crm)
    await execute(staff.edge, "UPDATE webhooks SET event_types_since = now() - interval '1 hour'")
    sent, lost = erased(), erased()
    imported, stale = erased(origin="import"), erased(time=utcnow() - timedelta(days=30))
    unwanted = staff_changed(staff.admin.id, "agent")
    await hear(staff.edge, sent, lost, imported, stale, unwanted)
    assert await compare(staff.edge, NOON) == []

    gone = await execute(
        staff.edge,
        "DELETE FROM webhook_deliveries WHERE message_id = :id RETURNING *",
        id=lost.id,
    )
    (found,) = await compare(staff.edge, NOON + timedelta(hours=1))
    assert (found["book"], found["problem"]) == ("deliveries", "undelivered")
    assert found["key"] == f"{hook['id']}/{lost.id}"
    assert await notices(staff.edge) == []

    (still,) = await compare(staff.edge, NOON + timedelta(hours=2))
    assert (still["id"], still["first_seen_at"]) == (found["id"], found["first_seen_at"])
    assert set(await notices(staff.edge)) == {"books_differ"}

    names = ", ".join(gone)
    marks = ", ".join(f":{name}" for name in gone)
    await execute(
        staff.edge,
        f"INSERT INTO webhook_deliveries ({names}) VALUES ({marks})",  # noqa: S608 - names of columns
        **gone,
    )
    assert await compare(staff.edge, NOON + timedelta(hours=3)) == []


async def test_after_a_restore_only_what_was_taken_back_needs_no_delivery(
    edges: Edges, crm: Partner
) -> None:
    """Tickets were set back: neither its later events nor those of others are excused by it."""
    staff = await desk(edges)
    await staff.subscribe(crm, "customer.erased", "notification.delivered")
    await execute(staff.edge, "UPDATE webhooks SET event_types_since = now() - interval '1 hour'")
    first, kept, void = new_id(), erased(), erased()
    delivered = NotificationDelivered(
        notification_id=new_id(),
        template="survey_invitation",
        reference_kind="survey_invitation",
        reference_id=new_id(),
        channel="email",
        delivered_at=utcnow(),
    )
    foreign = message_of(delivered, delivered.notification_id, sender="integrations")
    said = EventsVoided(
        service="tickets", before_epoch=2, first=first, last=LAST_ID, kept=(kept.id,)
    )
    statement, later = message_of(said, new_id(), epoch=2), erased(epoch=2)
    for one in (kept, void, foreign, statement, later):
        await hear(staff.edge, one)
    assert await compare(staff.edge, NOON) == []

    await execute(staff.edge, "DELETE FROM webhook_deliveries")
    found = await compare(staff.edge, NOON + timedelta(hours=1))
    lost = {one["key"].partition("/")[2] for one in found}
    assert lost == {str(one.id) for one in (kept, foreign, later)}


async def test_what_was_heard_before_a_subscription_wanted_it_is_no_difference(
    edges: Edges, crm: Partner
) -> None:
    staff = await desk(edges)
    hook = await staff.subscribe(crm, "customer.erased")
    await hear(staff.edge, staff_changed(staff.admin.id, "agent"))
    await execute(staff.edge, "UPDATE inbox SET handled_at = handled_at + interval '2 minutes'")
    changes = {"event_types": ["staff.changed"], "version": hook["version"]}
    await staff.does(f"/api/v1/webhooks/{hook['id']}/update", changes)
    await execute(staff.edge, "UPDATE inbox SET handled_at = handled_at - interval '2 minutes'")
    assert await compare(staff.edge, NOON) == []
    await execute(staff.edge, "UPDATE webhooks SET event_types_since = now() - interval '1 hour'")
    assert len(await compare(staff.edge, NOON + timedelta(hours=1))) == 1


async def notices(edge: Edge) -> list[str]:
    async with edge.database.transaction() as session:
        return list(await session.scalars(select(staff_notices.c.template)))
