"""The words that an installation begins with: our own lists, to be changed by its people."""

import json
from datetime import datetime
from importlib.resources import files
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy.dialects.postgresql import insert

from services.feedback.items.classifier_rules import Keyword
from services.feedback.items.tables import keywords
from services.feedback.items.vocabulary import KeywordTarget
from shared.database import Session

NAMESPACE: Final = UUID("0192d7a4-6d11-7c52-8a3e-4b5c6d7e8f90")
"""A shipped word that somebody ended keeps its row, and does not come back."""


def shipped_keywords() -> list[Keyword]:
    """Return the shipped words with what they speak for."""
    text = files("services.feedback.items").joinpath("shipped_keywords.json").read_text("utf-8")
    return [
        Keyword(KeywordTarget(group["target"]), group["value"], word)
        for group in json.loads(text)
        for word in group["words"]
    ]


async def seed_keywords(session: Session, now: datetime) -> None:
    """Add the shipped words that were never there."""
    rows = [
        {
            "id": uuid5(NAMESPACE, f"{one.target}:{one.word}"),
            "target": one.target,
            "value": one.value,
            "word": one.word,
            "valid_from": now,
        }
        for one in shipped_keywords()
    ]
    await session.execute(insert(keywords).values(rows).on_conflict_do_nothing())
