"""What the drill's people did and were answered, held against what the system says."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import httpx
from sqlalchemy.exc import SQLAlchemyError

from tests.drill.house import House
from tests.support.closings import waiting

LINK = re.compile(r"/s/([A-Za-z0-9_-]{22})\b")

POINTS = 20
"""Points of the CSAT score for each of the five levels."""


@dataclass
class Ledger:
    """Our own book: only what was answered with success stands in it."""

    closed: int = 0
    answered: list[int] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    _mailed: set[str] = field(default_factory=set)
    _read: int = 0

    def expected(self) -> dict[str, float]:
        """Return what must be so when all of it has arrived."""
        closings, answers = self.closed, len(self.answered)
        return {
            "closed cycles": closings,
            "invitations": closings,
            "links mailed": closings,
            "complaints counted": closings,
            "answers taken": answers,
            "answers counted": answers,
            "points counted": POINTS * sum(self.answered),
            "not published": 0,
            "dead letters": 0,
        }

    def links(self, house: House) -> set[str]:
        """Return the token of every survey that was mailed; a mail that came twice has one.

        Each mail is read once: thousands of them would hold up who takes the next.
        """
        mails = house.running.mails.taken
        self._mailed.update(_tokens(mails[self._read :]))
        self._read = len(mails)
        return set(self._mailed)


def _tokens(mails: Sequence[EmailMessage]) -> Iterator[str]:
    for mail in mails:
        text = mail.get_body(("plain",))
        found = LINK.search(text.get_content()) if text is not None else None
        if found:
            yield found[1]


async def found(house: House, ledger: Ledger) -> dict[str, float] | None:
    """Return the same as the system has it; None while somebody does not answer."""
    try:
        books = await _shown(house, "/books")
        complaints = (await _shown(house, "/figures", metric="complaint_count"))["figure"]
        csat = (await _shown(house, "/figures", metric="csat_score"))["figure"]
        unpublished, dead = await waiting(house.running)
    except (httpx.HTTPError, SQLAlchemyError, OSError):
        return None
    return {
        "closed cycles": books["closed"],
        "invitations": books["invited"],
        "links mailed": len(ledger.links(house)),
        "complaints counted": complaints["n"],
        "answers taken": books["completed"],
        "answers counted": csat["n"],
        "points counted": round((csat["value"] or 0) * csat["n"], 3),
        "not published": unpublished,
        "dead letters": dead,
    }


async def _shown(house: House, path: str, **query: str) -> Any:
    manager = house.company.manager
    answer = await manager.client.get(
        f"/api/v1{path}", params=query, headers={"Authorization": f"Bearer {manager.token}"}
    )
    answer.raise_for_status()
    return answer.json()
