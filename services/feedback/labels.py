"""The words of this service with their Chinese and English labels."""

from collections.abc import Mapping

from shared.vocabulary import Labels

VOCABULARY: Mapping[str, Labels] = {}
