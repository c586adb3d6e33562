"""What administrators set up for partners is in the audit trail with before and after."""

from typing import Any, Final

from sqlalchemy import text

from services.integrations.inbound.mapping_schemas import EXAMPLE
from tests.integrations.conftest import Edges
from tests.integrations.outgoing import HOOKS, Desk, desk, hired
from tests.support.partner import Partner

OFFICE: Final = "203.0.113.7"
PARTNERS, SOURCES = "/api/v1/partners", "/api/v1/inbound-sources"


async def trail(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    """Return what was done, and which values it changed, oldest first."""
    auditor = await hired(desk.edge, "auditor")
    lines = (await auditor.get("/api/v1/integrations/audit")).json()["data"]
    assert {line["address"] for line in lines} == {OFFICE}
    return [
        (line["action"], {name: tuple(one.values()) for name, one in line["changes"].items()})
        for line in reversed(lines)
    ]


async def moved(edges: Edges) -> Desk:
    there = await desk(edges)
    return Desk(there.edge, there.edge.people.at(OFFICE, there.admin))


async def test_what_a_partner_may_is_told_before_and_after(edges: Edges) -> None:
    there = await moved(edges)
    partner = await there.does(PARTNERS, {"name": "电商平台", "scopes": ["tickets:write"]})
    both = ["customers:write", "tickets:write"]
    await there.does(f"{PARTNERS}/{partner['id']}/update", {"scopes": both, "version": 1})
    turned = await there.does(f"{PARTNERS}/{partner['id']}/rotate-secret", {})
    assert await trail(there) == [
        (
            "partner.added",
            {
                "active": (None, True),
                "name": (None, "电商平台"),
                "scopes": (None, ["tickets:write"]),
            },
        ),
        ("partner.changed", {"scopes": (["tickets:write"], both)}),
        ("partner.secret_replaced", {}),
    ]
    await nothing_secret(there, partner["client_secret"], turned["client_secret"])


async def test_how_a_source_is_read_is_told_before_and_after(edges: Edges) -> None:
    there = await moved(edges)
    scheme = {"verifier": "standard_webhooks"}
    body = {"slug": "crm-main", "name": "客户系统", "scheme": scheme, "mapping": EXAMPLE}
    source = await there.does(SOURCES, body)
    await there.does(f"{SOURCES}/{source['id']}/update", {"active": False, "version": 1})
    (_, added), change = await trail(there)
    assert added["mapping"][1]["kind"] == EXAMPLE["kind"]
    assert added["scheme"][1]["verifier"] == scheme["verifier"]
    assert change == ("inbound_source.changed", {"active": (True, False)})
    await nothing_secret(there, source["secret"])


async def test_where_events_go_is_told_without_the_address(edges: Edges) -> None:
    there = await moved(edges)
    crm = Partner(port=9)
    hook = await there.subscribe(crm, path="/hook?key=open-sesame")
    url = crm.url("/hook?key=open-barley")
    await there.does(f"{HOOKS}/{hook['id']}/update", {"url": url, "version": 1})
    types = {"description": None, "event_types": ["ticket.closed"], "version": 2}
    await there.does(f"{HOOKS}/{hook['id']}/update", types)
    assert await trail(there) == [
        ("webhook.created", {"event_types": (None, ["customer.erased"]), "url": (None, "***")}),
        ("webhook.changed", {"url": ("***", "***")}),
        ("webhook.changed", {"event_types": (["customer.erased"], ["ticket.closed"])}),
    ]
    await nothing_secret(there, "open-sesame", "open-barley", hook["secret"])


async def nothing_secret(there: Desk, *secrets: str) -> None:
    async with there.edge.database.transaction() as session:
        kept = " ".join(await session.scalars(text("SELECT audit_entry::text FROM audit_entry")))
    assert [secret for secret in secrets if secret in kept] == []
