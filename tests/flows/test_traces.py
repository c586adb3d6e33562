"""One trace shows the way from a closing to its survey, through every service that it touches."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.conftest import Edition
from tests.support.collector import Collector, Seen, collector
from tests.support.company import found_company
from tests.support.patience import sooner_or_later

pytestmark = pytest.mark.timeout(300)
"""Ten processes start, write their spans and end."""

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
NAME, WORDS = "欧阳追踪", "三天没有人上门"


async def test_one_trace_leads_from_the_closing_to_the_survey(
    edition: Edition, tmp_path: Path
) -> None:
    with collector() as traces:
        settings = {"CARELOOP_OTLP_ENDPOINT": traces.endpoint, "CARELOOP_TRACE_RATIO": "0"}
        async with edition(tmp_path, settings) as running:
            company = await found_company(running)
            customer = await company.customer(NAME)
            complaint = {
                "kind": "complaint",
                "channel": "wechat",
                "subject": WORDS,
                "description": WORDS,
            }
            ticket = await customer.does("/my/tickets", complaint)
            path = f"/tickets/{ticket['id']}"
            await company.agent.does(f"{path}/replies", {"body": WORDS})
            solved = {"reason": "solved", "solution": WORDS}
            await company.agent.does(f"{path}/resolve", solved)
            assert traces.spans == []  # nobody asked for a trace, and a share of none is kept
            running.client.headers["traceparent"] = f"00-{TRACE}-{CALLER}-01"
            await customer.does(f"/my{path}/confirm")

            async def heard() -> bool | None:
                return bool(traces.named("handle survey.invited", service="reporting")) or None

            await sooner_or_later(heard)
    last = traces.named("handle survey.invited", service="reporting")[0]
    names = [one.name for one in way_to(last, traces)]
    assert names == [
        "POST /api/v1/my/tickets/{ticket_id}/confirm",
        "publish ticket.closed",
        "handle ticket.closed",
        "publish survey.invited",
        "handle survey.invited",
    ]
    assert {one.trace for one in traces.spans} == {TRACE}
    said = "".join(one.words for one in traces.spans)
    assert NAME not in said
    assert WORDS not in said
    assert "exception" not in said


def way_to(last: Seen, traces: Collector) -> list[Seen]:
    """Return the spans that led to one, from the caller on."""
    by_id = {one.id: one for one in traces.spans}
    way = [last]
    while way[0].parent != CALLER:
        way.insert(0, by_id[way[0].parent])
    return way


def test_without_an_endpoint_nothing_of_it_is_there() -> None:
    code = (
        "import sys, shared.host, standalone.run\n"
        "from shared.tracing import Kind, Step, span, tracing\n"
        "with tracing(None, 1, process='none'), span(Kind.SERVER, Step('x', None, {})) as one:\n"
        "    assert one is None\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry.sdk',"
        " 'opentelemetry.exporter'))])\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
