"""The HTTP shape of a signature scheme."""

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.integrations.inbound.mapping_schemas import Pointer
from services.integrations.inbound.scheme_rules import wrong_with_template
from services.integrations.inbound.vocabulary import Encoding, TimestampUnit, Verifier
from shared.texts import RequestModel

Header = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[A-Za-z0-9-]{1,64}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,32}$")]


class SignatureShape(RequestModel):
    """Where the HMAC-SHA256 stands and what it covers, such as `{timestamp}.{body}`."""

    header: Header
    encoding: Encoding = Encoding.HEX
    prefix: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{0,32}$")] = ""
    key: Annotated[Key | None, Field(description="Of the header's `key=value` pairs")] = None
    template: Annotated[str, StringConstraints(min_length=6, max_length=200)] = "{body}"


class TimestampShape(RequestModel):
    """Where the signed instant stands: a header of its own, or a pair of the signature's."""

    unit: TimestampUnit = TimestampUnit.SECONDS
    header: Header | None = None
    key: Key | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.header is None) == (self.key is None):
            raise PydanticCustomError("timestamp_place", "Give a header or a key.")
        return self


class SignatureScheme(RequestModel):
    """How a source signs: Standard Webhooks, or an HMAC of its own with or without an instant.

    `id_pointer` names a delivery inside of its body; repetitions are known by it.
    """

    verifier: Verifier = Verifier.STANDARD_WEBHOOKS
    signature: SignatureShape | None = None
    timestamp: TimestampShape | None = None
    id_pointer: Pointer | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        hmac, timed = self.signature is not None, self.timestamp is not None
        if hmac != (self.verifier is not Verifier.STANDARD_WEBHOOKS):
            raise PydanticCustomError("scheme_signature", "An HMAC scheme says its signature.")
        if timed != (self.verifier is Verifier.HMAC_TIMESTAMP):
            raise PydanticCustomError("scheme_timestamp", "hmac_timestamp says its timestamp.")
        if self.signature is not None:
            wrong = wrong_with_template(self.signature.template, timestamped=timed)
            if wrong is not None:
                raise PydanticCustomError("scheme_template", wrong)
        return self

    @property
    def document(self) -> dict[str, Any]:
        """Return the scheme as it is kept."""
        return self.model_dump(mode="json")
