"""How long a person waits for an answer, and may read it."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class PrivacyTimes:
    """How long answering may take, and how long what was found may be read."""

    due: timedelta
    export_kept: timedelta
