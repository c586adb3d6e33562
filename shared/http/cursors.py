"""Pages by keyset: a cursor says after which row to go on, and for which question."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Query, Request, Response
from pydantic import BaseModel

from shared.http.problems import ProblemError

Row = TypeVar("Row")
Out = TypeVar("Out")

SIGNATURE_BYTES: Final = 8
LARGEST_PAGE: Final = 200

Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Rows of a page")]
Cursor = Annotated[
    str | None, Query(max_length=500, description="`next_cursor` of the page before")
]


class Page(BaseModel, Generic[Out]):
    """A page of a list; `next_cursor` is null on the last one."""

    data: list[Out]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Keyset:
    """Reads and writes the cursors of one request: they fit its path, filters and order only."""

    key: bytes
    question: bytes

    def read(self, cursor: str | None) -> tuple[datetime, UUID] | None:
        """Return the row to go on after. Raises ProblemError 400 for a foreign cursor."""
        if cursor is None:
            return None
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            content, signature = raw[:-SIGNATURE_BYTES], raw[-SIGNATURE_BYTES:]
            if not hmac.compare_digest(signature, self._sign(content)):
                raise ValueError  # noqa: TRY301 - one answer for all that is wrong with it
            instant, row_id = orjson.loads(content)
            return datetime.fromisoformat(instant), UUID(row_id)
        except (ValueError, binascii.Error) as error:
            raise ProblemError(
                400, "invalid_cursor", "The cursor belongs to another question."
            ) from error

    def write(self, instant: datetime, row_id: UUID) -> str:
        """Return the cursor to go on after a row."""
        content = orjson.dumps([instant.isoformat(), str(row_id)])
        return base64.urlsafe_b64encode(content + self._sign(content)).decode().rstrip("=")

    def _sign(self, content: bytes) -> bytes:
        return hmac.digest(self.key, self.question + content, hashlib.sha256)[:SIGNATURE_BYTES]


def keyset(request: Request) -> Keyset:
    """Return the cursors of a request."""
    asked = sorted(
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in {"cursor", "limit"}
    )
    question = orjson.dumps([request.url.path, asked])
    return Keyset(request.app.state.cursor_key, question)


def page(
    request: Request,
    response: Response,
    rows: Sequence[Row],
    limit: int,
    *,
    at: Callable[[Row], tuple[datetime, UUID]],
    out: Callable[[Row], Out],
) -> dict[str, Any]:
    """Return the content of a Page from up to `limit` + 1 rows, and name the next in `Link`."""
    shown = rows[:limit]
    following = keyset(request).write(*at(shown[-1])) if len(rows) > limit else None
    if following is not None:
        url = request.url.include_query_params(cursor=following)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return {"data": [out(row) for row in shown], "next_cursor": following}
