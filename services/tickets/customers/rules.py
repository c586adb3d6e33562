"""How an address is written so that the same one is always found."""

import re
from enum import StrEnum

from shared.errors import InvalidError

ENDING_DIGITS = 4
"""A customer on the phone says the last four digits; fewer would find half the town."""


class ContactKind(StrEnum):
    """Ways to reach a customer."""

    EMAIL = "email"
    PHONE = "phone"


class Grade(StrEnum):
    """How much attention a customer was promised."""

    BASIC = "basic"
    STANDARD = "standard"
    HIGH_VALUE = "high_value"


class Language(StrEnum):
    """Chinese or English."""

    ZH = "zh"
    EN = "en"


def normalise(kind: ContactKind, value: str) -> str:
    """Return an address in its one form: a phone as +digits (China if no country is said), an
    e-mail address in small letters. Raises InvalidError when it cannot be one."""
    if kind is ContactKind.EMAIL:
        address = value.strip().lower()
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", address):
            raise InvalidError("invalid_email", "That is not an e-mail address.")
        return address
    digits = re.sub(r"[\s()\-.]", "", value)
    digits = re.sub(r"^00", "+", digits)
    if not digits.startswith("+"):
        digits = f"+86{digits.removeprefix('0')}"
    if not re.fullmatch(r"\+[1-9]\d{5,14}", digits):
        raise InvalidError("invalid_phone", "That is not a phone number.")
    return digits


def ending_of(kind: ContactKind, value: str) -> str | None:
    """Return the last digits of a normalised phone number, by which it is asked for."""
    return value[-ENDING_DIGITS:] if kind is ContactKind.PHONE else None


def masked(kind: ContactKind, value: str) -> str:
    """Return an address that a colleague recognises and nobody else can use."""
    if kind is ContactKind.EMAIL:
        name, _, domain = value.partition("@")
        return f"{name[:1]}***@{domain}"
    return f"{value[:-8]}****{value[-4:]}"
