"""Every panel of the dashboard shows what a running system does, and a worker that is gone."""

import json
import re
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest

from standalone.compose import NAMES
from tests.flows.test_e1 import solved_and_confirmed
from tests.support.company import Company, found_company, somebody
from tests.support.databases import Server
from tests.support.found import missing, prometheus_programs
from tests.support.partner import Partner, partner
from tests.support.patience import becomes
from tests.support.processes import free_ports
from tests.support.prometheus import FOLDER, OF_OTHERS, Prometheus, prometheus
from tests.support.rabbitmq import RabbitNode, remove_node
from tests.support.system import over_rabbitmq

PROCESSES: Final = 2 * len(NAMES)

OF_FAILURES: Final = {
    "Relay: published, and windows that failed: {{reason}}",
    "Sweeps that fail: {{database}} {{sweep}}",
}
"""What is empty until something fails, as docs/observability.md says."""

WORK: Final = re.compile(r"[.](events|letters|dead)$")

PLUGIN: Final = """\
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = {port}
prometheus.return_per_object_metrics = false
"""


@asynccontextmanager
async def measured_broker(programs: Path) -> AsyncIterator[tuple[RabbitNode, str]]:
    """Run a node with its Prometheus plugin; return where that is asked, too."""
    (port,) = free_ports(1)
    node = RabbitNode(programs, Path(tempfile.mkdtemp(prefix="careloop-rabbitmq-")))
    node.configure(PLUGIN.format(port=port))
    (node.folder / "enabled_plugins").write_text("[rabbitmq_prometheus].\n")
    try:
        await node.start()
        yield node, f"127.0.0.1:{port}"
    finally:
        await remove_node(node)


@asynccontextmanager
async def watched(
    server: Server, rabbitmq: Path, folder: Path
) -> AsyncIterator[tuple[Company, Prometheus]]:
    """Run every process, and Prometheus beside them."""
    programs = prometheus_programs()
    if programs is None:
        missing("Prometheus", "make test fetches it; or apt install prometheus")
    settings = {"CARELOOP_EGRESS_ALLOW": "127.0.0.1"}
    async with (
        measured_broker(rabbitmq) as (node, broker),
        over_rabbitmq(server, node.url, folder, settings) as running,
    ):
        doors = {name: urlsplit(url).netloc for name, url in running.health.items()}
        async with prometheus(programs, folder, doors, broker) as seen:
            yield await found_company(running), seen


def panels() -> dict[str, str]:
    """Return what the dashboard asks for, by panel and legend."""
    dashboard = json.loads((FOLDER / "grafana/dashboards/careloop.json").read_text("utf-8"))
    return {
        f"{panel['title']}: {target['legendFormat']}": target["expr"]
        for panel in dashboard["panels"]
        for target in panel["targets"]
    }


async def empty(seen: Prometheus) -> set[str]:
    """Return which of them have nothing to draw."""
    return {name for name, asked in panels().items() if not await seen.series(asked)}


async def live(company: Company) -> None:
    """Let happen what the panels speak of: a loop, books, a partner, and refusals."""
    admin = await somebody(company.running, "admin")
    customer = await company.customer("wang", "wang@example.com")
    async with partner() as crm:
        await admin.does("/webhooks", {"url": crm.url("/"), "event_types": ["ticket.closed"]})
        await solved_and_confirmed(company, customer)
        await becomes(lambda: requests(crm), 1)
    assert (await customer.post("/tickets", {})).status_code == 403
    assert (await customer.post("/inbound/nobody", {})).status_code == 404
    for service in ("reporting", "integrations"):
        await company.operator.does(f"/{service}/books/runs", {"whole": True})


async def requests(crm: Partner) -> int:
    return len(crm.requests)


@pytest.mark.rabbit
@pytest.mark.timeout(300)  # a broker, ten processes and what watches them start
async def test_every_panel_shows_a_running_system_and_a_worker_that_is_gone(
    server: Server, rabbit_programs: Path, tmp_path: Path
) -> None:
    async with watched(server, rabbit_programs, tmp_path) as (company, seen):
        await live(company)
        await becomes(lambda: empty(seen), OF_FAILURES)
        await becomes(lambda: answering(seen), {(): PROCESSES})
        await becomes(seen.alerts, set())
        closings = await seen.series("sum(careloop_loop_seconds_count)")
        assert closings == {(): 1}
        consumers = await seen.series(panels()["Queues: consumers: {{queue}}"])
        ours = {queue: count for (queue,), count in consumers.items() if WORK.search(queue)}
        assert set(ours.values()) == {1}
        assert len(ours) == 3 * len(NAMES)

        await company.running.processes["surveys-worker"].end(signal.SIGKILL)
        await becomes(lambda: answering(seen), {(): PROCESSES - 1})
        await becomes(seen.alerts, {"NobodyConsumes", "ProcessDown", "ProcessMissing"})
        assert OF_OTHERS - await seen.names() == set()


async def answering(seen: Prometheus) -> dict[tuple[str, ...], float]:
    return await seen.series("sum(up{job='careloop'})")
