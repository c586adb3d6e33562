"""What is left of a person in a running system: everything is read, what is sealed is opened."""

import base64
import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import aio_pika
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from sqlalchemy import text

from shared.crypto.vault import ALGORITHM, KEYS_FILE, NONCE_BYTES
from shared.database import Database
from tests.support.system import Running

TABLES: Final = text(
    "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
    " ORDER BY 1"
)
"""Tables that hold rows: partitions, not what they are parts of."""

HEX: Final = re.compile(r"\\\\?x([0-9a-f]{2,})")
SEALED: Final = re.compile(rf"{ALGORITHM}:[\w.-]+:([A-Za-z0-9+/=]+)|\"sealed\": ?\"([^\"]+)\"")
FIRST_BLOCK: Final = b"\x00\x00\x00\x02"
"""Where GCM begins to count; so its text is read without the context that it was sealed for."""


async def remains(running: Running, secrets: Path, needles: Sequence[str]) -> set[tuple[str, str]]:
    """Return where each needle is found: (table, queue or process, needle)."""
    keys = _keys(secrets)
    found = set()
    for service, database in running.databases.items():
        async for table, row in _rows(database):
            for content in _layers(row, keys):
                found |= {(f"{service}.{table}", one) for one in _in(content, needles)}
    async for queue, body in _messages(running):
        for content in _layers(body, keys):
            found |= {(queue, one) for one in _in(content, needles)}
    for name, process in running.processes.items():
        found |= {(name, one) for one in _in(process.log, needles)}
    return found


async def _rows(database: Database) -> AsyncIterator[tuple[str, str]]:
    async with database.transaction() as session:
        for table in (await session.scalars(TABLES)).all():
            statement = text(f"SELECT t::text FROM {table} t")  # noqa: S608 - from the catalogue
            for row in (await session.scalars(statement)).all():
                yield table, row


async def _messages(running: Running) -> AsyncIterator[tuple[str, str]]:
    """Give every message that lies in a queue of the broker, and leave it there."""
    if running.amqp_url is None:
        return
    connection = await aio_pika.connect(running.amqp_url)
    async with connection:  # what is not acknowledged goes back to its queue
        channel = await connection.channel()
        for name in running.queues:
            queue = await channel.get_queue(name)
            while (message := await queue.get(fail=False)) is not None:
                yield name, message.body.decode(errors="replace")


def _layers(row: str, keys: Sequence[bytes]) -> Iterator[str]:
    """Give a row as it stands, and what is written as hexadecimal or sealed in it."""
    waiting = [row]
    while waiting:
        content = waiting.pop()
        yield content
        waiting += [
            bytes.fromhex(digits[: len(digits) // 2 * 2]).decode(errors="replace")
            for digits in HEX.findall(content)
        ]
        for plain, quoted in SEALED.findall(content.replace('\\"', '"').replace('""', '"')):
            waiting += _opened(plain or quoted, keys)


def _opened(sealed: str, keys: Sequence[bytes]) -> list[str]:
    """Return what each key makes of a sealed text; the right one makes sense of it."""
    try:
        body = base64.b64decode(sealed, validate=True)
    except ValueError:
        return []
    nonce, content = body[:NONCE_BYTES], body[NONCE_BYTES:-16]
    texts = []
    for key in keys:
        counter = modes.CTR(nonce + FIRST_BLOCK)
        plain = Cipher(algorithms.AES(key), counter).decryptor().update(content)
        try:
            texts.append(plain.decode())
        except UnicodeDecodeError:
            continue
    return texts


def _in(content: str, needles: Iterable[str]) -> Iterator[str]:
    low = content.lower()
    for needle in needles:
        escaped = json.dumps(needle)[1:-1]
        if needle.lower() in low or escaped.lower() in low.replace("\\\\", "\\"):
            yield needle


def _keys(secrets: Path) -> list[bytes]:
    content = json.loads((secrets / KEYS_FILE).read_text(encoding="utf-8"))
    rings = [*content["data"].values(), *content["letters"].values()]
    return [base64.b64decode(key) for ring in rings for key in ring["keys"].values()]
