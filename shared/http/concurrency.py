"""ETag and If-Match (RFC 9110): nobody overwrites what he has not seen."""

import re
from typing import Final

from fastapi import Request, Response

from shared.http.problems import ProblemError

TAG: Final = re.compile(r'^\s*(?:W/)?"(\d{1,18})"\s*$')
"""A proxy that compresses makes strong tags weak; what is between the quotes counts."""


def tag(response: Response, version: int) -> None:
    """Write a resource's version into its answer."""
    response.headers["ETag"] = f'"{version}"'


def given_version(request: Request, in_body: int | None = None) -> int | None:
    """Return the version that the caller changed: If-Match, or `version` of the body.

    None when he did not say, or said `*`. A tag that is none of ours matches nothing: -1.
    """
    header = request.headers.get("if-match")
    if header is None:
        return in_body
    if header.strip() == "*":
        return None
    match = TAG.match(header)
    return int(match.group(1)) if match else -1


def required_version(request: Request, in_body: int | None = None) -> int | None:
    """Return `given_version`. Raises ProblemError 428 when the caller did not say any."""
    if request.headers.get("if-match") is None and in_body is None:
        raise ProblemError(
            428, "version_required", "Send If-Match with the ETag, or `version` in the body."
        )
    return given_version(request, in_body)


def is_known(request: Request, version: int) -> bool:
    """Return whether the caller has this version already (If-None-Match): answer 304."""
    known = request.headers.get("if-none-match", "")
    matches = (TAG.match(part) for part in known.split(","))
    return any(match and int(match.group(1)) == version for match in matches)
