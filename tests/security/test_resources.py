"""OWASP API4: whatever is sent, answering costs little."""

import json
import time
from collections.abc import Callable

import pytest

from shared.http.front import Front
from shared.ids import new_id
from shared.logs import mask
from shared.masking import mask_personal
from shared.texts import TEXT_LENGTH
from tests.security.conftest import Behind

TALLIES = "/api/v1/tallies"
CPU_SECONDS = 3.0
"""Of this process alone: a regular expression that backtracks takes minutes for such texts."""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"amount": 1, "remark": "' + b"x" * 10_000_000 + b'"}', 413),
        (json.dumps({"amount": 1, "extra": {"a": [0] * 100_000}}).encode(), 201),
        (json.dumps({"amount": 1, "label": ["x"] * 100_000}).encode(), 422),
        (json.dumps([{"amount": 1}] * 50_000).encode(), 422),
        (b'{"amount": 1, "extra": ' + b'{"a":' * 100_000, 400),
        (b'{"amount": 1' + b" " * 1_000_000 + b"}", 201),
        (b'{"amount": 1' + b"0" * 5_000 + b"}", 400),
    ],
    ids=["10 MB", "array of 100,000", "labels", "bodies", "depth", "blanks", "digits"],
)
async def test_a_huge_body_costs_little(behind: Behind, body: bytes, status: int) -> None:
    small = await behind(Front())
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(new_id())}
    began = time.process_time()
    answer = await small.person.client.post(TALLIES, content=body, headers=headers)
    assert answer.status_code == status
    assert len(answer.content) < 20_000
    assert time.process_time() - began < CPU_SECONDS


@pytest.mark.parametrize("limit", ["1000000000", "-1", "0", "201", "1e9", "9" * 400, "٣", ""])
async def test_no_page_is_larger_than_the_largest(behind: Behind, limit: str) -> None:
    small = await behind(Front())
    answer = await small.person.get(TALLIES, params={"limit": limit})
    assert answer.status_code == 422


@pytest.mark.parametrize("clean", [mask, mask_personal])
@pytest.mark.parametrize(
    "part",
    ["1", "1 ", "13", "a@", "a.", "@a.", "0-", "86", "微信号", "我叫", "eyJ.", "/s/", "-", "1-3 "],
)
def test_no_text_keeps_the_masks_busy(clean: Callable[[str], str], part: str) -> None:
    text = part * (TEXT_LENGTH // len(part))
    for hostile in (text, f"{text}!", f"x{text}@"):
        began = time.process_time()
        clean(hostile)
        assert time.process_time() - began < CPU_SECONDS
