"""The categories that an installation begins with (requirement T-04)."""

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import insert

from services.tickets.categories.tables import categories
from shared.contracts.tickets import CategoryChanged
from shared.database import Session
from shared.outbox.emit import Saying, emit

NAMESPACE = UUID("0192d7a4-5c3e-7b1a-9c46-1f2d3e4a5b6c")
"""Shipped rows have the same ids in every installation, so figures can be compared."""

SHIPPED = (
    ("response_speed", "响应速度", "Response speed"),
    ("attitude", "服务态度", "Attitude"),
    ("skill", "服务技能", "Skill"),
    ("process", "流程与转接", "Process and hand-overs"),
    ("product_price", "产品与价格", "Product and price"),
    ("billing", "账单与系统", "Billing and systems"),
    ("safety", "安全", "Safety"),
    ("queue_environment", "排队与环境", "Queues and environment"),
)


async def seed_categories(session: Session, now: datetime) -> None:
    """Add the shipped categories that are not there yet and tell of them."""
    added = await session.scalars(
        insert(categories)
        .values(
            [
                {
                    "id": uuid5(NAMESPACE, code),
                    "code": code,
                    "name_zh": name_zh,
                    "name_en": name_en,
                    "active": True,
                }
                for code, name_zh, name_en in SHIPPED
            ]
        )
        .on_conflict_do_nothing()
        .returning(categories.c.code)
    )
    new = set(added)
    sayings = [
        Saying(
            CategoryChanged(
                category_id=uuid5(NAMESPACE, code),
                code=code,
                name_zh=name_zh,
                name_en=name_en,
                active=True,
            ),
            subject=uuid5(NAMESPACE, code),
            sequence=1,
            time=now,
        )
        for code, name_zh, name_en in SHIPPED
        if code in new
    ]
    await emit(session, *sayings)
