"""What is heard about where customers can be reached."""

from collections.abc import Sequence

from services.integrations.contacts.queries import Contact, keep_contact
from shared.contracts.tickets import CustomerContactChanged
from shared.crypto.vault import Vault
from shared.database import Session
from shared.inbox.handlers import Handler, Received, on
from shared.privacy.tombstones import erased_among


def contact_handlers(vault: Vault) -> tuple[Handler, ...]:
    """Return the handlers of this capability."""

    async def hear_contacts(
        session: Session, received: Sequence[Received[CustomerContactChanged]]
    ) -> None:
        erased = await erased_among(session, (one.data.customer_id for one in received))
        for one in sorted(received, key=lambda r: r.data.customer_id):
            if one.data.customer_id in erased:
                continue
            said, envelope = one.data, one.envelope
            await keep_contact(
                session,
                vault,
                said.customer_id,
                Contact(said.name, said.language, said.email, said.phone),
                epoch=envelope.epoch,
                sequence=envelope.sequence,
            )

    return (on(CustomerContactChanged, hear_contacts),)
