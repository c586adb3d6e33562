"""Stacks for the log: where it went wrong and by which rule, never with whose data.

What a database, or a model, says of a refusal holds what was refused: PostgreSQL shows the whole
row that fails a constraint.
"""

import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Final

from pydantic import ValidationError

from shared.trouble import sqlstate

ABOUT_VALUES: Final = "22"
"""The class of SQLSTATE whose first line shows a value that fits no column."""

Raised = tuple[type[BaseException], BaseException, TracebackType | None]


def stack_of(exc_info: Raised) -> str:
    """Return the frames and words of an error, behind those of the errors that it came of."""
    return _whole(exc_info[1])


def words_of(error: BaseException) -> str:
    """Return the kind of an error and what it says, without the values that it is about."""
    kind = type(error).__qualname__
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_input=False, include_context=False)
        places = (".".join(map(str, one["loc"])) for one in found)
        said = "; ".join(
            f"{place}: {one['type']}" for place, one in zip(places, found, strict=True)
        )
        return f"{kind}: {error.title}: {said}"
    source = getattr(error, "orig", None) or error
    state = sqlstate(error)
    if state:
        first, _, _ = str(source).partition("\n")
        return f"{kind} {state}" if state.startswith(ABOUT_VALUES) else f"{kind} {state}: {first}"
    if source is not error or type(error).__module__.startswith("asyncpg"):
        return kind  # the driver refused a parameter, and shows it
    return f"{kind}: {error}"


def _parts(error: BaseException) -> Iterator[str]:
    """Give an error and those that it came of, the last one first."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        frames = "".join(traceback.format_tb(following.__traceback__))
        grouped = following.exceptions if isinstance(following, BaseExceptionGroup) else ()
        inner = "".join(f"\n\none of them:\n\n{_whole(one)}" for one in grouped)
        yield f"{frames}{words_of(following)}{inner}"
        cause, context = following.__cause__, following.__context__
        following = cause or (None if following.__suppress_context__ else context)


def _whole(error: BaseException) -> str:
    return "\n\nand then:\n\n".join(reversed([*_parts(error)]))
