"""Signature schemes of the field, by their published vectors."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.integrations.inbound.scheme_rules import scheme_of
from services.integrations.inbound.verify_signature import (
    SignedRequest,
    delivery_key,
    verify_signature,
)
from services.integrations.partners.vocabulary import SignatureRefusal

B: Final = '{"id":1,"event":"ticket.created","name":"张三"}'.encode()
AT: Final = 1614265330
STRIPE_MAC: Final = "ec94aa89fd3c2ce59abf871d6bd01b3f09ce16c7fa0f15be15454eed6ef41aca"
URL: Final = "https://example.com/hooks/hubspot"


def scheme(
    verifier: str,
    signature: dict[str, Any],
    timestamp: dict[str, Any] | None = None,
    id_pointer: str | None = None,
) -> dict[str, Any]:
    signature = {"encoding": "hex", "prefix": "", "key": None, "template": "{body}"} | signature
    timestamp = timestamp and {"unit": "seconds", "header": None, "key": None} | timestamp
    return {
        "verifier": verifier,
        "signature": signature,
        "timestamp": timestamp,
        "id_pointer": id_pointer,
    }


GITHUB: Final = scheme("hmac_body", {"header": "x-hub-signature-256", "prefix": "sha256="})
SHOPIFY: Final = scheme("hmac_body", {"header": "x-shopify-hmac-sha256", "encoding": "base64"})
STRIPE: Final = scheme(
    "hmac_timestamp",
    {"header": "stripe-signature", "key": "v1", "template": "{timestamp}.{body}"},
    {"key": "t"},
)
ZENDESK: Final = scheme(
    "hmac_timestamp",
    {
        "header": "x-zendesk-webhook-signature",
        "encoding": "base64",
        "template": "{timestamp}{body}",
    },
    {"unit": "iso8601", "header": "x-zendesk-webhook-signature-timestamp"},
)
HUBSPOT: Final = scheme(
    "hmac_timestamp",
    {
        "header": "x-hubspot-signature-v3",
        "encoding": "base64",
        "template": "{method}{url}{body}{timestamp}",
    },
    {"unit": "milliseconds", "header": "x-hubspot-request-timestamp"},
)

VECTORS: Final = {
    "github": (
        GITHUB,
        "It's a Secret to Everybody",
        {
            "x-hub-signature-256": "sha256="
            "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        },
        b"Hello, World!",
        AT,
    ),
    "shopify": (
        SHOPIFY,
        "shpss_test_secret",
        {"x-shopify-hmac-sha256": "VSSd/0e4XlhSPWacs1CbwWgX6FzuiRyv/YsBTKLDZm8="},
        B,
        AT,
    ),
    "stripe": (
        STRIPE,
        "whsec_test_secret",
        {"stripe-signature": f"t={AT},v1={STRIPE_MAC}"},
        B,
        AT,
    ),
    "zendesk": (
        ZENDESK,
        "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==",
        {
            "x-zendesk-webhook-signature": "OhyuASlMysBOYZdC/6lrc3gA+Lv49zMKyTnxzdRguy4=",
            "x-zendesk-webhook-signature-timestamp": "2021-03-25T05:09:27Z",
        },
        b"{}",
        1616648967,
    ),
    "hubspot": (
        HUBSPOT,
        "client-secret",
        {
            "x-hubspot-signature-v3": "Tio+ta7+PrjUof/lvGLUIQXIKAneLsbQ4sswxQkddBs=",
            "x-hubspot-request-timestamp": f"{AT}000",
        },
        B,
        AT,
    ),
}
TIMED: Final = ["stripe", "zendesk", "hubspot"]


def judged(
    name: str,
    *,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    secrets: list[str] | None = None,
    off: float = 0,
    method: str = "POST",
    url: str = URL,
) -> SignatureRefusal | None:
    """Judge a vector, as it is or with something else about it."""
    kept, secret, right, content, at = VECTORS[name]
    request = SignedRequest(
        method, url, right if headers is None else headers, content if body is None else body
    )
    now = datetime.fromtimestamp(at, UTC) + timedelta(seconds=off)
    return verify_signature(request, scheme_of(kept), secrets or [secret], now)


@pytest.mark.parametrize("name", VECTORS)
def test_what_a_partner_publishes_is_believed_and_nothing_near_it(name: str) -> None:
    _, secret, right, body, _ = VECTORS[name]
    assert judged(name) is None
    assert judged(name, secrets=["another secret", secret]) is None
    assert judged(name, secrets=[secret + " "]) is SignatureRefusal.SIGNATURE_WRONG
    assert judged(name, body=body + b"\n") is SignatureRefusal.SIGNATURE_WRONG
    assert judged(name, headers={}) is SignatureRefusal.HEADERS_MISSING
    for header, value in right.items():
        assert judged(name, headers=right | {header: ""}) is SignatureRefusal.HEADERS_MISSING
        assert judged(name, headers=right | {header: value[:-2] + "01"}) is not None


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize("off", [-301, 301])
def test_an_instant_that_is_too_old_or_of_tomorrow_is_refused(name: str, off: int) -> None:
    assert judged(name, off=off) is SignatureRefusal.TIMESTAMP_OUTSIDE
    assert judged(name, off=off - (1 if off > 0 else -1)) is None


def test_method_and_address_count_where_they_are_signed() -> None:
    assert judged("hubspot", method="PUT") is SignatureRefusal.SIGNATURE_WRONG
    assert judged("hubspot", url=URL + "?a=1") is SignatureRefusal.SIGNATURE_WRONG


def test_seconds_are_not_taken_for_milliseconds() -> None:
    _, _, right, _, _ = VECTORS["hubspot"]
    assert judged("hubspot", headers=right | {"x-hubspot-request-timestamp": str(AT)}) is not None


def test_one_of_several_signatures_is_enough_and_another_version_is_none() -> None:
    for header, believed in (
        (f"t={AT},v1={'0' * 64},v1={STRIPE_MAC}", True),
        (f"t={AT}, v0=x, v1={STRIPE_MAC.upper()}", True),
        (f"v1={STRIPE_MAC},t={AT}", True),
        (f"t={AT},v0={STRIPE_MAC}", False),
        (f"v1={STRIPE_MAC}", False),
        (f"t={AT + 1},t={AT},v1={STRIPE_MAC}", False),
    ):
        assert (judged("stripe", headers={"stripe-signature": header}) is None) is believed, header


def test_a_prefix_belongs_to_the_signature() -> None:
    _, _, right, _, _ = VECTORS["github"]
    bare = right["x-hub-signature-256"].removeprefix("sha256=")
    refused = judged("github", headers={"x-hub-signature-256": bare})
    assert refused is SignatureRefusal.HEADERS_MISSING


@given(st.sampled_from(sorted(VECTORS)), st.text(max_size=100), st.binary(max_size=40))
def test_no_rubbish_is_believed_or_breaks_anything(name: str, rubbish: str, body: bytes) -> None:
    _, _, right, _, _ = VECTORS[name]
    for header, value in right.items():
        for wrong in (rubbish, value + rubbish + "x", f"t={rubbish},v1={rubbish}"):
            assert judged(name, headers=right | {header: wrong}) is not None
        assert judged(name, headers=dict.fromkeys(right, rubbish), body=body) is not None
    if body != VECTORS[name][3]:
        assert judged(name, body=body) is not None


@pytest.mark.parametrize("name", VECTORS)
def test_a_repetition_is_known_by_what_was_signed(name: str) -> None:
    kept, _, right, body, _ = VECTORS[name]
    first = delivery_key(SignedRequest("POST", URL, right, body), scheme_of(kept))
    unsigned = right | {"x-github-delivery": "another", "x-request-id": "another"}
    assert delivery_key(SignedRequest("POST", URL, unsigned, body), scheme_of(kept)) == first
    assert delivery_key(SignedRequest("POST", URL, right, body + b" "), scheme_of(kept)) != first


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b'{"id": "evt_1", "x": 1}', "id:evt_1"),
        (b'{"id": "evt_1", "x": 2}', "id:evt_1"),
        (b'{"id": 17}', "id:17"),
        (b'{"id": null}', None),
        (b'{"id": true}', None),
        (b'{"id": "a\\u0000b"}', None),
        (b'{"id": "\\ud800"}', None),
        (b'{"x": 1}', None),
        (b"[]", None),
        (b"not json", None),
        (b"\xff", None),
        (b'{"id": "' + b"a" * 300 + b'"}', None),
    ],
)
def test_a_body_may_name_its_delivery(body: bytes, named: str | None) -> None:
    kept = scheme("hmac_body", {"header": "x-signature"}, id_pointer="/id")
    key = delivery_key(SignedRequest("POST", URL, {}, body), scheme_of(kept))
    assert key == named if named else key.startswith("sha256:")
