"""No request leaves for our own rooms, whatever an address looks like or turns into."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from services.integrations.egress.requests import Egress, EgressError, check_target, post
from services.integrations.egress.rules import (
    Address,
    TargetRefusedError,
    allowance_of,
    is_forbidden,
    target_of,
)
from services.integrations.egress.vocabulary import EgressFailure, TargetRefusal
from shared.clock import utcnow
from tests.support.partner import Partner, partner

PUBLIC: Address = ip_address("93.184.215.14")
PRIVATE: Address = ip_address("10.0.0.1")

_STRINGS = """
http://2130706433/ http://0x7f000001/ http://017700000001/ http://127.1/ http://0/
http://①②⑦.⓪.⓪.①/ http://[::1]/ http://[::ffff:127.0.0.1]/ http://[::ffff:a9fe:a9fe]/
http://[64:ff9b::7f00:1]/ http://[2002:7f00:1::]/ http://[fe80::1%25eth0]/
http://169.254.169.254/ http://100.100.100.200/ http://user@127.0.0.1/
https://example.com@127.0.0.1/ https://127.0.0.1#@example.com/ https://example.com:22/
file:///etc/passwd gopher://a.example/ //evil https://a.example/%0d%0aHost:x
"""
STRINGS = _STRINGS.split()

MORE = [
    "",
    "https://",
    "https:///path",
    "https://a.example:0/",
    "https://a.example:65536/",
    "https://a.example:x/",
    "https://a.example\\@127.0.0.1/",
    "https://a.example/ b",
    "https://a.example/\r\nHost: x",
    "https://a..example/",
    "https://-a.example/",
    "https://[v1.x]/",
    "https://8.8.8.8/",
    "https://a.example/%zz",
    "https://a.example/ü",
    "https://" + "a" * 2050 + ".example/",
]


@pytest.fixture
async def partners() -> AsyncIterator[Partner]:
    """Run a partner's server."""
    async with partner() as server:
        yield server


@pytest.fixture
async def tls_partner(tmp_path: Path) -> AsyncIterator[tuple[Partner, ssl.SSLContext]]:
    """Run a partner's server with a certificate for partner.example, and trust that one."""
    certificate, key = certificate_for("partner.example")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pem = tmp_path / "partner.pem"
    pem.write_bytes(key + certificate)
    serving.load_cert_chain(pem)
    async with partner(serving) as server:
        yield server, ssl.create_default_context(cadata=certificate.decode())


def certificate_for(name: str) -> tuple[bytes, bytes]:
    """Return a certificate that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    today = utcnow()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    return (
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain),
    )


def egress_to(*addresses: Address, allow: str = "") -> Egress:
    """Return a way out on which names have these addresses; numbers are read as C reads them."""

    async def resolve(host: str, port: int) -> Sequence[Address]:
        loop = asyncio.get_running_loop()
        if not host.endswith(".example") and not host.endswith(".com"):
            found = await loop.getaddrinfo(host, port)
            return [ip_address(entry[4][0]) for entry in found]
        return addresses

    return Egress(allowance_of(allow), resolve=resolve, timeout_seconds=5)


def secure(url: str) -> str:
    """Return the same address with https, so that it is not refused for that alone."""
    return url.replace("http://", "https://", 1)


@pytest.mark.parametrize("url", [*STRINGS, *map(secure, STRINGS), *MORE])
async def test_an_address_that_leads_astray_is_refused(url: str) -> None:
    with pytest.raises(TargetRefusedError):
        await check_target(egress_to(PUBLIC), url)
    with pytest.raises(EgressError):
        await post(egress_to(PUBLIC), url, headers={}, body=b"{}")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://a.example/", TargetRefusal.NOT_HTTPS),
        ("https://127.1/", TargetRefusal.FORBIDDEN_ADDRESS),
        ("https://[64:ff9b::7f00:1]/", TargetRefusal.FORBIDDEN_ADDRESS),
        ("https://8.8.8.8/", TargetRefusal.ADDRESS_LITERAL),
        ("https://a.example:22/", TargetRefusal.PORT_NOT_ALLOWED),
        ("https://a@a.example/", TargetRefusal.USER_INFORMATION),
        ("https://a.example/%0d%0aHost:x", TargetRefusal.MALFORMED),
    ],
)
async def test_a_refusal_says_why(url: str, reason: TargetRefusal) -> None:
    with pytest.raises(TargetRefusedError) as refused:
        await check_target(egress_to(PUBLIC), url)
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example",
        "https://A.Example.:443/x?y=%E4%BD%A0&z=1",
        "https://a.example:8443/",
        "https://例子.example/hook",
    ],
)
async def test_a_public_name_with_https_is_taken(url: str) -> None:
    target, addresses = await check_target(egress_to(PUBLIC), url)
    assert (target.scheme, addresses) == ("https", (PUBLIC,))
    assert target.host in {"a.example", "xn--fsqu00a.example"}


async def test_a_process_without_a_way_out_looks_nothing_up_and_sends_nothing() -> None:
    async def resolve(_host: str, _port: int) -> Sequence[Address]:
        raise AssertionError

    inside = Egress(resolve=resolve, here=False)
    target, addresses = await check_target(inside, "https://a.example/hook")
    assert (target.host, list(addresses)) == ("a.example", [])
    for url in ("http://a.example/", "https://127.0.0.1/", "https://8.8.8.8/"):
        with pytest.raises(TargetRefusedError):
            await check_target(inside, url)
    with pytest.raises(EgressError) as failed:
        await post(inside, "https://a.example/hook", headers={}, body=b"{}")
    assert failed.value.failure is EgressFailure.NOT_CONNECTED


async def test_what_is_refused_by_its_looks_is_not_even_looked_up() -> None:
    asked = []

    async def resolve(host: str, _port: int) -> Sequence[Address]:
        asked.append(host)
        return [PUBLIC]

    for url in ("http://a.example/", "https://a.example:22/", "https://a@b.example/"):
        with pytest.raises(TargetRefusedError):
            await check_target(Egress(resolve=resolve), url)
    assert asked == []
    with pytest.raises(TargetRefusedError):
        await check_target(Egress(allowance_of("10.0.0.1"), resolve=resolve), "http://a.example/")
    assert asked == ["a.example"]


async def test_one_forbidden_address_among_several_is_enough_to_refuse() -> None:
    for order in ((PUBLIC, PRIVATE), (PRIVATE, PUBLIC)):
        with pytest.raises(TargetRefusedError) as refused:
            await check_target(egress_to(*order), "https://a.example/")
        assert refused.value.reason is TargetRefusal.FORBIDDEN_ADDRESS


_FORBIDDEN = """
0.0.0.0 10.1.2.3 100.64.0.1 100.100.100.200 127.0.0.1 169.254.169.254 172.16.0.1 172.31.255.255
192.0.0.1 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1
239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1
64:ff9b:1::1 100::1 2001:db8::1 3fff::1 2002:7f00:1:: 5f00::1 fc00::1 fd12::1 fe80::1 fec0::1
ff02::1 2001::1
"""
FORBIDDEN = _FORBIDDEN.split()


@pytest.mark.parametrize("address", FORBIDDEN)
def test_what_is_not_the_public_internet_is_forbidden(address: str) -> None:
    assert is_forbidden(ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.215.14", "172.32.0.1", "2606:4700::1111", "240e::1"]
)
def test_the_public_internet_is_not(address: str) -> None:
    assert not is_forbidden(ip_address(address))


@given(st.ip_addresses())
def test_what_the_registry_calls_local_is_never_a_target(address: Address) -> None:
    if not address.is_global:
        assert is_forbidden(address)


@given(st.text(max_size=60) | st.from_regex(r"https://[ -~]{1,60}", fullmatch=True))
def test_any_text_is_a_target_of_plain_parts_or_refused(text: str) -> None:
    try:
        target = target_of(text)
    except TargetRefusedError:
        return
    assert httpx.URL(f"{target.scheme}://{target.authority}{target.path}").host
    assert all(" " < letter < "\x7f" for letter in target.authority + target.path)
    assert "@" not in target.authority


@pytest.mark.parametrize(
    ("allow", "url", "verdict"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080/", "taken"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080/", "taken"),
        ("127.0.0.1:8080", "http://127.0.0.1:8081/", "refused"),
        ("127.0.0.0/8", "http://127.1.2.3/", "taken"),
        ("10.0.0.0/8, 192.168.0.0/16", "http://crm.example/", "taken"),
        ("10.0.0.2", "http://crm.example/", "refused"),
        ("crm.example", "http://crm.example:9000/", "taken"),
        ("crm.example:9000", "http://crm.example/", "refused"),
        ("crm.example", "http://other.example/", "refused"),
        ("[::1]:80", "http://[::1]/", "taken"),
        ("::1", "http://[::1]:81/", "taken"),
    ],
)
async def test_what_an_operator_allows_may_be_private_and_plain(
    allow: str, url: str, verdict: str
) -> None:
    egress = egress_to(PRIVATE, allow=allow)
    if verdict == "taken":
        await check_target(egress, url)
    else:
        with pytest.raises(TargetRefusedError):
            await check_target(egress, url)


@pytest.mark.parametrize("text", ["10.0.0.0/99", "a b", "http://crm.example", "-crm"])
def test_an_allowance_that_nobody_can_read_is_refused_at_start(text: str) -> None:
    with pytest.raises(ValueError, match="no name, address or network"):
        allowance_of(text)


async def test_a_name_that_turns_private_after_it_was_checked_is_not_followed() -> None:
    """Rebinding: what was checked is what is connected to, and each request checks anew."""
    answers = [[PUBLIC], [ip_address("127.0.0.1")]]
    asked, connected = [], []

    async def resolve(host: str, _port: int) -> Sequence[Address]:
        asked.append(host)
        return answers[min(len(asked), 2) - 1]

    def connect(_egress: Egress) -> httpx.AsyncBaseTransport:
        def answer(request: httpx.Request) -> httpx.Response:
            sni = request.extensions["sni_hostname"]
            connected.append((request.url.host, request.headers["host"], sni))
            return httpx.Response(200, stream=httpx.ByteStream(b""))

        return httpx.MockTransport(answer)

    egress = Egress(resolve=resolve, connect=connect)
    await post(egress, "https://a.example/hook", headers={}, body=b"{}")
    assert connected == [(str(PUBLIC), "a.example", "a.example")]
    assert asked == ["a.example"]
    with pytest.raises(EgressError) as refused:
        await post(egress, "https://a.example/hook", headers={}, body=b"{}")
    assert refused.value.failure is EgressFailure.TARGET_REFUSED
    assert len(connected) == 1


async def test_a_name_behind_a_proxy_is_the_proxys_to_resolve_and_no_address_is() -> None:
    async def unknown(_host: str, _port: int) -> Sequence[Address]:
        raise OSError

    asked = []

    def connect(_egress: Egress) -> httpx.AsyncBaseTransport:
        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request.url.host)
            return httpx.Response(204, stream=httpx.ByteStream(b""))

        return httpx.MockTransport(answer)

    egress = Egress(proxy="http://127.0.0.1:3128", resolve=unknown, connect=connect)
    await post(egress, "https://a.example/", headers={}, body=b"{}")
    assert asked == ["a.example"]
    for url in ("https://127.0.0.1/", "https://2130706433/", "http://a.example/"):
        with pytest.raises(TargetRefusedError):
            await check_target(egress, url)


async def test_a_request_really_goes_through_the_proxy_that_is_set() -> None:
    async with partner() as proxy:
        egress = Egress(allowance_of("a.example"), proxy=proxy.url("").rstrip("/"))
        answer = await post(egress, "http://a.example/hook", headers={}, body=b"{}")
    assert answer.status == 200
    assert [(r.target, r.headers["host"]) for r in proxy.requests] == [
        ("http://a.example/hook", "a.example")
    ]


async def test_the_environments_proxies_are_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with partner() as server:
        answer = await post(local(), server.url("/hook"), headers={}, body=b"{}")
    assert answer.status == 200


def local(seconds: float = 5) -> Egress:
    return Egress(allowance_of("127.0.0.1"), timeout_seconds=seconds)


@pytest.mark.parametrize(
    ("behaviour", "failure"),
    [
        ("hangs", EgressFailure.TIMED_OUT),
        ("drips_headers", EgressFailure.TIMED_OUT),
        ("drips_body", EgressFailure.TIMED_OUT),
        ("breaks_off", EgressFailure.BROKEN_OFF),
        ("talks_nonsense", EgressFailure.BROKEN_OFF),
    ],
)
async def test_who_does_not_answer_properly_costs_the_time_that_is_set(
    behaviour: str, failure: EgressFailure
) -> None:
    async with partner() as server, asyncio.timeout(10):
        server.behave(behaviour)
        with pytest.raises(EgressError) as failed:
            await post(local(seconds=0.5), server.url("/"), headers={}, body=b"{}")
    assert failed.value.failure is failure


async def test_an_endless_answer_is_cut(partners: Partner) -> None:
    partners.behave("floods")
    answer = await post(local(), partners.url("/"), headers={}, body=b"{}")
    assert (answer.status, len(answer.body)) == (200, 65_536)


async def test_a_redirect_is_an_answer_and_not_followed(partners: Partner) -> None:
    partners.behave("redirects")
    answer = await post(local(), partners.url("/"), headers={}, body=b"{}")
    assert (answer.status, len(partners.requests)) == (302, 1)


async def test_where_nobody_listens_there_is_no_connection(partners: Partner) -> None:
    url = partners.url("/")
    await partners.die()
    with pytest.raises(EgressError) as failed:
        await post(local(), url, headers={}, body=b"{}")
    assert failed.value.failure is EgressFailure.NOT_CONNECTED


async def test_who_does_not_speak_tls_costs_the_time_that_is_set(partners: Partner) -> None:
    url = partners.url("/").replace("http://", "https://")
    with pytest.raises(EgressError) as failed:
        await post(local(seconds=0.5), url, headers={}, body=b"{}")
    assert failed.value.failure is EgressFailure.TIMED_OUT


async def test_a_certificate_for_which_nobody_vouches_is_not_believed(
    tls_partner: tuple[Partner, ssl.SSLContext],
) -> None:
    url = tls_partner[0].url("/").replace("http://", "https://")
    with pytest.raises(EgressError) as failed:
        await post(local(), url, headers={}, body=b"{}")
    assert failed.value.failure is EgressFailure.TLS_FAILED


async def test_the_certificate_is_asked_for_by_name_though_the_connection_goes_to_an_address(
    tls_partner: tuple[Partner, ssl.SSLContext],
) -> None:
    server, trust = tls_partner

    async def resolve(_host: str, _port: int) -> Sequence[Address]:
        return [ip_address("127.0.0.1")]

    egress = Egress(allowance_of("127.0.0.1"), resolve=resolve, trust=trust, timeout_seconds=5)
    answer = await post(
        egress, f"https://partner.example:{server.port}/hook", headers={}, body=b"{}"
    )
    assert answer.status == 200
    assert server.requests[0].headers["host"] == f"partner.example:{server.port}"
    with pytest.raises(EgressError) as failed:
        await post(egress, f"https://other.example:{server.port}/", headers={}, body=b"{}")
    assert failed.value.failure is EgressFailure.TLS_FAILED
