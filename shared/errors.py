"""What can go wrong below a door: a stable code and a sentence, never an HTTP status.

And what is wrong with an installation, which is for who runs it.
"""

from collections.abc import Mapping
from typing import Any


class InstallationError(ValueError):
    """Something is wrong with the installation or with a command: its sentence says what to do.

    It ends a program with that sentence. Any other ValueError is a fault of ours, with its stack.
    """


class DomainError(Exception):
    """A refusal with a stable `code` (its titles stand in `shared.http.problems`).

    `facts` are extra members of the answer, such as the moves that are allowed instead.
    """

    def __init__(self, code: str, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.facts: Mapping[str, Any] = facts


class NotFoundError(DomainError):
    """It does not exist, or it is not the caller's to know."""


class ConflictError(DomainError):
    """The present state does not allow it."""


class InvalidError(DomainError):
    """The request is well formed, but what it says cannot be."""


class ForbiddenError(DomainError):
    """The caller is known and may not do this."""


class StaleError(DomainError):
    """The caller changed an older version than the present one."""
