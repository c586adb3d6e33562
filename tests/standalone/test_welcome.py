"""What goes wrong beside serving is said at once, and serving goes on."""

import pytest
from fastapi import FastAPI

from careloop.welcome import welcome
from shared.database import Database
from shared.settings import CommonSettings
from standalone.compose import System
from standalone.gateway import Gateway


@pytest.mark.parametrize(
    ("demo", "said"),
    [
        (False, "The first people could not be hired: no PostgreSQL answers"),
        (True, "The demo could not be loaded whole"),
    ],
)
async def test_people_or_demo_that_cannot_be_made_are_a_sentence_at_once(
    capsys: pytest.CaptureFixture[str], *, demo: bool, said: str
) -> None:
    away = Database("postgresql+asyncpg://careloop@127.0.0.1:1/careloop_tickets")
    system = System({}, {"tickets": away}, {}, {}, Gateway({}, FastAPI()))
    await welcome(demo=demo)(system, CommonSettings(development=True))
    out = capsys.readouterr().out
    assert said in out
    assert "verything else runs" in out
