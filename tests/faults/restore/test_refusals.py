"""What cannot be restored is refused in one sentence, and nothing is changed."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from careloop.backup.connections import connected
from careloop.backup.manifest import MANIFEST, SUMS, read_manifest
from careloop.restore.checks import check_all
from careloop.restore.command import restore_services
from shared.clock import utcnow
from shared.outbox.tables import OUTBOX_KEPT
from shared.restores.epochs import FIRST_EPOCH, present_epoch
from standalone.place import StartError
from tests.faults.restore.house import House
from tests.support.databases import Server

pytestmark = pytest.mark.timeout(1200)  # everything in one process, beside whatever else runs


LONG_AGO = utcnow() - OUTBOX_KEPT - timedelta(minutes=1)


async def tickets_units(house: House) -> int:
    async with house.here.database("tickets") as database, database.transaction() as session:
        return await session.scalar(text("SELECT count(*) FROM org_units")) or 0


async def test_what_does_not_fit_is_refused_and_nothing_is_changed(
    house: House, server: Server, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    await house.save(folder)
    units = await tickets_units(house)
    assert units == 2

    with pytest.raises(StartError, match=r"database of tickets is not empty: .*--force"):
        await house.set_back(folder, "tickets", force=False)

    async with connected(house.here.services["tickets"].url(house.common)):
        with pytest.raises(StartError, match=r"tickets still runs \(1 connections\)"):
            await house.set_back(folder, "tickets")

    saved = read_manifest(folder).of("tickets")
    newer = saved.model_copy(update={"revisions": saved.revisions | {"service_version": "9999"}})
    with pytest.raises(StartError, match="of a newer release"):
        await check_all(house.here, [newer], force=True)

    with pytest.raises(StartError, match="said in the last 14 days: restore all of them"):
        await restore_services(
            house.here, folder, [saved], taken_at=LONG_AGO, since=LONG_AGO, force=True
        )

    stranger = House(server, tmp_path / "other-keys")
    with pytest.raises(StartError, match="lacks keys with which tickets was saved"):
        await check_all(stranger.here, [saved], force=True)

    assert await tickets_units(house) == units


async def test_a_restore_that_breaks_off_leaves_no_service_in_its_old_epoch(
    house: House, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    await house.save(folder)
    saved = read_manifest(folder)
    (folder / "tickets/public.org_units.copy.gz").unlink()
    copies = [saved.of("feedback"), saved.of("tickets")]
    with pytest.raises(FileNotFoundError):
        await restore_services(
            house.here, folder, copies, taken_at=saved.taken_at, since=saved.taken_at, force=True
        )
    async with house.here.database("feedback") as database, database.transaction() as session:
        epoch = await present_epoch(session)
        said = (await session.execute(text("SELECT type, epoch FROM outbox"))).all()
    assert epoch > FIRST_EPOCH
    assert [tuple(one) for one in said] == [("events.voided", epoch)]


async def test_a_damaged_or_broken_off_backup_is_seen(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    await house.save(folder)
    read_manifest(folder)
    for name in (MANIFEST, "tickets/public.org_units.copy.gz"):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(StartError, match=rf"{name} is damaged"):
            read_manifest(folder)
        (folder / name).write_bytes(whole)
    (folder / SUMS).unlink()
    with pytest.raises(StartError, match="is no whole backup"):
        read_manifest(folder)
