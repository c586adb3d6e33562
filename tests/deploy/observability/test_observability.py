"""Rules and dashboard speak of metrics that there are, and every alert is explained and tried."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from prometheus_client import REGISTRY

from careloop.files import all_services
from tests.deploy.observability.cases import CASES, MINUTES
from tests.support.found import missing, prometheus_programs
from tests.support.prometheus import FOLDER, OF_OTHERS

ROOT = Path(__file__).parents[3]
ALERTS = (ROOT / "docs/alerts.md").read_text(encoding="utf-8")
METRICS = (ROOT / "docs/observability.md").read_text(encoding="utf-8")

OURS: Final = re.compile(r"^(careloop_|http_server_|inbound_)")
PARTS: Final = re.compile(r"_(bucket|count|sum|created)$")
NAME: Final = re.compile(r"(?<![\w.\"$])[A-Za-z_][a-zA-Z0-9_]*(?=\{|\[|\s*[<>=/+)-]|\)|\s|$)")
STRINGS: Final = re.compile(r'"[^"]*"')
LABELS: Final = re.compile(r"\{[^}]*\}|\b(by|without|on)\s*\([^)]*\)")
WORDS: Final = {"or", "and", "unless"}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "rules.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    dashboard = json.loads((FOLDER / "grafana/dashboards/careloop.json").read_text("utf-8"))
    for panel in dashboard["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def metrics_of(expression: str) -> set[str]:
    """Return the metrics that an expression reads: names that are no function and no label."""
    plain = LABELS.sub(" ", STRINGS.sub("", expression))
    found = re.findall(r"[A-Za-z_][A-Za-z0-9_]*(?![A-Za-z0-9_]|\s*\()", plain)
    return {name for name in found if name not in WORDS and not re.fullmatch(r"[smhd]", name)}


def said_here() -> set[str]:
    """Return the names of all metrics of our code, as they are exposed."""
    assert all_services()  # their modules are imported now
    return {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in REGISTRY.collect()
        if OURS.match(family.name)
    }


def test_every_metric_of_a_rule_or_a_panel_is_said_by_somebody() -> None:
    known = said_here() | OF_OTHERS
    asked = {PARTS.sub("", name) for one in expressions() for name in metrics_of(one)}
    assert len(asked) > 20
    assert asked - known == set()


def test_every_metric_of_ours_is_described_and_no_other() -> None:
    described = set(re.findall(r"`((?:careloop|http_server|inbound)_[a-z_]+)`", METRICS))
    assert described == said_here()


@pytest.mark.feature("N-19")
def test_every_alert_is_explained_tried_and_says_where_to_look() -> None:
    names = [rule["alert"] for rule in rules()]
    headings = re.findall(r"^## (\w+)$", ALERTS, flags=re.MULTILINE)
    assert headings == names
    assert set(CASES) == set(names)
    for rule in rules():
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["runbook"] == f"docs/alerts.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_nothing_here_has_a_password() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    grafana = compose["services"]["grafana"]
    assert "GF_SECURITY_ADMIN_PASSWORD" not in grafana["environment"]
    assert grafana["environment"]["GF_SECURITY_ADMIN_PASSWORD__FILE"].startswith("/run/secrets/")
    assert grafana["ports"][0].startswith("127.0.0.1:")
    assert "ports" not in compose["services"]["prometheus"]


def test_every_alert_fires_when_it_should_and_only_then(tmp_path: Path) -> None:
    programs = prometheus_programs()
    if programs is None:
        missing("Prometheus", "make test fetches it; or apt install prometheus")
    tests = []
    for alert, case in CASES.items():
        for series, firing in ((case.bad, True), (case.good, False)):
            tests.append(
                {
                    "name": f"{alert} {'fires' if firing else 'is silent'}",
                    "interval": "1m",
                    "input_series": [
                        {"series": name, "values": values} for name, values in series.items()
                    ],
                    "promql_expr_test": [
                        {
                            "expr": "max by (alertname) (ALERTS"
                            f'{{alertname="{alert}", alertstate="firing"}})',
                            "eval_time": f"{MINUTES}m",
                            "exp_samples": [{"labels": f'{{alertname="{alert}"}}', "value": 1}]
                            if firing
                            else [],
                        }
                    ],
                }
            )
    shutil.copy(FOLDER / "rules.yml", tmp_path)
    file = tmp_path / "tests.yml"
    file.write_text(
        yaml.safe_dump({"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": tests})
    )
    done = subprocess.run(
        [programs / "promtool", "test", "rules", file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
