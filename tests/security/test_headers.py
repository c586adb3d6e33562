"""What every answer says to a browser, and to which other origins it speaks at all."""

import pytest

from shared.http.front import Front, front_of
from shared.settings import CommonSettings
from tests.security.conftest import Behind

TALLIES = "/api/v1/tallies"
APP = "https://app.example.com"

ALWAYS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-resource-policy": "same-site",
    "cache-control": "no-store",
}


async def test_every_answer_of_the_api_has_the_headers_good_or_bad(behind: Behind) -> None:
    small = await behind(Front())
    nobody = small.people.bearing(small.person.id, None)
    answers = [
        await small.person.get(TALLIES),
        await small.person.get("/api/v1/nothing"),
        await nobody.get(TALLIES),
        await small.person.get("/api/v1/broken"),
        await small.person.client.put(TALLIES),
        await small.person.client.post(TALLIES, content=b" " * 2_000_000),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 401, 500, 405, 413]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
        assert "strict-transport-security" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers or "uvicorn" not in answer.headers["server"]


async def test_over_https_a_browser_is_told_to_stay_there(behind: Behind) -> None:
    front = front_of(CommonSettings(public_url="https://care.example.com", development=True))
    answer = await (await behind(front)).person.get(TALLIES)
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert not front_of(CommonSettings(public_url="http://127.0.0.1:8000")).https


@pytest.mark.parametrize(
    ("origin", "read"),
    [
        (APP, True),
        ("https://app.example.com:8443", False),
        ("http://app.example.com", False),
        ("https://evil.example.com", False),
        ("https://app.example.com.evil.com", False),
        ("https://APP.example.com", False),
        ("null", False),
        ("", False),
    ],
)
async def test_only_a_named_origin_may_read(behind: Behind, origin: str, *, read: bool) -> None:
    small = await behind(Front(origins=(APP,)))
    asking = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,idempotency-key,content-type",
    }
    before = await small.person.client.options(TALLIES, headers=asking)
    answer = await small.person.get(TALLIES, headers={"Origin": origin})
    for one in (before, answer):
        assert (one.headers.get("access-control-allow-origin") == origin) is read
        assert one.headers.get("access-control-allow-origin") != "*"
        assert "access-control-allow-credentials" not in one.headers
    assert (before.status_code == 200) is read
    if read:
        assert before.headers["access-control-max-age"] == "600"
        assert {"ETag", "RateLimit", "Retry-After"} <= {
            *answer.headers["access-control-expose-headers"].split(", ")
        }


@pytest.mark.parametrize("given", ["*", "https://*.example.com", "app.example.com", "https://a/b"])
def test_an_origin_that_is_none_is_refused_at_start(given: str) -> None:
    with pytest.raises(ValueError, match="CARELOOP_CORS_ORIGINS"):
        front_of(CommonSettings(cors_origins=f"{APP},{given}"))
