"""What partners' systems send is believed or not, received once, mapped, and can be run again."""

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import httpx
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select, text
from standardwebhooks.webhooks import Webhook

from services.integrations.inbound.forget_deliveries import forget_deliveries
from services.integrations.inbound.mapping_schemas import EXAMPLE
from services.integrations.partners.standard_webhooks import signed_headers
from shared.clock import utcnow
from shared.contracts.integrations import CrmAnswer, CrmRecordRefused, CrmRecordTaken
from shared.ids import new_id
from shared.outbox.tables import outbox
from shared.privacy.traces import Traces
from tests.integrations.conftest import Edge
from tests.integrations.letters import hear, message_of
from tests.support.people import VAULT, Person

SOURCES: Final = "/api/v1/inbound-sources"
DELIVERIES: Final = "/api/v1/inbound-deliveries"
CONTACT: Final = {
    "type": "contact.updated",
    "timestamp": "2026-11-23T08:59:58Z",
    "data": {"id": 10023, "name": "王芳", "mobile": "13800138642", "level": "VIP"},
}


@dataclass
class Crm:
    """A partner's system that sends, and who looks after it here."""

    edge: Edge
    admin: Person
    id: str
    slug: str
    secret: str

    async def send(
        self, body: Any = None, *, secret: str | None = None, id: str | None = None, at: int = 0
    ) -> httpx.Response:
        """Sign and send a body; `at` is how many seconds the partner's clock is off."""
        content = body if isinstance(body, bytes) else json.dumps(body or CONTACT).encode()
        timestamp = int(utcnow().timestamp()) + at
        headers = signed_headers([secret or self.secret], id or f"m_{new_id()}", timestamp, content)
        return await self.post(content, headers)

    async def post(self, content: bytes, headers: dict[str, str]) -> httpx.Response:
        return await self.edge.anybody.client.post(
            f"/api/v1/inbound/{self.slug}",
            content=content,
            headers={"Content-Type": "application/json"} | headers,
        )

    async def sweep(self) -> None:
        """Map what was received."""
        sweep = next(one for one in self.edge.service.sweeps if one.name == "inbound")
        while await sweep.run(self.edge.database, utcnow()):
            pass

    async def shown(self, **query: str) -> list[dict[str, Any]]:
        """Return the deliveries as an administrator sees them, newest first."""
        found: list[dict[str, Any]] = (await self.admin.get(DELIVERIES, params=query)).json()[
            "data"
        ]
        return found

    async def sent(self) -> list[dict[str, Any]]:
        """Return the letters to tickets, oldest first."""
        async with self.edge.database.transaction() as session:
            rows = await session.execute(
                select(outbox.c.type, outbox.c.sequence, outbox.c.data)
                .where(outbox.c.recipient == "tickets")
                .order_by(outbox.c.id)
            )
            return [
                {"type": row.type, "attempt": row.sequence}
                | json.loads(VAULT.open_letter("tickets", row.data))
                for row in rows
            ]

    async def rerun(self, delivery: dict[str, Any]) -> httpx.Response:
        return await self.admin.post(f"{DELIVERIES}/{delivery['id']}/rerun")

    async def mend(self, mapping: dict[str, Any]) -> None:
        source = (await self.admin.get(f"{SOURCES}/{self.id}")).json()
        body = {"mapping": mapping, "version": source["version"]}
        assert (await self.admin.post(f"{SOURCES}/{self.id}/update", body)).status_code == 200

    async def answered(self, delivery: dict[str, Any], *, attempt: int = 1, **said: Any) -> None:
        """Let tickets answer: `reason=…` refuses, `result=…` takes."""
        about = {"delivery_id": delivery["id"], "source": self.slug, "record": "customer"}
        answer: CrmAnswer
        if "reason" in said:
            answer = CrmRecordRefused(**about, **said, refused_at=utcnow())
        else:
            taken = {"record_id": new_id(), "result": "created", "taken_at": utcnow()}
            answer = CrmRecordTaken(**about, **(taken | said))
        await hear(self.edge, message_of(answer, UUID(delivery["id"]), sequence=attempt))


@pytest.fixture
async def crm(edge: Edge) -> Crm:
    return await connected(edge)


async def connected(edge: Edge, **differently: Any) -> Crm:
    """Set up a source as an administrator does."""
    await edge.staff("admin")
    admin = await edge.bearing(role="admin")
    body = {
        "slug": "crm-main",
        "name": "客户管理系统",
        "scheme": {"verifier": "standard_webhooks"},
        "mapping": EXAMPLE,
    }
    answer = await admin.post(SOURCES, body | differently)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    secret = made["secret"] or differently["secret"]
    return Crm(edge, admin, made["id"], made["slug"], secret)


def counted(source: str, reason: str) -> float:
    """Return how often somebody was turned away, as whoever watches sees it."""
    labels = {"source": source, "reason": reason}
    return REGISTRY.get_sample_value("inbound_webhook_rejected_total", labels) or 0


async def test_what_the_reference_library_signs_is_accepted_and_sent_on_once(crm: Crm) -> None:
    body, message_id, now = json.dumps(CONTACT, ensure_ascii=False), f"msg_{new_id()}", utcnow()
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(crm.secret).sign(message_id, now, body),
    }
    answers = await asyncio.gather(*(crm.post(body.encode(), headers) for _ in range(20)))
    said = sorted((answer.status_code, answer.json()["status"]) for answer in answers)
    assert said == [(200, "duplicate")] * 19 + [(202, "accepted")]

    await asyncio.gather(*(crm.sweep() for _ in range(5)))

    (letter,) = await crm.sent()
    (delivery,) = await crm.shown()
    assert letter == {
        "type": "crm.customer_received",
        "attempt": 1,
        "delivery_id": delivery["id"],
        "source": "crm-main",
        "external_id": "10023",
        "occurred_at": "2026-11-23T08:59:58Z",
        "name": "王芳",
        "phone": "13800138642",
        "email": None,
        "wechat_openid": None,
        "grade": "high_value",
        "language": None,
        "deleted": False,
    }
    assert (delivery["state"], delivery["delivery_key"]) == ("sent", message_id)
    await crm.answered(delivery, result="created")
    assert [(one["state"], one["result"]) for one in await crm.shown()] == [("taken", "created")]


async def test_who_is_not_believed_is_told_that_and_the_administrator_why(crm: Crm) -> None:
    right = signed_headers([crm.secret], "m_1", int(utcnow().timestamp()), b"{}")
    before = {reason: counted("crm-main", reason) for reason in REASONS}
    turned_away = [
        await crm.send(secret="whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        await crm.post(b'{"changed": 1}', right),
        await crm.send(at=-301),
        await crm.send(at=302),
        await crm.post(b"{}", {}),
        await crm.post(b"{}", right | {"webhook-timestamp": "soon"}),
        await crm.post(b"{}", right | {"webhook-signature": "v1,%%% garbage"}),
    ]
    said = [(a.status_code, {k: v for k, v in a.json().items() if k != "trace_id"})
            for a in turned_away]  # fmt: skip
    assert all(one == said[0] for one in said)
    assert said[0][0] == 401
    assert said[0][1]["code"] == "signature_refused"
    assert await crm.shown() == []

    seen = (await crm.admin.get(f"{SOURCES}/{crm.id}/refusals")).json()["data"]
    assert {one["reason"]: one["attempts"] for one in seen} == REASONS
    after = {reason: counted("crm-main", reason) for reason in REASONS}
    assert {reason: after[reason] - before[reason] for reason in REASONS} == REASONS
    assert (await crm.send()).status_code == 202


REASONS: Final = {
    "signature_wrong": 3,
    "timestamp_outside": 2,
    "headers_missing": 1,
    "headers_malformed": 1,
}


async def test_what_is_too_large_or_no_json_is_refused_before_anything_else(crm: Crm) -> None:
    large = json.dumps({"type": "x", "text": "a" * 262_144}).encode()
    assert (await crm.send(large)).status_code == 413
    fits = json.dumps({"type": "x", "text": "a" * 200_000}).encode()
    assert (await crm.send(fits)).status_code == 202
    for media_type in ("text/plain", "application/xml", "", "application/jsonp"):
        refused = await crm.post(b"{}", {"Content-Type": media_type})
        assert (refused.status_code, refused.json()["code"]) == (415, "unsupported_media_type")
    seen = (await crm.admin.get(f"{SOURCES}/{crm.id}/refusals")).json()["data"]
    assert {one["reason"]: one["attempts"] for one in seen} == {"too_large": 1, "content_type": 4}
    headers = signed_headers([crm.secret], "m_9", int(utcnow().timestamp()), b"{}")
    for media_type in ("application/json; charset=utf-8", "application/cloudevents+json"):
        taken = await crm.post(b"{}", headers | {"Content-Type": media_type})
        assert taken.status_code in {200, 202}


async def test_an_address_that_is_unknown_or_switched_off_answers_alike(crm: Crm) -> None:
    unknown = await crm.edge.anybody.client.post("/api/v1/inbound/nobody", json={})
    await crm.admin.post(f"{SOURCES}/{crm.id}/update", {"active": False, "version": 1})
    off = await crm.send()
    odd = [
        await crm.edge.anybody.client.post(f"/api/v1/inbound/{slug}", json={})
        for slug in ("%00", "%ff", "张", "a" * 500, "CRM-MAIN", "crm-main%0a")
    ]
    for answer in (unknown, off, *odd):
        assert answer.status_code == 404
        assert answer.json()["code"] == "inbound_source_not_found"
        assert answer.headers["content-type"] == "application/problem+json"
    assert await crm.shown() == []


async def test_while_a_secret_is_replaced_both_are_believed(crm: Crm) -> None:
    path = f"{SOURCES}/{crm.id}/rotate-secret"
    second = (await crm.admin.post(path, {"grace_hours": 1})).json()["secret"]
    assert [(await crm.send(secret=s)).status_code for s in (crm.secret, second)] == [202, 202]
    third = (await crm.admin.post(path, {"grace_hours": 1})).json()["secret"]
    held = [(await crm.send(secret=s)).status_code for s in (crm.secret, second, third)]
    assert held == [401, 202, 202]
    last = (await crm.admin.post(path, {"grace_hours": 0})).json()["secret"]
    assert [(await crm.send(secret=s)).status_code for s in (third, last)] == [401, 202]
    weak = await crm.admin.post(path, {"secret": "whsec_c2hvcnQ="})
    assert (weak.status_code, weak.json()["code"]) == (422, "weak_secret")


async def test_what_does_not_fit_is_seen_without_its_values_and_run_when_the_mapping_is_mended(
    crm: Crm,
) -> None:
    body = {**CONTACT, "data": {**CONTACT["data"], "level": "PLATINUM", "13800138642": 1}}  # type: ignore[dict-item]
    strict = json.loads(json.dumps(EXAMPLE))
    del strict["customers"][0]["fields"]["grade"]["default"]
    await crm.mend(strict)
    await crm.send(body)
    await crm.sweep()
    (delivery,) = await crm.shown(state="rejected", source="crm-main")
    assert (delivery["reason"], delivery["pointer"], delivery["field"]) == (
        "value_unknown",
        "/data/level",
        "grade",
    )
    detail = await crm.admin.get(f"{DELIVERIES}/{delivery['id']}")
    assert {"pointer": "/data/level", "type": "string"} in detail.json()["shape"]
    for value in ("王芳", "13800138642", "PLATINUM", "10023"):
        assert value not in detail.text

    strict["customers"][0]["fields"]["grade"]["values"]["PLATINUM"] = "high_value"
    await crm.mend(strict)
    answers = await asyncio.gather(*(crm.rerun(delivery) for _ in range(10)))
    assert {answer.status_code for answer in answers} == {202}
    await crm.sweep()
    assert (await crm.rerun(delivery)).json()["state"] == "sent"
    await crm.sweep()
    (letter,) = await crm.sent()
    assert (letter["grade"], letter["attempt"]) == ("high_value", 2)
    await crm.answered(delivery, attempt=2)
    late = await crm.rerun(delivery)
    assert (late.status_code, late.json()["code"]) == (409, "delivery_taken")


async def test_what_tickets_refuses_can_be_run_again_and_the_last_word_counts(crm: Crm) -> None:
    await crm.send()
    await crm.sweep()
    (delivery,) = await crm.shown()
    await crm.answered(delivery, reason="unknown_grade", field="grade")
    (refused,) = await crm.shown(state="refused")
    assert (refused["reason"], refused["field"]) == ("unknown_grade", "grade")
    assert (await crm.rerun(delivery)).status_code == 202
    await crm.sweep()
    assert [letter["attempt"] for letter in await crm.sent()] == [1, 2]
    await crm.answered(delivery, attempt=2, result="updated")
    await crm.answered(delivery, attempt=1, reason="unknown_grade", field="grade")  # late
    (taken,) = await crm.shown()
    assert (taken["state"], taken["result"], taken["reason"]) == ("taken", "updated", None)


async def test_all_that_a_source_sent_in_vain_is_run_at_once(crm: Crm) -> None:
    for number in range(5):
        await crm.send({"type": "case.opened", "data": {"case_no": number, "title": "多收费"}})
    await crm.send({"type": "invoice.paid"})
    await crm.sweep()
    states = [one["state"] for one in await crm.shown()]
    assert states == ["ignored"] + ["rejected"] * 5
    mended = json.loads(json.dumps(EXAMPLE))
    mended["complaints"][0]["fields"]["description"] = {"constant": "见来源系统"}
    await crm.mend(mended)
    path, key = f"{SOURCES}/{crm.id}/rerun", str(new_id())
    answers = [await crm.admin.post(path, key=key) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"rerun": 5}] * 2
    await crm.sweep()
    letters = await crm.sent()
    assert [letter["external_id"] for letter in letters] == ["0", "1", "2", "3", "4"]
    assert {letter["description"] for letter in letters} == {"见来源系统"}


@pytest.mark.parametrize(
    "body", [b"not json", b"\xff\xfe", b"[" * 50_000, b'{"type": NaN}', b""], ids=repr
)
async def test_a_signed_body_that_is_no_json_is_rejected_and_holds_up_nothing(
    crm: Crm, body: bytes
) -> None:
    assert (await crm.send(body)).status_code == 202
    assert (await crm.send()).status_code == 202
    await crm.sweep()
    good, bad = await crm.shown()
    assert (good["state"], bad["state"], bad["reason"]) == ("sent", "rejected", "body_malformed")
    assert (await crm.admin.get(f"{DELIVERIES}/{bad['id']}")).json()["shape"] == []


async def test_a_body_that_nobody_foresaw_holds_up_nothing(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    await crm.send()
    with monkeypatch.context() as patch:
        patch.setattr("services.integrations.inbound.map_deliveries.map_body", broken)
        await crm.sweep()
    (one,) = await crm.shown()
    assert (one["state"], one["reason"]) == ("rejected", "mapping_failed")
    assert (await crm.rerun(one)).status_code == 202
    await crm.sweep()
    assert [d["state"] for d in await crm.shown()] == ["sent"]


async def test_a_signature_that_is_sent_again_as_something_new_changes_nothing(edge: Edge) -> None:
    secret = "It's a Secret to Everybody"
    scheme = {
        "verifier": "hmac_body",
        "signature": {"header": "X-Hub-Signature-256", "prefix": "sha256="},
    }
    crm = await connected(edge, slug="github", scheme=scheme, secret=secret)
    mac = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    headers = {"X-Hub-Signature-256": f"sha256={mac}"}
    answers = [
        await crm.post(b"Hello, World!", headers | {"X-GitHub-Delivery": str(new_id())})
        for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [202, 200, 200]
    assert len(await crm.shown()) == 1


async def test_a_body_says_what_it_would_become_without_becoming_it(crm: Crm) -> None:
    path = f"{SOURCES}/{crm.id}/try"
    record = (await crm.admin.post(path, {"body": CONTACT})).json()
    assert (record["outcome"], record["record"]) == ("record", "customer")
    assert (record["fields"]["external_id"], record["fields"]["grade"]) == ("10023", "high_value")
    ignored = (await crm.admin.post(path, {"body": {"type": "invoice.paid"}})).json()
    assert ignored["outcome"] == "ignored"
    mapping = {"customers": [{"fields": {"external_id": {"path": "/uid"}}}]}
    rejected = (await crm.admin.post(path, {"body": CONTACT, "mapping": mapping})).json()
    assert (rejected["outcome"], rejected["reason"], rejected["pointer"]) == (
        "rejected",
        "value_missing",
        "/uid",
    )
    await crm.sweep()
    assert (await crm.shown(), await crm.sent()) == ([], [])


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"slug": "CRM"}, "/slug"),
        ({"slug": "feedback"}, "/slug"),
        ({"slug": "partner-1"}, "/slug"),
        ({"mapping": {"customers": [{"fields": {"score": {"path": "/s"}}}]}},
         "/mapping/customers/0/fields/score"),
        ({"scheme": {"verifier": "hmac_body"}}, "/scheme"),
        ({"scheme": {"verifier": "hmac_timestamp", "signature": {"header": "x"}}}, "/scheme"),
        ({"scheme": {"verifier": "hmac_body", "signature": {"header": "x", "template": "{url}x"}}},
         "/scheme"),
        ({"scheme": {"verifier": "hmac_body",
                     "signature": {"header": "x", "template": "{timestamp}{body}"}}}, "/scheme"),
        ({"scheme": {"verifier": "none"}}, "/scheme/verifier"),
        ({"secret": "短"}, "/secret"),
    ],
)  # fmt: skip
async def test_a_source_without_sense_is_not_saved(
    crm: Crm, wrong: dict[str, Any], pointer: str
) -> None:
    body = {"slug": "other", "name": "x", "scheme": {}, "mapping": EXAMPLE} | wrong
    refused = await crm.admin.post(SOURCES, body)
    assert refused.status_code == 422
    assert pointer in [error["pointer"] for error in refused.json()["errors"]]
    assert len((await crm.admin.get(SOURCES)).json()["data"]) == 1


async def test_an_address_belongs_to_one_source_and_a_stale_change_to_none(crm: Crm) -> None:
    body = {"slug": "crm-main", "name": "x", "scheme": {}, "mapping": EXAMPLE}
    twins = await asyncio.gather(*(crm.admin.post(SOURCES, body) for _ in range(5)))
    assert {(a.status_code, a.json()["code"]) for a in twins} == {(409, "inbound_slug_taken")}
    path = f"{SOURCES}/{crm.id}"
    changed = await crm.admin.client.patch(path, json={"name": "新名"}, headers={"If-Match": '"1"'})
    assert (changed.json()["name"], changed.headers["etag"]) == ("新名", '"2"')
    assert (await crm.admin.client.patch(path, json={"name": "x"})).status_code == 428
    stale = await crm.admin.client.patch(path, json={"name": "x", "version": 1})
    assert stale.status_code == 412


async def test_secrets_and_bodies_stand_nowhere_in_clear_text(crm: Crm) -> None:
    await crm.send()
    await crm.sweep()
    assert "whsec_" not in (await crm.admin.get(f"{SOURCES}/{crm.id}")).text
    async with crm.edge.database.transaction() as session:
        tables = await session.scalars(
            text("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        )
        for table in tables.all():
            rows = await session.scalars(
                text(f"SELECT t::text FROM {table} t")  # noqa: S608 - a name from the catalogue
            )
            whole = json.dumps(rows.all(), ensure_ascii=False)
            for secret in (crm.secret, "王芳", "13800138642"):
                assert secret not in whole, table


async def test_bodies_go_after_their_time_and_cannot_be_run_then(crm: Crm) -> None:
    await crm.send({"type": "case.opened", "data": {"case_no": 1}})
    await crm.sweep()
    (rejected,) = await crm.shown()
    sweep = next(one for one in crm.edge.service.sweeps if one.name == "inbound_bodies")
    assert await sweep.run(crm.edge.database, utcnow() + timedelta(days=29)) == 0
    assert await sweep.run(crm.edge.database, utcnow() + timedelta(days=31)) == 1
    (kept,) = await crm.shown()
    assert (kept["state"], kept["body_kept"]) == ("rejected", False)
    gone = await crm.rerun(rejected)
    assert (gone.status_code, gone.json()["code"]) == (409, "delivery_body_gone")


async def test_what_was_sent_about_one_customer_is_forgotten_and_about_nobody_else(
    crm: Crm,
) -> None:
    customer = new_id()
    await crm.send()
    await crm.sweep()
    (taken,) = await crm.shown()
    await crm.answered(taken, customer_id=customer)
    later = {**CONTACT, "timestamp": "2026-11-24T08:00:00Z", "data": {"id": 10023, "name": "王方"}}
    await crm.send(later)
    await crm.sweep()
    await crm.send({"type": "case.opened", "data": {"note": "请回电 138-0013-8642"}})
    await crm.send({**CONTACT, "data": {"id": 5, "name": "李雷"}})
    await crm.sweep()
    traces = Traces(customer, addresses=frozenset({"+8613800138642"}))
    async with crm.edge.database.transaction() as session:
        forgotten = await forget_deliveries(session, VAULT, traces)
    kept = [one["body_kept"] for one in await crm.shown()]
    assert kept == [True, False, False, False]
    assert len(forgotten) == 3
    async with crm.edge.database.transaction() as session:
        assert await forget_deliveries(session, VAULT, traces) == frozenset()


@pytest.mark.parametrize("role", ["agent", "supervisor", "manager", "operator", "auditor"])
async def test_sources_are_the_administrators(crm: Crm, role: str) -> None:
    await crm.send({"type": "case.opened", "data": {}})
    await crm.sweep()
    (delivery,) = await crm.shown()
    await crm.edge.staff(role)
    person = await crm.edge.bearing(role=role)
    path, of_delivery = f"{SOURCES}/{crm.id}", f"{DELIVERIES}/{delivery['id']}"
    asked = [
        await person.get(p) for p in (SOURCES, path, f"{path}/refusals", DELIVERIES, of_delivery)
    ]
    body = {"slug": "other", "name": "x", "scheme": {}, "mapping": EXAMPLE}
    tried = [
        await person.post(SOURCES, body),
        await person.post(f"{path}/update", {"active": False, "version": 1}),
        await person.post(f"{path}/rotate-secret", {}),
        await person.post(f"{path}/try", {"body": {}}),
        await person.post(f"{path}/rerun"),
        await person.post(f"{of_delivery}/rerun"),
    ]
    assert {answer.status_code for answer in (*asked, *tried)} == {403}
