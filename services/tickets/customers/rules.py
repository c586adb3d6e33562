"""How an address is written so that the same one is always found."""

import re
import unicodedata
from enum import StrEnum

from shared.errors import InvalidError
from shared.masking import masked_email, masked_phone

ENDING_DIGITS = 4
"""A customer on the phone says the last four digits; fewer would find half the town."""

CHINESE_WITHOUT_PLUS = re.compile(r"860?[0-9]{10,11}")
"""A number without its country has at most 11 digits, and no area begins with 86."""


class ContactKind(StrEnum):
    """Ways to reach a customer."""

    EMAIL = "email"
    PHONE = "phone"
    WECHAT_OPENID = "wechat_openid"


class RevealReason(StrEnum):
    """Why somebody looks at a customer's addresses."""

    CALL_CUSTOMER = "call_customer"
    VERIFY_IDENTITY = "verify_identity"
    CORRECT_RECORD = "correct_record"


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
    """Return an address in its one form: a phone as +digits, an e-mail address in small letters.

    An openid is WeChat's own and stays as it is. Raises InvalidError when it cannot be one.
    """
    if kind is ContactKind.WECHAT_OPENID:
        return _openid(value)
    plain = unicodedata.normalize("NFKC", value)  # a Chinese keyboard types １３８ and （010）
    return _email(plain) if kind is ContactKind.EMAIL else _phone(plain)


def _openid(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{6,64}", value.strip()):
        raise InvalidError("invalid_openid", "That is not a WeChat openid.")
    return value.strip()


def _email(value: str) -> str:
    address = value.strip().lower()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", address):
        raise InvalidError("invalid_email", "That is not an e-mail address.")
    return address


def _phone(value: str) -> str:
    """Return a number with its country, China when none is said; its trunk zero is not dialled."""
    dialled = re.sub(r"[\s()\-.–—]", "", value)
    number = re.sub(r"^00", "+", dialled)
    if CHINESE_WITHOUT_PLUS.fullmatch(number):
        number = f"+{number}"
    elif not number.startswith("+"):
        number = f"+86{number}"
    number = re.sub(r"^\+860+", "+86", number)
    if not re.fullmatch(r"\+[1-9][0-9]{5,14}", number):
        raise InvalidError("invalid_phone", "That is not a phone number.")
    return number


def ending_of(kind: ContactKind, value: str) -> str | None:
    """Return the last digits of a normalised phone number, by which it is asked for."""
    return value[-ENDING_DIGITS:] if kind is ContactKind.PHONE else None


def masked(kind: ContactKind, value: str) -> str:
    """Return an address that a colleague recognises and nobody else can use."""
    match kind:
        case ContactKind.EMAIL:
            return masked_email(value)
        case ContactKind.PHONE:
            return masked_phone(value)
        case ContactKind.WECHAT_OPENID:
            return f"{value[:2]}****{value[-2:]}"
