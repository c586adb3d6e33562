"""A request leaves one line in the log and one count, and what it causes knows where it is from."""

import pytest
from fastapi import APIRouter
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from shared.correlation import current_cause
from shared.ids import new_id
from tests.shared.http.conftest import Small

TALLIES = "/api/v1/tallies"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
LINK = "Ab3dEf6hIj9kLm2nOp5qRs"


def count(route: str, status: int) -> float:
    labels = {"service": "sample", "method": "GET", "route": route, "status": str(status)}
    return REGISTRY.get_sample_value("http_server_request_duration_seconds_count", labels) or 0


async def test_a_line_tells_which_route_and_who_but_no_id_of_the_path(small: Small) -> None:
    route, tally_id = f"{TALLIES}/{{tally_id}}", new_id()
    before = count(route, 404)
    with capture_logs() as lines:
        await small.person.get(f"{TALLIES}/{tally_id}", headers={"Cookie": "secret=1"})
    (line,) = lines
    assert (line["route"], line["status"], line["actor_kind"]) == (route, 404, "customer")
    assert line["actor_id"] == small.person.id
    assert line["duration_ms"] > 0
    written = str(line)
    assert not any(secret in written for secret in (str(tally_id), small.token, "secret"))
    assert count(route, 404) == before + 1


async def test_paths_that_are_nobodys_are_one_row_of_the_figures_and_give_no_link_away(
    small: Small,
) -> None:
    before = count("unknown", 404)
    with capture_logs() as lines:
        for path in (f"/s/{LINK}", f"/s/{LINK}/x", "/a", "/" + "a" * 5000):
            await small.person.get(path)
    assert count("unknown", 404) == before + 4
    assert LINK not in str(lines)
    assert max(len(line["route"]) for line in lines) <= 200


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (TRACE, True),
        (TRACE.upper(), False),
        ("00-" + "0" * 32 + TRACE[35:], False),
        ("nonsense", False),
    ],
)
async def test_what_a_request_causes_carries_its_trace(
    small: Small, given: str, *, kept: bool
) -> None:
    causes = []
    router = APIRouter()

    @router.get("/cause")
    async def work() -> None:
        causes.append(current_cause())

    small.app.include_router(router)
    headers = {"Traceparent": given, "X-Request-ID": "mine-1"}
    answer = await small.person.get("/cause", headers=headers)
    (cause,) = causes
    assert cause.correlation_id == answer.headers["x-request-id"] == "mine-1"
    assert cause.traceparent == (given if kept else None)
