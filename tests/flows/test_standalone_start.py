"""`careloop run` starts, ends and begins again; what a person can mend is one sentence."""

import signal
import time
from pathlib import Path
from uuid import uuid4

import pytest

from tests.flows.conftest import Edition
from tests.support.company import Caller, found_company, somebody
from tests.support.processes import Done, command, free_ports
from tests.support.system import Running

CLEAN_END_SECONDS = 20
"""One or two as a rule, of which PostgreSQL's last checkpoint is the longest."""

PASSWORD = "correct horse battery"


def sentence(done: Done) -> str:
    """Return the one sentence that a command which could not run has said."""
    assert done.code == 1, done
    said = done.err.strip()
    assert said.startswith("careloop: "), said
    assert "\n" not in said, said
    return said


def content_of(folder: Path) -> list[str]:
    """Return the names of what lies in a folder."""
    return [one.name for one in folder.iterdir()]


def family(pid: int) -> set[int]:
    """Return a process with all that it started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            rest = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended while we looked
            continue
        if rest[0] != "Z":
            parents[int(stat.parent.name)] = int(rest[1])
    found = {pid} & set(parents)
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


@pytest.mark.timeout(300)  # ten commands start, one after the other
async def test_what_is_in_the_way_of_a_start_is_one_sentence(
    in_one: Edition, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    async with in_one(first, {}) as running:
        port = dict(running.processes["run"].settings)["PORT"]
        taken = await command("run", folder=second, settings={"PORT": port})
        assert f"127.0.0.1:{port} cannot be used" in sentence(taken)
        assert content_of(second) == []
        other = {"PORT": str(free_ports(1)[0])}
        assert "already runs" in sentence(await command("run", folder=first, settings=other))
        assert (await running.client.get("/readyz")).status_code == 200

        await a_token_is_printed(running, first, port)
        await dead_letters_are_listed(first, port)
        await an_account_is_made(running, first, port)


async def a_token_is_printed(running: Running, folder: Path, port: str) -> None:
    """The token alone goes to the output, so that $(…) takes it."""
    done = await command("token", "--role", "manager", folder=folder, settings={"PORT": port})
    assert done.code == 0, done
    assert done.err.startswith("manager ")
    manager = Caller("", running.client, done.out.strip())
    assert (await manager.get("/books"))["balanced"]
    strange = await command("token", "--role", "king", folder=folder, settings={"PORT": port})
    assert "no such role" in sentence(strange)
    nobody = {"PORT": str(free_ports(1)[0])}
    assert "Nothing answers" in sentence(await command("token", folder=folder, settings=nobody))


async def dead_letters_are_listed(folder: Path, port: str) -> None:
    """There are none; replaying one that is not there says so."""
    settings = {"PORT": port}
    done = await command("dead-letters", "list", "reporting", folder=folder, settings=settings)
    assert (done.code, done.out.strip()) == (0, "reporting: none waiting."), done
    lost = ("dead-letters", "replay", "reporting", str(uuid4()), "--reason", "try again")
    assert sentence(await command(*lost, folder=folder, settings=settings))
    unknown = await command("dead-letters", "list", "billing", folder=folder, settings=settings)
    assert "no service billing" in sentence(unknown)


async def an_account_is_made(running: Running, folder: Path, port: str) -> None:
    """Its password is read from a pipe and signs in; a short one and a second one are refused."""
    create = ("admin", "create", "boss", "--role", "manager")

    async def created(password: str) -> Done:
        return await command(*create, folder=folder, settings={"PORT": port}, said=f"{password}\n")

    assert "Choose a password of" in sentence(await created("too short"))
    done = await created(PASSWORD)
    assert (done.code, done.out.strip()) == (0, "boss may sign in as manager."), done
    assert sentence(await created(PASSWORD))
    admin = await somebody(running, "admin")
    staff = (await admin.get("/staff"))["data"]
    assert [person["name"] for person in staff].count("boss") == 1
    grant = {"grant_type": "password", "username": "boss", "password": PASSWORD}
    answer = await running.client.post("/api/v1/auth/token", data=grant)
    assert answer.status_code == 200, answer.text
    wrong = await running.client.post("/api/v1/auth/token", data=grant | {"password": "guessed"})
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")


@pytest.mark.timeout(240)
async def test_ctrl_c_ends_everything_and_the_data_are_there_again(
    in_one: Edition, tmp_path: Path
) -> None:
    async with in_one(tmp_path, {}) as running:
        process, company = running.processes["run"], await found_company(running)
        customer = await company.customer("王先生")
        body = {"kind": "complaint", "subject": "漏气", "description": "厨房有味道"}
        ticket = await customer.does("/my/tickets", body)
        members = family(process.pid)
        assert len(members) > 1
        began = time.monotonic()
        assert await process.end(signal.SIGINT) == 0
        assert time.monotonic() - began < CLEAN_END_SECONDS
        assert "Traceback" not in process.log
        assert {pid for pid in members if family(pid)} == set()

        process.start()
        await running.ready()
        assert await customer.insists(f"/my/tickets/{ticket['id']}/withdraw")
        assert (await customer.get(f"/my/tickets/{ticket['id']}"))["state"] == "cancelled"
        assert (await somebody(running, "agent", company.agent.id)).id == company.agent.id

        await process.end()
        (tmp_path / ".data/postgres/global/pg_control").unlink()
        damaged = await command("run", folder=tmp_path, settings=process.settings)
        assert ".data/postgres" in sentence(damaged)


async def test_a_setting_that_nobody_reads_and_a_foreign_folder_are_refused(
    tmp_path: Path,
) -> None:
    port = {"PORT": str(free_ports(1)[0]), "DEMO": "0"}
    misspelt = {"CARELOOP_TICKETS_CONFIRMATON_SECONDS": "5"}
    refused = await command("run", folder=tmp_path, settings=port | misspelt)
    assert "CARELOOP_TICKETS_CONFIRMATON_SECONDS" in sentence(refused)
    assert content_of(tmp_path) == []

    foreign = tmp_path / ".data/postgres"
    foreign.mkdir(parents=True)
    (foreign / "holiday.jpg").write_bytes(b"\xff\xd8")
    assert "no PostgreSQL database" in sentence(
        await command("run", folder=tmp_path, settings=port)
    )
    assert content_of(foreign) == ["holiday.jpg"]
