"""The MetaData of this service's own tables."""

from shared.database import new_metadata

metadata = new_metadata()
