"""Who a partner's client says it is (RFC 6749, section 2.3.1)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from services.integrations.sign_in.forms import FormError

REALM: Final = {"WWW-Authenticate": 'Basic realm="careloop"'}


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """What was shown: an id and a secret, neither believed yet."""

    client_id: str
    secret: str


def read_credentials(header: str | None, fields: Mapping[str, str]) -> ClientCredentials | None:
    """Return the credentials of a request's header or form, None when there are none to read.

    Raises FormError for both at once: who means two things is not understood.
    """
    in_form = "client_secret" in fields
    if header is None:
        return (
            ClientCredentials(fields.get("client_id", ""), fields["client_secret"])
            if in_form
            else None
        )
    shown = _of_header(header)
    if in_form or (shown and fields.get("client_id", shown.client_id) != shown.client_id):
        raise FormError("Send the client's secret in one way only.")
    return shown


def _of_header(header: str) -> ClientCredentials | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError:
        return None
    client_id, colon, secret = text.partition(":")
    return ClientCredentials(unquote_plus(client_id), unquote_plus(secret)) if colon else None
