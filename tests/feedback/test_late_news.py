"""After an outage the case and what was done about it come late and together: no false alarm."""

from datetime import timedelta

from shared.clock import utcnow
from shared.ids import new_id
from tests.feedback.conftest import Feedback
from tests.feedback.loop_life import case_of, low_score, resolved, responded, taken

SWEEPS = ("loop_contact_overdue", "loop_result_overdue")


async def test_a_case_heard_of_too_late_waits_for_what_is_on_its_way(feedback: Feedback) -> None:
    now, answered_at = utcnow(), utcnow() - timedelta(days=3)
    seen_to, neglected = new_id(), new_id()
    handling = new_id()
    await feedback.hear(*(low_score(one, new_id(), at=answered_at) for one in (seen_to, neglected)))
    assert await feedback.sweep(*SWEEPS, now=now) == 0

    await feedback.hear(taken(await case_of(feedback, seen_to), seen_to, handling))
    await feedback.hear(
        responded(answered_at + timedelta(hours=2), handling),
        resolved(answered_at + timedelta(hours=9), handling),
    )
    for _ in range(2):
        await feedback.sweep(*SWEEPS, now=now + timedelta(minutes=6))

    said = await feedback.said("feedback.loop_overdue")
    late = str(await case_of(feedback, neglected))
    assert sorted((one.data["case_id"], one.data["clock"]) for one in said) == [
        (late, "contact"),
        (late, "result"),
    ]
