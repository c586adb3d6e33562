"""A private Prometheus that asks what the composed one asks, every second, by the same rules."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from tests.support.patience import until
from tests.support.processes import free_ports

FOLDER: Final = Path(__file__).parents[2] / "deploy/observability"
BROKER: Final = "rabbitmq:15692"

OF_OTHERS: Final = {
    "up",
    "ALERTS",
    "rabbitmq_alarms_memory_used_watermark",
    "rabbitmq_alarms_free_disk_space_watermark",
    "rabbitmq_detailed_queue_messages",
    "rabbitmq_detailed_queue_messages_ready",
    "rabbitmq_detailed_queue_messages_unacked",
    "rabbitmq_detailed_queue_consumers",
}
"""What Prometheus itself and RabbitMQ's plugin say, of that which our rules and panels ask for."""


@dataclass(frozen=True)
class Prometheus:
    """A running one, and what it answers."""

    client: httpx.AsyncClient

    async def series(self, expression: str) -> dict[tuple[str, ...], float]:
        """Return the value of each series of an expression, by its labels' values."""
        answer = await self.client.get("/api/v1/query", params={"query": expression})
        assert answer.is_success, f"{expression}: {answer.text}"
        found = answer.json()["data"]["result"]
        return {
            tuple(value for _, value in sorted(one["metric"].items())): float(one["value"][1])
            for one in found
        }

    async def names(self) -> set[str]:
        """Return the names of all metrics that somebody said."""
        return set((await self.client.get("/api/v1/label/__name__/values")).json()["data"])

    async def alerts(self) -> set[str]:
        """Return the names of the alerts that burn, or will if it stays as it is."""
        found = (await self.client.get("/api/v1/alerts")).json()["data"]["alerts"]
        return {one["labels"]["alertname"] for one in found}


@asynccontextmanager
async def prometheus(
    programs: Path, folder: Path, processes: Mapping[str, str], broker: str
) -> AsyncIterator[Prometheus]:
    """Watch processes, by name, and a broker's plugin while the block runs; each as host:port."""
    (port,) = free_ports(1)
    file = folder / "prometheus.yml"
    file.write_text(yaml.safe_dump(_configuration(processes, broker)))
    running = _started(
        [
            str(programs / "prometheus"),
            f"--config.file={file}",
            f"--storage.tsdb.path={folder / 'measured'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ],
        folder / "prometheus.log",
    )
    try:
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
            await until(lambda: _is_ready(client))
            yield Prometheus(client)
    finally:
        running.terminate()
        await asyncio.to_thread(running.wait)


def _started(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    dying = ["setpriv", "--pdeathsig", "KILL", "--"] if sys.platform == "linux" else []
    with log.open("ab") as said:
        return subprocess.Popen(
            [*dying, *command],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


def _configuration(processes: Mapping[str, str], broker: str) -> dict[str, Any]:
    """Return what the composed one is told, with addresses of this machine."""
    written = (FOLDER / "prometheus.yml").read_text(encoding="utf-8").replace(BROKER, broker)
    told: dict[str, Any] = yaml.safe_load(written)
    told["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    told["rule_files"] = [str(FOLDER / "rules.yml")]
    told["scrape_configs"][0] = {
        "job_name": told["scrape_configs"][0]["job_name"],
        "static_configs": [
            {"targets": [address], "labels": {"process": name}}
            for name, address in processes.items()
        ],
    }
    return told


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/-/ready")).is_success
    except httpx.TransportError:
        return False
