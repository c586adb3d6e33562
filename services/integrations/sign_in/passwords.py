"""Argon2id hashes, made and checked beside the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

_HASHER: Final = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
"""64 MiB and three passes, as RFC 9106 advises where 2 GiB are too much."""

_THREADS: Final = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")
"""Two at a time: a flood of sign-ins may take 128 MiB and no more."""


async def hashed(password: str) -> str:
    """Return the hash under which a password is kept."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, password)


async def fits(password: str, password_hash: str | None) -> bool:
    """Return whether a password has this hash; without a hash it takes as long and is wrong."""
    return await asyncio.get_running_loop().run_in_executor(
        _THREADS, _fits, password, password_hash
    )


def _fits(password: str, password_hash: str | None) -> bool:
    try:
        _HASHER.verify(password_hash or _nobodys(), password)
    except VerificationError:
        return False
    return password_hash is not None


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this one")
