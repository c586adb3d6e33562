"""The MetaData of the tables that every service's database has: outbox, inbox and their kin."""

from shared.database import new_metadata

metadata = new_metadata()
