"""Logs tell what happened, and nothing by which a person is known or a door is opened."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog

from shared.correlation import Cause, set_cause
from shared.logs import configure_logs, mask, mask_entry

TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"


@pytest.mark.parametrize(
    "secret",
    [
        "13552535506",  # published test numbers of China UnionPay
        "138 0013 8000",
        "+86 138-0013-8000",
        "11010519491231002X",  # the worked example of GB 11643-1999
        "11010519491231002x",
        "360426199101010071",  # doctest of python-stdnum
        "6216261000000000018",  # published test card of China UnionPay
        "6216 2610 0000 0000 018",
        "someone@example.com",
        TOKEN,
    ],
)
@pytest.mark.parametrize("around", ["{}", "电话{}，请回电", 'x="{}";', "(1){}(2)"])
def test_what_names_a_person_is_masked_wherever_it_stands(secret: str, around: str) -> None:
    masked = mask(around.format(secret))
    assert secret not in masked
    assert "***" in masked
    assert masked.count("*") == 3  # and nothing of it is left beside the mask
    assert not any(part in masked for part in secret.split() if len(part) > 3)


@pytest.mark.parametrize(
    "harmless",
    [
        "12345",  # a public hotline
        "400-820-0000",
        "360426199101010072",  # the check digit is wrong, so it is nobody
        "C20261122-000123",
        "2026-11-25T20:38:44.123456Z",
        "01a21466-94ba-720a-a513-daf8aaec0b6d",
        "/api/v1/tickets/01a21466-94ba-720a-a513-daf8aaec0b6d/close",
        "0.0.0.0:8000",
    ],
)
def test_what_names_nobody_stays_readable(harmless: str) -> None:
    assert mask(harmless) == harmless


@pytest.mark.parametrize(
    "path", ["/s/Ab3dEf6hIj9kLm2nOp5qRs", "/api/v1/public/surveys/Ab3dEf6hIj9kLm2nOp5qRs/callback"]
)
def test_the_link_to_a_survey_is_a_secret(path: str) -> None:
    assert "Ab3dEf6hIj9kLm2nOp5qRs" not in mask(path)


def test_values_of_secret_fields_are_masked_at_any_depth() -> None:
    entry = {
        "event": "asked",
        "Authorization": "Bearer x",
        "sent": {"access_token": "x", "list": [{"phone": 1}, "13552535506"], "openid": ["a", "b"]},
        "password": None,
        "attempt": 3,
    }
    assert mask_entry(None, "info", entry) == {
        "event": "asked",
        "Authorization": "***",
        "sent": {"access_token": "***", "list": [{"phone": "***"}, "***"], "openid": "***"},
        "password": None,
        "attempt": 3,
    }


@contextmanager
def configured() -> Iterator[None]:
    """Log as a process does while the block runs."""
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logs()
    try:
        yield
    finally:
        structlog.configure(**before)
        root.handlers, root.level = handlers, level


def test_an_entry_is_one_line_of_json_that_says_what_caused_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with configured():
        set_cause(Cause("request-7"))
        structlog.get_logger().error(
            "it_broke", count=2, exc_info=ValueError("call 13552535506\nat once")
        )
        logging.getLogger("a.library").warning("mail to someone@example.com")
    ours, theirs = map(json.loads, capsys.readouterr().out.splitlines())
    assert (ours["event"], ours["count"], ours["level"]) == ("it_broke", 2, "error")
    assert ours["correlation_id"] == theirs["correlation_id"] == "request-7"
    assert "ValueError" in ours["exception"]
    assert "13552535506" not in ours["exception"]
    assert theirs["event"] == "mail to ***"


def lose(name: str) -> None:
    raise LookupError(f"lost after {len(name)}")


def test_a_crash_says_where_and_not_whom_it_was_about(capsys: pytest.CaptureFixture[str]) -> None:
    people = ["欧阳若兰"]
    with configured():
        for log in (structlog.get_logger(), logging.getLogger("a.library")):
            try:
                lose(people[0])
            except LookupError:
                log.exception("it_broke")
    entries = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(entries) == 2
    for entry in entries:
        assert "in lose" in entry["exception"]
        assert people[0] not in str(entry)
