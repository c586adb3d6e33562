"""The embedded PostgreSQL starts anywhere, leaves nothing behind and says what is wrong."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from standalone.postgres import PORT, Postgres, create_databases, postgres
from standalone.postgres_folder import PostgresError


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    with postgres(tmp_path / "a folder" / "数据", durable=False) as started:
        yield started


async def connect(server: Postgres, database: str, role: str) -> asyncpg.Connection:
    return await asyncpg.connect(host=str(server.sockets), port=PORT, user=role, database=database)


async def test_data_written_before_a_restart_is_there_after_it(server: Postgres) -> None:
    await create_databases(server, ["careloop_tickets"])
    connection = await connect(server, "careloop_tickets", "careloop_tickets")
    await connection.execute("CREATE TABLE complaint (body text)")
    await connection.execute("INSERT INTO complaint VALUES ('处理太慢')")
    await connection.close()

    server.stop()
    server.start()
    await create_databases(server, ["careloop_tickets"])

    connection = await connect(server, "careloop_tickets", "careloop_tickets")
    assert await connection.fetchval("SELECT body FROM complaint") == "处理太慢"
    await connection.close()


async def test_a_service_cannot_open_the_database_of_another(server: Postgres) -> None:
    await create_databases(server, ["careloop_tickets", "careloop_surveys"])
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connect(server, "careloop_tickets", "careloop_surveys")


def test_no_permission_above_the_data_folder_changes(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with postgres(home / ".data" / "postgres", durable=False) as server:
        assert server.sockets.stat().st_mode & 0o777 == 0o700
        assert home.stat().st_mode & 0o777 == 0o700
    assert not server.sockets.exists()


@pytest.mark.parametrize("notices_after", [0, 0.5], ids=["at once", "late"])
def test_a_killed_parent_leaves_no_server_and_the_next_start_works(
    tmp_path: Path, notices_after: float
) -> None:
    data = tmp_path / "postgres"
    program = """
import sys
from pathlib import Path
from standalone.postgres import Postgres
server = Postgres(Path(sys.argv[1]), durable=False)
server.start()
print(server.process.pid, flush=True)
sys.stdin.read()
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    assert parent.stdin is not None
    pid = int(parent.stdout.readline())
    if notices_after:
        os.kill(pid, signal.SIGSTOP)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    parent.stdin.close()

    threading.Timer(notices_after, os.kill, (pid, signal.SIGCONT)).start()
    with postgres(data, durable=False) as server:
        assert server.process is not None
        assert server.process.pid != pid
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and _state(pid) != "Z":
        assert time.monotonic() < deadline, "the server outlived its parent"
        time.sleep(0.01)


def test_a_number_reused_by_another_process_does_not_keep_it_from_starting(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    with postgres(data, durable=False):
        left_behind = (data / "postmaster.pid").read_text()
    ours = left_behind.replace(left_behind.split("\n", 1)[0], str(os.getppid()), 1)
    (data / "postmaster.pid").write_text(ours)
    with postgres(data, durable=False) as server:
        assert server.process is not None


def test_a_second_start_on_the_same_folder_names_the_process(server: Postgres) -> None:
    assert server.process is not None
    second = Postgres(server.data, durable=False)
    with pytest.raises(PostgresError, match=f"already runs on .* as process {server.process.pid}"):
        second.start()
    os.kill(server.process.pid, 0)


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda data: (data / "PG_VERSION").write_text("12\n"), "made by PostgreSQL 12"),
        (lambda data: (data / "PG_VERSION").unlink(), "no PostgreSQL database"),
        (lambda data: (data / "global" / "pg_control").write_bytes(b"x"), "did not start"),
    ],
    ids=["older", "foreign files", "damaged"],
)
def test_a_folder_that_cannot_be_used_is_one_clear_sentence(
    tmp_path: Path, damage: object, sentence: str
) -> None:
    data = tmp_path / "postgres"
    with postgres(data, durable=False):
        pass
    assert callable(damage)
    damage(data)
    kept = {path.name for path in data.iterdir()}
    with pytest.raises(PostgresError, match=sentence) as refused:
        Postgres(data, durable=False).start()
    assert "\n" not in str(refused.value)
    assert str(data) in str(refused.value)
    assert kept <= {path.name for path in data.iterdir()}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused_with_both_names(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    with postgres(data, durable=False):
        pass
    os.chown(data, 1234, 1234)
    with pytest.raises(PostgresError, match="belongs to user id 1234 and you are 0"):
        Postgres(data, durable=False).start()


def test_an_initdb_that_was_interrupted_leaves_no_half_folder(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    half = tmp_path / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    with postgres(data, durable=False):
        assert not half.exists()


def test_a_named_folder_without_postgresql_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARELOOP_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(PostgresError, match="no initdb is there"):
        Postgres(tmp_path / "postgres").start()
    assert not (tmp_path / "postgres").exists()


def test_a_socket_folder_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    server = Postgres(tmp_path / "postgres", durable=False)
    server.sockets.mkdir(mode=0o755)
    server.sockets.chmod(0o755)
    try:
        with pytest.raises(PostgresError, match="not a private folder"):
            server.start()
    finally:
        server.sockets.rmdir()


def test_ctrl_c_in_the_terminal_does_not_reach_the_server_before_its_parent(
    server: Postgres,
) -> None:
    assert server.process is not None
    assert os.getsid(server.process.pid) != os.getsid(0)
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(20) == 0


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "Z"
