"""Structured logs: one JSON line an entry, with the correlation id, without anybody's secrets."""

import logging
import re
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, Final

import orjson
import structlog

from shared.correlation import known_cause
from shared.masking import LONG_NUMBER, bare_number, is_card, is_identity
from shared.stacks import stack_of

SECRET_KEYS: Final = re.compile(
    r"authorization|token|secret|password|phone|mobile|e?mail|openid|id_card|cookie|recipient",
    re.IGNORECASE,
)

MASK: Final = "***"

PERSONAL: Final = (
    re.compile(r"(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d(?:[\s-]?\d{4}){2}(?!\d)"),  # mobile numbers
    re.compile(r"[\w.+-]{1,64}@[\w-]+\.[\w.-]+"),
    re.compile(r"(?<=/s/)[A-Za-z0-9_-]{16,}"),  # survey links
    re.compile(r"(?<=/surveys/)[A-Za-z0-9_-]{22}(?![\w-])"),
    re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+"),  # JSON Web Tokens
)


SUSPICIOUS: Final = re.compile(r"\d{4}|@|/s/|/surveys/|eyJ")
"""All of these texts have one of them; most values of an entry have none, and one look tells."""


def mask(text: str) -> str:
    """Return a text without what names a person or opens a door."""
    if not SUSPICIOUS.search(text) and not LONG_NUMBER.search(text):
        return text
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
        _add_cause,
        structlog.processors.ExceptionRenderer(stack_of),
        mask_entry,
        structlog.processors.add_log_level,  # after the mask, what is nobody's word
        structlog.processors.TimeStamper(fmt="iso", utc=True),
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
    # it says of every attempt to connect what we say in a sentence once
    logging.getLogger("aiormq.connection").setLevel(logging.CRITICAL)


def _masked_number(found: re.Match[str]) -> str:
    number = bare_number(found.group())
    return MASK if is_identity(number) or is_card(number) else found.group()


@lru_cache(maxsize=1024)  # names are ours, and few
def _is_secret(key: str) -> bool:
    return SECRET_KEYS.search(key) is not None


def _masked(key: str, value: Any) -> Any:
    if value is not None and _is_secret(key):
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
