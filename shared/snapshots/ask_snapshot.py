"""Ask for a snapshot; the worker of the service that was asked hands it over."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.audit import audit
from shared.auth.actor import Actor
from shared.contracts.privacy import EVERY_SERVICE
from shared.database import Session
from shared.errors import InvalidError
from shared.ids import new_id
from shared.snapshots.queries import Snapshot, SnapshotState, add_snapshot


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """What shall be said again to whom; only past events can be narrowed."""

    kind: str
    recipient: str
    types: Sequence[str] = ()
    since: datetime | None = None


async def ask_snapshot(
    session: Session,
    request: SnapshotRequest,
    *,
    kinds: Collection[str],
    actor: Actor,
    now: datetime,
) -> Snapshot:
    """Note what shall be said again. Raises InvalidError for a kind or service that is none."""
    if request.kind not in kinds:
        raise InvalidError(
            "unknown_snapshot_kind", "This service cannot say that.", kinds=sorted(kinds)
        )
    if request.recipient not in EVERY_SERVICE:
        raise InvalidError(
            "unknown_service", "There is no such service.", services=list(EVERY_SERVICE)
        )
    snapshot = _new(request, actor, now)
    await add_snapshot(session, snapshot)
    await audit(
        session,
        "snapshot.asked",
        actor=actor,
        subject_kind="snapshot",
        subject_id=snapshot.id,
        now=now,
        kind=request.kind,
        recipient=request.recipient,
    )
    return snapshot


def _new(request: SnapshotRequest, actor: Actor, now: datetime) -> Snapshot:
    return Snapshot(
        id=new_id(),
        kind=request.kind,
        recipient=request.recipient,
        types=tuple(request.types),
        since=request.since,
        state=SnapshotState.RUNNING,
        position=None,
        sent=0,
        asked_by=actor.id,
        asked_at=now,
        finished_at=None,
    )
