"""The words of this service with their Chinese and English labels."""

from collections.abc import Mapping

from services.feedback.items.item_labels import ITEM_VOCABULARY
from services.feedback.loops.vocabulary import (
    CONTACT_MEANS_LABELS,
    LOOP_CLOCK_LABELS,
    LOOP_ESCALATION_LABELS,
    LOOP_OUTCOME_LABELS,
    LOOP_STATE_LABELS,
    NOT_NEEDED_LABELS,
    ContactMeans,
    LoopClock,
    LoopEscalationReason,
    LoopOutcome,
    LoopState,
    NotNeededReason,
)
from shared.vocabulary import Labels, labels_of

VOCABULARY: Mapping[str, Labels] = {
    **ITEM_VOCABULARY,
    "loop_state": labels_of(LoopState, LOOP_STATE_LABELS),
    "loop_outcome": labels_of(LoopOutcome, LOOP_OUTCOME_LABELS),
    "loop_clock": labels_of(LoopClock, LOOP_CLOCK_LABELS),
    "loop_escalation_reason": labels_of(LoopEscalationReason, LOOP_ESCALATION_LABELS),
    "contact_means": labels_of(ContactMeans, CONTACT_MEANS_LABELS),
    "not_needed_reason": labels_of(NotNeededReason, NOT_NEEDED_LABELS),
}
