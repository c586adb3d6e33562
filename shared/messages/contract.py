"""What a message may look like: events carry no free text, letters go to one recipient."""

from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
"""An enum as an open string: a consumer accepts values that it does not know yet."""

Title = Annotated[str, StringConstraints(min_length=1, max_length=80)]
"""The name that the organisation gave to a thing of its own, such as a team or a category; the
only text in events. Never a person's name, and nothing that a customer wrote."""


class Origin(StrEnum):
    """Where a fact comes from; only `live` has effects on people and partners."""

    LIVE = "live"
    IMPORT = "import"
    REPLAY = "replay"
    DEMO = "demo"


class Contract(BaseModel):
    """The data of a message: `TYPE` and `VERSION` name it for ever, `SENDERS` may say it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str]
    VERSION: ClassVar[int] = 1
    SENDERS: ClassVar[tuple[str, ...]]

    @classmethod
    def key(cls) -> str:
        """Return the routing key and schema name, such as `ticket.closed.v1`."""
        return f"{cls.TYPE}.v{cls.VERSION}"


class Event(Contract):
    """A fact for everybody: ids, codes, numbers and instants only."""


class Letter(Contract):
    """A message for exactly one service; its body is encrypted for it and may carry texts."""

    RECIPIENT: ClassVar[str]


class Envelope(BaseModel):
    """CloudEvents 1.0 attributes with CareLoop's extensions; `data` is the message itself."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Annotated[str, StringConstraints(pattern=r"^1\.0$")] = "1.0"
    id: UUID
    source: str
    type: str
    subject: UUID
    time: AwareDatetime
    datacontenttype: str = "application/json"
    dataschema: str
    sequence: int = Field(ge=0)
    epoch: int = Field(ge=1)
    origin: str
    correlationid: str
    causationid: UUID | None = None
    traceparent: str | None = None
    data: dict[str, JsonValue]
