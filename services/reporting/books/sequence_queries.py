"""Named reads and writes of the tallies."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from services.reporting.books.sequence_rules import written
from services.reporting.books.tables import tally_position
from shared.books.rules import MOST, Claim, Difference
from shared.contracts.registry import EVENTS
from shared.database import Session

ANSWERS: Final = frozenset({"crm.record_taken", "crm.record_refused", "privacy.erasure_done"})
"""They repeat the number of what they answer."""

_COUNT: Final = text(
    """
    INSERT INTO books.tallies AS known (source, epoch, subject, said, events, heard_at)
    SELECT by.source, log.epoch, log.subject,
           range_agg(int8range(log.sequence, log.sequence + 1)),
           count(*) FILTER (WHERE log.origin <> 'replay'),
           max(log.heard_at)
    FROM events.event_log AS log
    JOIN unnest(CAST(:prefixes AS text[]), CAST(:services AS text[])) AS by (prefix, source)
      ON by.prefix = split_part(log.type, '.', 1)
    WHERE log.position > :after AND log.position <= :last
      AND log.type <> ALL (CAST(:answers AS text[]))
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (source, epoch, subject) DO UPDATE SET
      said = known.said + excluded.said,
      events = known.events + excluded.events,
      heard_at = greatest(known.heard_at, excluded.heard_at)
    """
)

_UNSOUND: Final = text(
    """
    SELECT source, epoch, subject, events, upper(said) - least(lower(said), begin) AS numbers,
           CAST(int8multirange(int8range(least(lower(said), begin), upper(said))) - said AS text)
             AS missing
    FROM books.tallies AS one
    CROSS JOIN LATERAL (
      SELECT coalesce(max(upper(older.said)), 1) AS begin FROM books.tallies AS older
      WHERE older.source = one.source AND older.subject = one.subject AND older.epoch < one.epoch
    ) AS expected
    WHERE NOT sound AND heard_at <= :until
      AND epoch = (SELECT max(epoch) FROM books.tallies AS newest WHERE newest.source = one.source)
      AND (events > upper(said) - least(lower(said), begin)
           OR int8multirange(int8range(least(lower(said), begin), upper(said))) <> said)
    ORDER BY source, subject
    LIMIT :limit
    """
)


async def counted_up_to(session: Session) -> int:
    """Return the position up to which the log is counted."""
    return await session.scalar(select(tally_position.c.position)) or 0


async def count_log(session: Session, after: int, last: int) -> None:
    """Count a stretch of the log that was not counted yet."""
    known = _sources()
    await session.execute(
        _COUNT,
        {
            "prefixes": list(known),
            "services": list(known.values()),
            "answers": sorted(ANSWERS),
            "after": after,
            "last": last,
        },
    )
    moved = insert(tally_position).values(one=1, position=last)
    await session.execute(
        moved.on_conflict_do_update(
            index_elements=["one"], set_={"position": moved.excluded.position}
        )
    )


async def is_begun_anew(session: Session, claim: Claim | None) -> bool:
    """Return whether this run, before it was broken off, has had the count begun anew."""
    begun_by = await session.scalar(select(tally_position.c.begun_by))
    return claim is not None and begun_by == claim.run_id


async def begin_count_anew(session: Session, claim: Claim | None) -> None:
    """Forget what was counted, and note which run has wanted it."""
    await session.execute(text("TRUNCATE books.tallies"))
    await session.execute(delete(tally_position))
    begun_by = None if claim is None else claim.run_id
    await session.execute(insert(tally_position).values(one=1, position=0, begun_by=begun_by))


async def unsound_subjects(session: Session, until: datetime) -> list[Difference]:
    """Return the subjects of which the log lacks a number, or holds one twice.

    A source that was restored counts on in a new epoch from where its backup stood: of its older
    epochs nothing is expected any more, since a part of them did not happen.
    """
    rows = await session.execute(_UNSOUND, {"until": until, "limit": MOST})
    return [
        Difference(
            f"{row.source}/{row.subject}",
            "lost" if row.missing != "{}" else "doubled",
            {
                "epoch": row.epoch,
                "missing": written(row.missing),
                "events": row.events,
                "numbers": row.numbers,
            },
        )
        for row in rows
    ]


def _sources() -> Mapping[str, str]:
    """Return which service says the events whose type begins so, as in ticket.closed."""
    return {
        contract.TYPE.partition(".")[0]: contract.SENDERS[0]
        for contract in EVENTS.values()
        if contract.TYPE not in ANSWERS and len(contract.SENDERS) == 1
    }
