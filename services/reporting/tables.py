"""The MetaData of this service's own tables, and the schemas that they lie in."""

from typing import Final

from shared.database import new_metadata

EVENTS: Final = "events"
"""The log: what everything else is made of; the only thing here that cannot be made again."""

FACTS: Final = "facts"
"""What the log says together; it may be dropped and is rebuilt from the log."""

FACTS_NEXT: Final = "facts_next"
"""Where a rebuild makes the next facts while the present ones are read."""

FACTS_OLD: Final = "facts_old"

DESK: Final = "desk"
"""What people decided; no rebuild touches it."""

BOOKS: Final = "books"
"""What was counted to compare the books; it may be dropped and is counted again."""

metadata = new_metadata()
