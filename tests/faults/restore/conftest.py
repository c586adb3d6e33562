"""A company that can be saved and set back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.restore.house import House
from tests.support.databases import Server


@pytest.fixture
async def house(server: Server, tmp_path: Path) -> AsyncIterator[House]:
    made = House(server, tmp_path / "secrets")
    await made.build()
    await made.first_people()
    yield made
    await made.end()
