import json

import pytest

from shared.bus.interface import LADDER, Queue, QueueKind
from shared.bus.rights import rights
from shared.bus.topology import Names, definitions, definitions_json, duration, rung
from tests.shared.bus.worlds import QUEUES


@pytest.mark.parametrize(
    ("seconds", "name"),
    [(0.2, "200ms"), (10, "10s"), (60, "1m"), (90, "90s"), (600, "10m"), (3600, "1h")],
)
def test_a_delay_queue_says_how_long_it_takes(seconds: float, name: str) -> None:
    assert duration(seconds) == name
    assert Names("acme").delay(seconds) == f"acme.delay.{name}"


@pytest.mark.parametrize(("asked", "waits"), [(10, 10), (11, 60), (0, 10), (99_999, 3600)])
def test_a_retry_waits_at_least_as_long_as_was_asked_or_on_the_last_rung(
    asked: float, waits: float
) -> None:
    assert rung(asked, LADDER) == waits


def test_every_binding_joins_what_is_there() -> None:
    made = definitions(QUEUES)
    exchanges = {exchange["name"] for exchange in made["exchanges"]}
    queues = {queue["name"] for queue in made["queues"]}

    assert {binding["source"] for binding in made["bindings"]} <= exchanges
    assert {binding["destination"] for binding in made["bindings"]} == queues
    for queue in made["queues"]:
        assert queue["arguments"].get("x-dead-letter-exchange", "careloop.events") in exchanges


def test_no_work_queue_is_limited_in_length_and_every_queue_is_replicated() -> None:
    for queue in definitions(QUEUES)["queues"]:
        assert queue["arguments"]["x-queue-type"] == "quorum"
        assert "x-max-length" not in queue["arguments"]
        assert queue["durable"]


def test_what_takes_everything_is_bound_to_everything() -> None:
    everything = Queue("reporting", QueueKind.EVENTS, ("#",))
    made = json.loads(definitions_json([everything]))
    keys = {
        binding["routing_key"]
        for binding in made["bindings"]
        if binding["source"] == "careloop.events"
    }
    assert keys == {"#"}


def test_a_service_may_say_its_own_types_in_any_version_and_read_its_own_queues() -> None:
    surveys = rights(Names(), "surveys", ["survey.invited.v1", "survey.low_score.v2"])

    assert surveys.say == r"^(survey\.invited|survey\.low_score)\.v[0-9]+$"
    assert surveys.read == r"^careloop\.(surveys\..+|unrouted)$"
    assert surveys.configure == "^$"
    assert rights(Names(), "mute", []).say == "^$"
