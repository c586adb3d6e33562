"""Which release this code is; a test holds it equal to pyproject.toml: images do not carry that."""

from typing import Final

RELEASE: Final = "0.1.0"
