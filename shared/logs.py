"""Structured logs: one JSON line an entry, with the correlation id, without anybody's secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import orjson
import structlog

from shared.correlation import known_cause

SECRET_KEYS: Final = re.compile(
    r"authorization|token|secret|password|phone|mobile|e?mail|openid|id_card|cookie|recipient",
    re.IGNORECASE,
)

MASK: Final = "***"

LONG_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])\d(?:[ -]?\d){14,17}[ -]?[\dXx](?![0-9A-Za-z])")
"""What may be a resident identity number or a bank card; check digits tell."""

IDENTITY_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
IDENTITY_CHECKS: Final = "10X98765432"
"""GB 11643-1999: the weighted sum of 17 digits, modulo 11, gives the eighteenth."""

PERSONAL: Final = (
    re.compile(r"(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d(?:[\s-]?\d{4}){2}(?!\d)"),  # mobile numbers
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
    re.compile(r"(?<=/s/)[A-Za-z0-9_-]{16,}"),  # survey links
    re.compile(r"(?<=/surveys/)[A-Za-z0-9_-]{22}(?![\w-])"),
    re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+"),  # JSON Web Tokens
)


def mask(text: str) -> str:
    """Return a text without what names a person or opens a door."""
    text = LONG_NUMBER.sub(_masked_number, text)
    for pattern in PERSONAL:
        text = pattern.sub(MASK, text)
    return text


def mask_entry(
    _logger: Any, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Mask the values of a log entry, whatever their depth."""
    return {key: _masked(key, value) for key, value in entry.items()}


def configure_logs(level: str = "INFO") -> None:
    """Send our own and every library's log to stdout, one JSON line an entry."""
    common: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_cause,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_entry,
    ]
    structlog.configure(
        processors=[*common, structlog.processors.JSONRenderer(serializer=_json)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(serializer=_json),
            foreign_pre_chain=common,
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def _masked_number(found: re.Match[str]) -> str:
    number = re.sub("[ -]", "", found.group()).upper()
    return MASK if _is_identity(number) or _is_card(number) else found.group()


def _is_identity(number: str) -> bool:
    if len(number) != len(IDENTITY_WEIGHTS) + 1:
        return False
    total = sum(int(d) * w for d, w in zip(number[:-1], IDENTITY_WEIGHTS, strict=True))
    return number[-1] == IDENTITY_CHECKS[total % 11]


def _is_card(number: str) -> bool:
    """Return whether the check digit of a bank card is right (ISO/IEC 7812, Luhn)."""
    if not number.isdecimal():
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0


def _masked(key: str, value: Any) -> Any:
    if SECRET_KEYS.search(key) and value is not None:
        return MASK
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {str(k): _masked(str(k), v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(key, item) for item in value]
    return value


def _add_cause(
    _logger: Any, _method: str, entry: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    cause = known_cause()
    if cause is not None:
        entry.setdefault("correlation_id", cause.correlation_id)
    return entry


def _json(value: Any, **_options: Any) -> str:
    return orjson.dumps(value, default=str).decode()
