"""Say what a body would become, without doing it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.integrations.inbound.mapping_rules import (
    MappingDocument,
    MisfitError,
    map_body,
)
from services.integrations.inbound.records import ComplaintToSend, CustomerToSend, record_of
from services.integrations.inbound.vocabulary import RecordKind


@dataclass(frozen=True, slots=True)
class Trial:
    """A record with its kind, neither for what is ignored, or why a body does not fit."""

    kind: RecordKind | None = None
    record: CustomerToSend | ComplaintToSend | None = None
    misfit: MisfitError | None = None


def try_mapping(mapping: MappingDocument, body: Any, *, now: datetime) -> Trial:
    """Return what a mapping would make of a body."""
    try:
        mapped = map_body(mapping, body)
        if mapped is None:
            return Trial()
        return Trial(mapped.record, record_of(mapped, received_at=now))
    except MisfitError as misfit:
        return Trial(misfit=misfit)
