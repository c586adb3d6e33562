"""`careloop` on a machine whose clock is SKEWED_SECONDS ahead: `python skewed.py api tickets …`."""

import os
import time
from uuid import UUID

import uuid_utils.compat

AHEAD_SECONDS = float(os.environ["SKEWED_SECONDS"])
AHEAD_IN_IDS = int(AHEAD_SECONDS * 1000) << 80
right_time, right_id = time.time, uuid_utils.compat.uuid7


def wrong_time() -> float:
    return right_time() + AHEAD_SECONDS


def wrong_id() -> UUID:
    return UUID(int=right_id().int + AHEAD_IN_IDS)


# Before anybody takes them from there: so the import below is late.
time.time = wrong_time
uuid_utils.compat.uuid7 = wrong_id  # type: ignore[assignment]

from careloop.cli import main  # noqa: E402

main()
