"""Get what the tests need and this machine lacks; `INSTALL=0` forbids it.

RabbitMQ, PostgreSQL 15 and Prometheus are unpacked from Debian's packages into `.cache`: no root,
no service started, nothing changed outside this folder. A browser has too many libraries for that
and comes by apt when root asks. What cannot be had is named; its tests are skipped, and fail in CI.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support import found

SECONDS = 600
"""A slow line needs five minutes for Chromium's 124 MB."""

ONLY_NEEDED = (
    "--recurse",
    "--no-recommends",
    "--no-suggests",
    "--no-enhances",
    "--no-conflicts",
    "--no-breaks",
    "--no-replaces",
)
"""All that a package cannot run without, and what that cannot run without."""


@dataclass(frozen=True, slots=True)
class Need:
    """A thing that tests need: how to look for it, and how to get it."""

    name: str
    here: Callable[[], object]
    get: Callable[[], None]
    remedy: str


class CannotGetError(Exception):
    """It is not to be had on this machine in this way."""


def main() -> None:
    """Get everything that is missing, or say what stays missing and why."""
    for need in NEEDS:
        if need.here():
            continue
        if os.environ.get("INSTALL") == "0":
            print(f"{need.name} is missing and INSTALL=0: its tests cannot run. {need.remedy}")  # noqa: T201
            continue
        print(f"Getting {need.name} …", flush=True)  # noqa: T201
        try:
            need.get()
        except CannotGetError as error:
            print(f"No {need.name}: {error}. Its tests cannot run. {need.remedy}")  # noqa: T201


def get_rabbitmq() -> None:
    """Unpack RabbitMQ and its Erlang, and let Erlang be told where it lies."""
    target = found.CACHE / "rabbitmq"
    lists = _lists()
    said = _run("apt-cache", *lists, "depends", *ONLY_NEEDED, "rabbitmq-server")
    names = {name for name in said.splitlines() if name.startswith("erlang-")}
    _unpack({"rabbitmq-server", *names}, target, lists)
    script = target / "usr/lib/erlang/bin/erl"
    moved = 'ROOTDIR="$ERL_ROOTDIR"'
    script.write_text(script.read_text().replace("ROOTDIR=/usr/lib/erlang", moved))
    os.environ["ERL_ROOTDIR"] = str(target / "usr/lib/erlang")
    _try(target, str(script), "-noshell", "-eval", "ok = application:start(crypto), halt().")


def get_postgres15() -> None:
    """Unpack PostgreSQL 15; what it links to is on nearly every Debian."""
    target = found.CACHE / "postgresql"
    _unpack({"postgresql-15", "postgresql-client-15", "libpq5"}, target, _lists())
    server = target / "usr/lib/postgresql/15/bin/postgres"
    _try(target, str(server), "--version")


def get_prometheus() -> None:
    """Unpack Prometheus, which needs nothing but itself."""
    target = found.CACHE / "prometheus"
    _unpack({"prometheus"}, target, _lists())
    _try(target, str(target / "usr/bin/promtool"), "--version")


def get_by_apt(*packages: str) -> None:
    """Install packages into the system, as root."""
    if os.geteuid() != 0:
        raise CannotGetError("only root can install it")
    if not _candidate(packages[0]):
        _run("apt-get", "update", "-q")
    _run("apt-get", "install", "-q", "-y", "--no-install-recommends", *packages)


def _unpack(names: set[str], target: Path, lists: Sequence[str]) -> None:
    """Download packages and unpack them to a folder that is whole or not there."""
    found.CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=found.CACHE) as work:
        packages, files = Path(work, "packages"), Path(work, "files")
        packages.mkdir()
        _run("apt-get", *lists, "download", *sorted(names), cwd=packages)
        for package in packages.iterdir():
            _run("dpkg-deb", "-x", str(package), str(files))
        shutil.rmtree(target, ignore_errors=True)
        files.rename(target)


def _try(target: Path, *command: str) -> None:
    """Run what was unpacked; throw it away when a library of the system is missing."""
    try:
        _run(*command)
    except CannotGetError:
        shutil.rmtree(target)
        raise


def _lists() -> list[str]:
    """Return apt's options: its own package lists, or a private copy where it has none."""
    if _candidate("rabbitmq-server"):
        return []
    state = found.CACHE / "apt"
    options = [f"Dir::State::Lists={state}/lists", f"Dir::Cache={state}/cache"]
    flags = [part for option in options for part in ("-o", option)]
    if not (state / "lists").exists():
        for folder in ("lists/partial", "cache/archives/partial"):
            (state / folder).mkdir(parents=True, exist_ok=True)
        _run("apt-get", *flags, "update", "-q")
    return flags


def _candidate(package: str) -> bool:
    return "Version:" in _run("apt-cache", "show", "--no-all-versions", package, check=False)


def _run(*command: str, cwd: Path | None = None, check: bool = True) -> str:
    if not shutil.which(command[0]):
        raise CannotGetError(f"this machine has no {command[0]}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CannotGetError(f"{command[0]} did not end within {SECONDS} s") from None
    if check and done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise CannotGetError(f"{' '.join(command[:2])} failed ({last})")
    return done.stdout


NEEDS = (
    Need(
        "RabbitMQ",
        lambda: os.environ.get("CARELOOP_TEST_AMQP_URL") or found.rabbitmq_home(),
        get_rabbitmq,
        "Set CARELOOP_TEST_AMQP_URL to a broker, or install rabbitmq-server.",
    ),
    Need(
        "PostgreSQL 15",
        found.postgres15,
        get_postgres15,
        "Install postgresql-15.",
    ),
    Need(
        "Prometheus",
        found.prometheus_programs,
        get_prometheus,
        "Install prometheus.",
    ),
    Need(
        "Chromium",
        found.chromium,
        lambda: get_by_apt("chromium"),
        "Install chromium, or set CARELOOP_TEST_CHROMIUM to one.",
    ),
    Need(
        "a Chinese font",
        found.has_chinese_font,
        lambda: get_by_apt("fonts-wqy-microhei", "fontconfig"),
        "Install fonts-wqy-microhei and fontconfig.",
    ),
)


if __name__ == "__main__":
    main()
