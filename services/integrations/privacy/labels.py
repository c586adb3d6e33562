"""The words of this capability with their Chinese and English labels."""

from collections.abc import Mapping
from typing import Final

from services.integrations.privacy.vocabulary import (
    PRIVACY_REASON_LABELS,
    PRIVACY_REQUEST_TYPE_LABELS,
    PRIVACY_STATE_LABELS,
    PrivacyReason,
    PrivacyRequestType,
    PrivacyState,
)
from shared.vocabulary import Labels, labels_of

VOCABULARY: Final[Mapping[str, Labels]] = {
    "privacy_request_type": labels_of(PrivacyRequestType, PRIVACY_REQUEST_TYPE_LABELS),
    "privacy_reason": labels_of(PrivacyReason, PRIVACY_REASON_LABELS),
    "privacy_state": labels_of(PrivacyState, PRIVACY_STATE_LABELS),
}
