"""Say the present categories again, for a copy that begins or has lost something."""

from services.tickets.categories.keep_category import category_changed
from services.tickets.categories.queries import all_categories
from shared.crypto.vault import Vault
from shared.database import Session
from shared.snapshots.say_again import Again, Wanted, fact


async def say_categories_again(session: Session, vault: Vault, wanted: Wanted) -> list[Again]:
    """Return the next categories, those out of use included."""
    known = sorted(await all_categories(session), key=lambda category: str(category.id))
    return [
        fact(vault, category_changed(one), one.id, one.sequence, wanted.now)
        for one in known
        if wanted.position is None or str(one.id) > wanted.position
    ][: wanted.limit]
