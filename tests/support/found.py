"""Where the programs that the tests need are on this machine, and what happens without them."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

CACHE = Path(__file__).resolve().parents[2] / ".cache"
"""What `tests.support.install` unpacked; nothing there is ever installed into the system."""


def missing(what: str, remedy: str) -> NoReturn:
    """Skip the test with a reason that says what to do; in CI nothing may be missing."""
    reason = f"{what} is not on this machine: {remedy}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def rabbitmq_home() -> Path | None:
    """Return the folder of a RabbitMQ (with `sbin` in it): the system's, or the unpacked one."""
    # The programs in /usr/sbin are wrappers that insist on root or the user rabbitmq.
    for root in (Path("/"), CACHE / "rabbitmq"):
        versions = sorted((root / "usr/lib/rabbitmq/lib").glob("rabbitmq_server-*"))
        if versions and (root / "usr/lib/erlang/bin/erl").exists():
            return versions[-1]
    return None


def erlang_bin(rabbitmq: Path) -> Path:
    """Return the folder of the Erlang that belongs to a RabbitMQ found here."""
    return rabbitmq.parents[2] / "erlang/bin"


def chromium() -> Path | None:
    """Return a Chromium that Playwright can drive."""
    for name in (os.environ.get("CARELOOP_TEST_CHROMIUM", ""), "chromium", "google-chrome"):
        program = shutil.which(name) if name else None
        if program:
            return Path(program)
    return None


def has_chinese_font() -> bool:
    """Return whether Chinese text is drawn as characters and not as boxes."""
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, check=False)
    return bool(listed.stdout.strip())


def postgres15() -> Path | None:
    """Return the programs of the oldest PostgreSQL that CareLoop promises to run on."""
    return _folder_of("initdb", "usr/lib/postgresql/15/bin", unpacked="postgresql")


def prometheus_programs() -> Path | None:
    """Return the folder of the programs `prometheus` and `promtool`."""
    return _folder_of("promtool", "usr/bin", unpacked="prometheus")


def _folder_of(program: str, folder: str, *, unpacked: str) -> Path | None:
    found = (root / folder for root in (Path("/"), CACHE / unpacked))
    return next((one for one in found if (one / program).exists()), None)
