"""The manifests of `deploy/k8s`: valid, and with what a cluster must be able to rely on."""

import copy
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import kubernetes_validate
import pytest
import yaml

from standalone.compose import NAMES
from tests.support.found import missing

ROOT: Final = Path(__file__).parents[2]
VERSIONS: Final = ("1.29", "1.34")
"""The oldest that is still offered by providers, and a present one."""

PAUSE_SECONDS: Final = 5
GRACEFUL_SECONDS: Final = 10 + 30
"""A running request, and a worker's batch: shared/serving.py, shared/database.py."""

DRAIN: Final = "CARELOOP_DRAIN_SECONDS"
"""Only where somebody in front looks who is ready: the gateway of compose does not."""

HOSTS: Final = {"$(DATABASE_HOST)": "postgres:5432", "$(BROKER_HOST)": "rabbitmq:5672"}

Document = dict[str, Any]


def built(folder: str) -> list[Document]:
    """Return what `kubectl apply -k` would send."""
    program = shutil.which("kubectl")
    if program is None:
        missing("kubectl", "apt install kubectl, or put it on the PATH")
    done = subprocess.run(
        [program, "kustomize", str(ROOT / "deploy/k8s" / folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@pytest.fixture(scope="module")
def base() -> list[Document]:
    return built("base")


@pytest.fixture(scope="module")
def production() -> list[Document]:
    return built("overlays/production")


def of_kind(documents: list[Document], *kinds: str) -> dict[str, Document]:
    return {one["metadata"]["name"]: one for one in documents if one["kind"] in kinds}


def pod(workload: Document) -> Document:
    found: Document = workload["spec"]["template"]["spec"]
    return found


def container(workload: Document) -> Document:
    (found,) = pod(workload)["containers"]
    return dict(found)


def labels(workload: Document) -> dict[str, str]:
    found: dict[str, str] = workload["spec"]["template"]["metadata"]["labels"]
    return found


def selects(selector: Document, found: dict[str, str]) -> bool:
    """Return whether a label selector takes a pod with these labels."""
    exact = selector.get("matchLabels", {}).items() <= found.items()
    chosen = (
        found.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", ())
    )
    return exact and all(chosen)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_document_is_what_kubernetes_takes(version: str, production: list[Document]) -> None:
    for document in production:
        kubernetes_validate.validate(document, version, strict=True)
    kinds = [document["kind"] for document in production]
    assert {kind: kinds.count(kind) for kind in ("Deployment", "Job", "Service", "Ingress")} == {
        "Deployment": 11,
        "Job": 5,
        "Service": 6,
        "Ingress": 1,
    }


def test_a_document_with_a_slip_is_not_taken(production: list[Document]) -> None:
    slipped = copy.deepcopy(of_kind(production, "Deployment")["tickets-api"])
    pod(slipped)["containers"][0]["readinesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError, match="readinesProbe"):
        kubernetes_validate.validate(slipped, VERSIONS[0], strict=True)


def test_every_service_has_its_processes_and_each_is_watched_bounded_and_let_go(
    base: list[Document],
) -> None:
    deployments = of_kind(base, "Deployment")
    assert set(deployments) == {
        "gateway",
        *(f"{name}-{part}" for name in NAMES for part in ("api", "worker")),
    }
    assert set(of_kind(base, "Job")) == {f"{name}-migrate" for name in NAMES}
    for name, deployment in deployments.items():
        running = container(deployment)
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            assert {"exec", "httpGet"} & set(running[probe]), (name, probe)
        if name != "gateway":
            assert running["livenessProbe"]["httpGet"]["path"] == "/livez"
            assert running["readinessProbe"]["httpGet"]["path"] == "/readyz"
            needed = PAUSE_SECONDS + GRACEFUL_SECONDS
            assert pod(deployment)["terminationGracePeriodSeconds"] > needed
        if name == "gateway":
            pause = ["sleep", str(PAUSE_SECONDS)]
            assert running["lifecycle"]["preStop"]["exec"]["command"] == pause
        if name.endswith("-api"):
            assert {"name": DRAIN, "value": str(PAUSE_SECONDS)} in running["env"]
        if not name.endswith("-worker"):
            assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        assert pod(deployment)["topologySpreadConstraints"], name


def test_no_process_can_do_more_than_it_must(production: list[Document]) -> None:
    for name, workload in of_kind(production, "Deployment", "Job").items():
        inside, around = container(workload), pod(workload)
        assert set(inside["resources"]["limits"]) == {"cpu", "memory"}, name
        assert set(inside["resources"]["requests"]) == {"cpu", "memory"}, name
        assert inside["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        assert around["securityContext"]["runAsNonRoot"] is True, name
        assert around["securityContext"]["runAsUser"] == 10001, name
        assert around["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert around["automountServiceAccountToken"] is False, name
        assert around["enableServiceLinks"] is False, name  # they would be unknown settings
        assert inside["image"].rpartition(":")[2] not in {"latest", inside["image"]}, name


def test_every_deployment_survives_the_draining_of_a_node(base: list[Document]) -> None:
    budgets = of_kind(base, "PodDisruptionBudget").values()
    scaled = {
        one["spec"]["scaleTargetRef"]["name"]: one["spec"]["minReplicas"]
        for one in of_kind(base, "HorizontalPodAutoscaler").values()
    }
    assert set(scaled) == {f"{name}-api" for name in NAMES}
    for name, deployment in of_kind(base, "Deployment").items():
        own = [one for one in budgets if selects(one["spec"]["selector"], labels(deployment))]
        assert len(own) == 1, name
        assert own[0]["spec"]["maxUnavailable"] == 1
        assert deployment["spec"].get("replicas", scaled.get(name, 0)) >= 2, name


def test_each_pod_reaches_what_it_needs_and_only_deliveries_reach_the_internet(
    base: list[Document],
) -> None:
    policies = of_kind(base, "NetworkPolicy")
    assert policies["nobody"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}

    def ways(workload: str, direction: str) -> set[str]:
        found = labels(of_kind(base, "Deployment", "Job")[workload])
        return {
            name
            for name, policy in policies.items()
            if policy["spec"].get(direction) and selects(policy["spec"]["podSelector"], found)
        }

    api = {"names", "services-to-ground", "apis-to-sign-in"}
    for name in NAMES:
        assert ways(f"{name}-api", "egress") == api
        own = {"deliveries-to-internet"} if name == "integrations" else set()
        assert ways(f"{name}-worker", "egress") == {"names", "services-to-ground"} | own
        assert ways(f"{name}-worker", "ingress") == {"metrics-from-monitoring"}
        assert ways(f"{name}-migrate", "ingress") == set()
    assert ways("gateway", "egress") == {"names", "gateway-to-apis"}
    open_to_all = [
        name
        for name, policy in policies.items()
        for rule in policy["spec"].get("egress", ())
        for end in rule["to"]
        if "ipBlock" in end
    ]
    assert set(open_to_all) == {"deliveries-to-internet"}


def test_a_process_has_the_settings_that_it_has_in_compose(base: list[Document]) -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    for name, workload in of_kind(base, "Deployment", "Job").items():
        if name == "gateway":
            continue
        service, _, part = name.partition("-")
        given = {
            one["name"]: one["value"].replace("$(SERVICE)", service)
            for one in container(workload)["env"]
            if one["name"].startswith("CARELOOP_") and one["name"] != DRAIN
        }
        for placeholder, host in HOSTS.items():
            given = {key: value.replace(placeholder, host) for key, value in given.items()}
        there = compose[f"{service}-{part}"]
        assert given == there["environment"], name
        said = [argument.replace("$(SERVICE)", service) for argument in container(workload)["args"]]
        assert said == there["command"], name
        assert container(workload)["image"] == there["image"].partition(":")[0]
        memory = there["mem_limit"].upper() + "i"
        assert container(workload)["resources"]["limits"]["memory"] == memory, name


def test_secrets_are_named_and_each_process_has_its_own_alone(base: list[Document]) -> None:
    assert of_kind(base, "Secret") == {}
    for name, workload in of_kind(base, "Deployment", "Job").items():
        named = {
            volume["secret"]["secretName"]
            for volume in pod(workload)["volumes"]
            if "secret" in volume
        }
        own = set() if name == "gateway" else {f"careloop-{name.partition('-')[0]}"}
        signing = {"careloop-sign-in"} if name == "integrations-api" else set()
        assert named == own | signing, name


def test_the_gateway_is_asked_how_it_is_as_in_compose(base: list[Document]) -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    gateway = container(of_kind(base, "Deployment")["gateway"])
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert ["CMD", *gateway[probe]["exec"]["command"]] == compose["gateway"]["healthcheck"][
            "test"
        ]
    assert set(compose["gateway"]["environment"]) < {one["name"] for one in gateway["env"]}
    assert gateway["resources"]["limits"]["memory"] == "128Mi"


def test_one_name_leads_to_the_gateway_over_tls(production: list[Document]) -> None:
    (ingress,) = of_kind(production, "Ingress").values()
    (rule,) = ingress["spec"]["rules"]
    assert ingress["spec"]["tls"] == [{"hosts": [rule["host"]], "secretName": "careloop-tls"}]
    (path,) = rule["http"]["paths"]
    assert path["backend"]["service"]["name"] == "gateway"
    addresses = [
        one["data"].get("CARELOOP_PUBLIC_URL") for one in of_kind(production, "ConfigMap").values()
    ]
    assert f"https://{rule['host']}" in addresses
