"""The inbox: which messages were handled. Its rows outlive any replay from the dead letters."""

from datetime import timedelta

from sqlalchemy import Column, DateTime, Table, Text, Uuid, func

from shared.arrays import insert_arrays
from shared.messaging import metadata
from shared.partitions import Partitioned

inbox = Table(
    "inbox",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("type", Text, nullable=False),
    Column("handled_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    postgresql_partition_by="RANGE (message_id)",
)

NOTE = (
    insert_arrays(inbox, ("message_id", "type"))
    .on_conflict_do_nothing()
    .returning(inbox.c.message_id)
)
"""Note messages as handled; give those that had not been."""

INBOX_KEPT = timedelta(days=45)
"""No relay and no ladder repeats a message so late, and no person should: a replay within this
time cannot count twice."""

INBOX_PARTITIONS = Partitioned("inbox", "message_id", INBOX_KEPT)
