"""The HTTP shape of a mapping: checked when it is saved, so that it is only data afterwards."""

from collections import Counter
from typing import Annotated, Any, Final, Generic, Self, TypeVar, cast

from pydantic import Field, StrictBool, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.integrations.inbound.mapping_rules import MappingDocument
from services.integrations.inbound.vocabulary import TimestampUnit
from shared.texts import Line, RequestModel, example

Value = TypeVar("Value")

MOST_RULES = 50
MOST_VALUES = 200

Pointer = Annotated[str, StringConstraints(pattern=r"^(/([^~/]|~[01])*)+$", max_length=500)]
"""A JSON Pointer (RFC 6901) to a value inside of a body."""


EXAMPLE: Final[dict[str, Any]] = {
    "kind": "/type",
    "customers": [
        {
            "values": ["contact.created", "contact.updated"],
            "fields": {
                "external_id": {"path": "/data/id"},
                "occurred_at": {"path": "/timestamp"},
                "name": {"path": "/data/name"},
                "phone": {"path": "/data/mobile"},
                "grade": {
                    "path": "/data/level",
                    "values": {"VIP": "high_value"},
                    "default": "standard",
                },
            },
        }
    ],
    "complaints": [
        {
            "values": ["case.opened"],
            "fields": {
                "external_id": {"path": "/data/case_no"},
                "customer_external_id": {"path": "/data/contact_id"},
                "channel": {"constant": "phone"},
                "subject": {"path": "/data/title"},
                "description": {"path": "/data/text"},
            },
        }
    ],
}


class _Source(RequestModel, Generic[Value]):
    path: Pointer | None = None
    constant: Value | None = None
    values: dict[Line, Value] | None = Field(None, min_length=1, max_length=MOST_VALUES)
    default: Value | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.path is None) == (self.constant is None):
            raise PydanticCustomError("field_origin", "Give a path or a constant.")
        if self.path is None and (self.values is not None or self.default is not None):
            raise PydanticCustomError("field_origin", "A constant is not translated.")
        return self


class FieldSource(_Source[Line]):
    """Where a field's value comes from: `path` into the body, or a `constant`.

    `values` translates the partner's words, by how JSON writes them; `default` stands in for what
    is missing, null, blank, or not among them.
    """

    model_config = example(path="/data/level", values={"VIP": "high_value"}, default="standard")


class FlagSource(_Source[StrictBool]):
    """Where a yes or no comes from; `values` may translate the partner's word for it."""

    model_config = example(path="/data/status", values={"closed": True}, default=False)


class InstantSource(RequestModel):
    """Where the instant stands as of which a record is so, and how it is written."""

    model_config = example(path="/timestamp", unit="iso8601")

    path: Pointer
    unit: TimestampUnit = TimestampUnit.ISO8601


class CustomerFields(RequestModel):
    """Our fields of a customer; without `occurred_at` the last one received counts."""

    external_id: FieldSource
    occurred_at: InstantSource | None = None
    name: FieldSource | None = None
    phone: FieldSource | None = None
    email: FieldSource | None = None
    wechat_openid: FieldSource | None = None
    grade: FieldSource | None = None
    language: FieldSource | None = None
    deleted: FlagSource | None = None


class ComplaintFields(RequestModel):
    """Our fields of a request; `category` is the code of one."""

    external_id: FieldSource
    occurred_at: InstantSource | None = None
    customer_external_id: FieldSource | None = None
    kind: FieldSource | None = None
    channel: FieldSource | None = None
    priority: FieldSource | None = None
    category: FieldSource | None = None
    subject: FieldSource
    description: FieldSource


class CustomerRule(RequestModel):
    """A body is a customer when its kind is one of `values`."""

    values: list[Line] = Field([])
    fields: CustomerFields


class ComplaintRule(RequestModel):
    """A body is a request when its kind is one of `values`."""

    values: list[Line] = Field([])
    fields: ComplaintFields


class InboundMapping(RequestModel):
    """How bodies become records; a body whose kind no rule names is ignored.

    Without `kind` there is one rule, and it is for every body.
    """

    kind: Pointer | None = None
    customers: list[CustomerRule] = Field([], max_length=MOST_RULES)
    complaints: list[ComplaintRule] = Field([], max_length=MOST_RULES)

    @model_validator(mode="after")
    def _no_two_rules_for_one_body(self) -> Self:
        rules: list[CustomerRule | ComplaintRule] = [*self.customers, *self.complaints]
        named = Counter(value for rule in rules for value in rule.values)
        if not rules:
            raise PydanticCustomError("mapping_rules", "A mapping has at least one rule.")
        if self.kind is None and (len(rules) > 1 or named):
            raise PydanticCustomError("mapping_rules", "Without a kind there is one rule for all.")
        if self.kind is not None and not all(rule.values for rule in rules):
            raise PydanticCustomError("mapping_rules", "Each rule names its kinds.")
        if any(times > 1 for times in named.values()):
            raise PydanticCustomError("mapping_rules", "A kind belongs to one rule.")
        return self

    @property
    def document(self) -> MappingDocument:
        """Return the mapping as it is kept."""
        return cast("MappingDocument", self.model_dump(mode="json", exclude_none=True))
