"""All advisory-lock keys of the project: two users of one number would wait for each other."""

from typing import Final

MIGRATE: Final = 4_201
FOLD: Final = 4_202
REBUILD: Final = 4_203
SEED: Final = 4_204
PARTITIONS: Final = 4_205
CYCLE: Final = 4_206
DUTIES: Final = 4_207
LOOP: Final = 4_208
ERASE: Final = 4_210
WEBHOOKS: Final = 4_211
