"""Standard Webhooks: the published vectors, and the reference library on the other side."""

import json
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from services.integrations.partners.standard_webhooks import (
    key_of,
    new_secret,
    sign,
    signed_headers,
    verify,
)
from services.integrations.partners.vocabulary import SignatureRefusal

SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
COUNTING: Final = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
PUBLIC: Final = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
COUNTING_PUBLIC: Final = "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="

ID: Final = "msg_p5jXN8AQM9LWM0D4loKWxJek"
AT: Final = 1614265330
BODY: Final = b'{"test": 2432232314}'
RIGHT: Final = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
WRONG: Final = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="
ASYMMETRIC: Final = (
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
)

OTHER_ID: Final = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"
OTHER_AT: Final = 1674087231
CONTACT: Final = (
    b'{"type":"contact.created","timestamp":"2022-11-03T20:26:10.344522Z",'
    b'"data":{"id":"1f81eb52-5198-4599-803e-771906343485"}}'
)
TICKET: Final = '{"type":"ticket.created","data":{"title":"退款申请"}}'.encode()

VECTORS: Final = [
    (SECRET, ID, AT, BODY, RIGHT),
    (SECRET, OTHER_ID, OTHER_AT, CONTACT, "v1,ARw42xaAApl/nxRo+iPGYwSaMQaOwMo2eyH5JBRA+bQ="),
    (COUNTING, OTHER_ID, OTHER_AT, CONTACT, "v1,4PMU5Dl90B4kgwxDpwuMZ/cnZ5ztf+Y+kviYQD66rJg="),
    (COUNTING, OTHER_ID, OTHER_AT, TICKET, "v1,dj1Uu3AtRpMVYEKPYTTGm+yHVj55bk4rLDOxC3DtRNU="),
]

PUBLIC_VECTORS: Final = [
    (PUBLIC, ID, AT, BODY, ASYMMETRIC),
    (
        COUNTING_PUBLIC,
        OTHER_ID,
        OTHER_AT,
        CONTACT,
        (
            "v1a,9WMPN5fBW9vm1uGlvFzBO4lpdfFKN4AQCSr2vrWsFuOibXSOTWlcWrPRSWk"
            "+YpmD9fAwgYREKtLcYCyZrvXFBw=="
        ),
    ),
]


def _headers(signature: str, *, id: str = ID, at: int | str = AT) -> dict[str, str]:
    return {"webhook-id": id, "webhook-timestamp": str(at), "webhook-signature": signature}


def _when(at: int, *, off: int = 0) -> datetime:
    return datetime.fromtimestamp(at, UTC) + timedelta(seconds=off)


def _judge(
    signature: str = RIGHT,
    *,
    id: str = ID,
    at: int | str = AT,
    body: bytes = BODY,
    off: int = 0,
    secrets: tuple[str, ...] = (SECRET,),
) -> SignatureRefusal | None:
    return verify(secrets, _headers(signature, id=id, at=at), body, _when(AT, off=off))


@pytest.mark.parametrize(("secret", "id", "at", "body", "signature"), VECTORS)
def test_what_we_sign_is_what_is_published(
    secret: str, id: str, at: int, body: bytes, signature: str
) -> None:
    assert sign(secret, id, at, body) == signature


@pytest.mark.parametrize(("secret", "id", "at", "body", "signature"), VECTORS + PUBLIC_VECTORS)
def test_what_is_published_is_believed(
    secret: str, id: str, at: int, body: bytes, signature: str
) -> None:
    headers = _headers(signature, id=id, at=at)
    assert verify([secret], headers, body, _when(at)) is None
    assert verify([secret], headers, body + b" ", _when(at)) is SignatureRefusal.SIGNATURE_WRONG


def test_one_right_signature_among_others_is_enough() -> None:
    other = "Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="
    assert _judge(f"v1,{other} v2,{other} {RIGHT} v1,{other}") is None
    assert _judge(f"v1,{other} v2,{RIGHT[3:]}") is SignatureRefusal.SIGNATURE_WRONG


@pytest.mark.parametrize("secrets", [(SECRET, COUNTING), (COUNTING, SECRET), (PUBLIC, SECRET)])
def test_while_a_secret_is_changed_either_is_believed(secrets: tuple[str, ...]) -> None:
    assert _judge(secrets=secrets) is None
    assert _judge(secrets=(COUNTING,)) is SignatureRefusal.SIGNATURE_WRONG
    for secret in secrets[:2]:
        if not secret.startswith("whpk_"):
            both = signed_headers([COUNTING, secret], ID, AT, BODY)
            assert verify([secret], both, BODY, _when(AT)) is None


@pytest.mark.parametrize(
    ("off", "refusal"),
    [
        (-301, SignatureRefusal.TIMESTAMP_OUTSIDE),
        (-300, None),
        (300, None),
        (301, SignatureRefusal.TIMESTAMP_OUTSIDE),
    ],
)
def test_a_timestamp_holds_five_minutes_either_way(
    off: int, refusal: SignatureRefusal | None
) -> None:
    assert _judge(off=off) is refusal


@pytest.mark.parametrize(
    "at",
    [f" {AT}", f"{AT} ", f"{AT}.0", f"+{AT}", "１６１４２６５３３０", "1" * 13, "now", f"{AT}\n"],
)
def test_a_timestamp_is_digits_and_nothing_else(at: str) -> None:
    assert _judge(at=at) is SignatureRefusal.HEADERS_MALFORMED


@pytest.mark.parametrize("id", ["a.b", "a b", "张", "m" * 256, "a\n"])
def test_an_id_that_could_blur_what_is_signed_is_refused(id: str) -> None:
    assert _judge(id=id) is SignatureRefusal.HEADERS_MALFORMED


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_header_that_is_missing_is_said(missing: str) -> None:
    headers = {name: text for name, text in _headers(RIGHT).items() if name != missing}
    assert verify([SECRET], headers, BODY, _when(AT)) is SignatureRefusal.HEADERS_MISSING
    assert verify([SECRET], headers | {missing: ""}, BODY, _when(AT)) is not None


@given(st.text(max_size=200), st.binary(max_size=50))
def test_no_rubbish_is_believed_or_breaks_anything(rubbish: str, body: bytes) -> None:
    for secret in (SECRET, PUBLIC):
        for signature in (rubbish or "x", f"v1,{rubbish}", f"v1a,{rubbish}", WRONG):
            assert _judge(signature, body=body, secrets=(secret,)) is not None


@pytest.mark.parametrize(
    "secret", ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr"]
)
def test_a_secret_works_without_its_padding(secret: str) -> None:
    padded = secret + "=" * (-len(secret) % 4)
    signature = Webhook(padded).sign(ID, _when(AT), BODY.decode())
    assert sign(secret, ID, AT, BODY) == signature
    assert _judge(signature, secrets=(secret,)) is None


@pytest.mark.parametrize("secret", ["", "whsec_", "whpk_", "=", "whsec_不是", "whsec_a"])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="The secret is"):
        key_of(secret)


@given(st.binary(min_size=24, max_size=64), st.dictionaries(st.text(), st.text(), max_size=3))
def test_the_reference_library_believes_us_and_we_believe_it(
    randomness: bytes, content: dict[str, str]
) -> None:
    now = datetime.now(UTC)
    body = json.dumps(content, ensure_ascii=False)
    secret = new_secret(randomness)
    ours = signed_headers([COUNTING, secret], ID, int(now.timestamp()), body.encode())
    assert Webhook(secret).verify(body.encode(), ours) == content
    theirs = _headers(Webhook(secret).sign(ID, now, body), at=int(now.timestamp()))
    assert verify([secret], theirs, body.encode(), now) is None
