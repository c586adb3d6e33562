"""Forms as browsers and OAuth clients send them."""

from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

FORM: Final = "application/x-www-form-urlencoded"

MOST_FIELDS: Final = 20
"""A grant has four; more is not a form of ours."""


class FormError(Exception):
    """The body is not a form that can be understood in one way only."""


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a request's form. Raises FormError."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != FORM:
        raise FormError(f"Send {FORM}.")
    try:
        text = (await request.body()).decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise FormError("The form cannot be read.") from error
    fields = dict(pairs)
    if len(fields) != len(pairs) or any("\x00" in value for value in fields.values()):
        raise FormError("A field is there twice, or holds a NUL.")
    return fields
