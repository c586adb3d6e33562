"""The HTTP shapes of deliveries: what became of each, and its shape without its values."""

from datetime import datetime
from itertools import islice
from typing import Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue

from services.integrations.inbound.delivery_queries import InboundDelivery
from services.integrations.inbound.mapping_schemas import EXAMPLE, InboundMapping
from services.integrations.inbound.pointer_rules import MalformedBodyError, parsed, shape_of
from services.integrations.inbound.vocabulary import DeliveryState, Misfit, RecordKind
from shared.logs import mask
from shared.texts import RequestModel, example

MOST_PLACES: Final = 300
"""Enough to mend a mapping by; a body may have a hundred thousand."""

LONGEST_PLACE: Final = 200


class InboundReceipt(BaseModel):
    """What a sender is told: taken in, or known already."""

    status: Literal["accepted", "duplicate"]


class InboundDeliveryOut(BaseModel):
    """How far a delivery is: `pointer` says where in its body, `field` for what of ours."""

    id: UUID
    source: str
    delivery_key: str
    state: DeliveryState
    attempts: int
    reason: str | None
    pointer: str | None
    field: str | None
    record: str | None
    result: str | None
    record_id: UUID | None
    received_at: datetime
    updated_at: datetime
    body_kept: bool


class BodyPlace(BaseModel):
    """One place in a body and what kind of value stands there."""

    pointer: str
    type: str


class InboundDeliveryDetail(InboundDeliveryOut):
    """The same with the shape of its body; its values may be personal and are not shown."""

    shape: list[BodyPlace]


class MappingTrial(RequestModel):
    """A body of your own making, and the mapping to try instead of the saved one."""

    model_config = example(
        body={
            "type": "contact.created",
            "timestamp": "2026-11-23T08:59:58Z",
            "data": {"id": 10023, "name": "示例客户", "level": "VIP"},
        },
        mapping=EXAMPLE,
    )

    body: JsonValue
    mapping: InboundMapping | None = None


class MappingTrialOut(BaseModel):
    """What a body would become: a record with our fields, nothing, or why it does not fit."""

    outcome: Literal["record", "ignored", "rejected"]
    record: RecordKind | None = None
    fields: dict[str, JsonValue] = Field({}, description="Our fields, as tickets would get them")
    reason: Misfit | None = None
    pointer: str | None = None
    field: str | None = None


def delivery_out(delivery: InboundDelivery) -> InboundDeliveryOut:
    """Return a delivery without its body."""
    return InboundDeliveryOut(**_plain(delivery))


def delivery_detail(delivery: InboundDelivery, body: bytes | None) -> InboundDeliveryDetail:
    """Return a delivery with the shape of its body."""
    return InboundDeliveryDetail(**_plain(delivery), shape=_shape(body))


def _plain(delivery: InboundDelivery) -> dict[str, Any]:
    names = set(InboundDeliveryOut.model_fields) - {"body_kept"}
    kept = {"body_kept": delivery.sealed is not None}
    return {name: getattr(delivery, name) for name in names} | kept


def _shape(body: bytes | None) -> list[BodyPlace]:
    if body is None:
        return []
    try:
        places = islice(shape_of(parsed(body)), MOST_PLACES)
    except MalformedBodyError:
        return []
    return [BodyPlace(pointer=_shown(pointer), type=kind) for pointer, kind in places]


def _shown(pointer: str) -> str:
    """Return a pointer as it can be shown: a name in a body may be somebody's number."""
    return mask(pointer[:LONGEST_PLACE].encode(errors="replace").decode())
