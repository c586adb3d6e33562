"""`careloop token`: a token for the running system, from its development issuer."""

import sys
from typing import Annotated, Final

import httpx
import typer

from standalone.place import StartError, place

GRANT: Final = "urn:careloop:development"


def print_token(
    role: Annotated[str, typer.Option(help="customer, agent, supervisor, manager, …")] = "agent",
    subject: Annotated[str | None, typer.Option(help="Whose id; else somebody who has it")] = None,
) -> None:
    """Print a token; who it is goes to the error output, so that $(…) takes the token alone."""
    where = place()
    fields = {"grant_type": GRANT, "role": role} | ({"subject": subject} if subject else {})
    try:
        answer = httpx.post(
            f"http://{where.host}:{where.port}/api/v1/auth/token", data=fields, trust_env=False
        )
    except httpx.HTTPError as error:
        msg = f"Nothing answers on {where.host}:{where.port}: start it with `make run`."
        raise StartError(msg) from error
    content = answer.json()
    if answer.is_error:
        raise StartError(str(content.get("error_description", content.get("error", content))))
    print(content["access_token"])
    print(f"{role} {content.get('subject', '')}", file=sys.stderr)
