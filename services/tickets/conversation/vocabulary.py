"""The words of a conversation."""

from enum import StrEnum


class Visibility(StrEnum):
    """Whether the customer sees it."""

    PUBLIC = "public"
    INTERNAL = "internal"
