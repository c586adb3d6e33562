"""Texts and models of requests: kept exactly as they come, or refused at the edge.

NUL and lone surrogates pass Pydantic's `str` and fail later, in the database or in the answer.
"""

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints
from pydantic_core import PydanticCustomError

NOT_STORABLE: Final = re.compile("[\x00\ud800-\udfff]")

LINE_LENGTH = 200
TEXT_LENGTH = 20_000
"""The longest complaint that we have seen has some 8,000 characters."""


def storable(value: str) -> str:
    """Return the text. Raises a validation error for NUL and lone surrogates."""
    if NOT_STORABLE.search(value):
        raise PydanticCustomError("text_not_storable", "The text has characters that no text has.")
    return value


def not_blank(value: str) -> str:
    """Return the text as it is. Raises a validation error when there is nothing to read in it."""
    if not value.strip():
        raise PydanticCustomError("text_blank", "The text is blank.")
    return value


def one_line(value: str) -> str:
    """Return the text. Raises a validation error when it has more than one line."""
    if len(value.splitlines()) > 1:
        raise PydanticCustomError("text_one_line", "The text must be one line.")
    return value


Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=LINE_LENGTH),
    AfterValidator(storable),
    AfterValidator(not_blank),
    AfterValidator(one_line),
]
"""One line, such as a name or a subject."""

Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=TEXT_LENGTH),
    AfterValidator(storable),
    AfterValidator(not_blank),
]
"""What people write, with line breaks."""


def example(**fields: Any) -> ConfigDict:
    """Return the configuration of a model whose document shows fields as a front-end sends them."""
    return ConfigDict(json_schema_extra={"examples": [fields]})


class RequestModel(BaseModel):
    """The body of a request; a field that nobody knows is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")
