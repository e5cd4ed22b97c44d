"""What Prometheus makes of the chart's alerts and of what its dashboard asks."""

import json
import re
import subprocess
from pathlib import Path

import yaml

from tests.chart.rendering import CHART, render

ALERTS = CHART / "files/alerts.yaml"
DASHBOARD = json.loads((CHART / "files/dashboard.json").read_text("utf-8"))
ASKED = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


def test_the_alerts_in_the_chart_are_those_that_are_tested(helm: str) -> None:
    rule = render(helm, "--values", str(CHART / "ci/everything.yaml")).of("PrometheusRule")
    assert rule["spec"] == yaml.safe_load(ALERTS.read_text("utf-8"))


def test_prometheus_reads_the_alerts_and_they_fire_when_they_should() -> None:
    promtool("check", "rules", str(ALERTS))
    promtool("test", "rules", "tests/chart/alerts_test.yaml")


def test_what_is_scraped_has_the_labels_that_the_alerts_ask_for(helm: str) -> None:
    rendered = render(helm, "--values", str(CHART / "ci/everything.yaml"))
    monitor = rendered.of("ServiceMonitor")["spec"]
    labels = [one["metadata"]["labels"] for one in rendered.objects if one["kind"] == "Service"]
    scraped = [one for one in labels if monitor["selector"]["matchLabels"].items() <= one.items()]
    asked = 'up{app_kubernetes_io_part_of="foresail",job=~"auth|masterdata|queueing|calculations"}'
    assert asked in ALERTS.read_text("utf-8")
    assert monitor["targetLabels"] == ["app.kubernetes.io/part-of"]
    assert {one["app.kubernetes.io/part-of"] for one in scraped} == {"foresail"}
    assert {one[monitor["jobLabel"]] for one in scraped} >= {"auth", "masterdata", "queueing", "calculations"}


def test_prometheus_understands_what_the_dashboard_asks(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    rules = [{"record": f"asked:{number}", "expr": asked} for number, asked in enumerate(ASKED)]
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}), "utf-8")
    promtool("check", "rules", str(file))


def test_the_dashboard_shows_one_installation_at_a_time() -> None:
    _, namespace = DASHBOARD["templating"]["list"]
    assert namespace["name"] == "namespace"
    assert not {"multi", "includeAll"} & set(namespace)
    filters = [found for asked in ASKED for found in re.findall(r"foresail_\w+(\{.*?\})?", asked)]
    assert len(filters) >= len(ASKED)
    assert [one for one in filters if not re.match(r'\{namespace="\$namespace"[,}]', one)] == []


def test_what_is_slow_is_the_same_to_the_dashboard_and_to_the_alert() -> None:
    alerts = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"][0]["rules"]
    (alert,) = (one["expr"] for one in alerts if one["alert"] == "ForesailSlow")
    routes = [re.findall('route!~"(.*?)"', asked) for asked in [alert, *ASKED] if "duration" in asked]
    assert len(routes) == 2
    assert routes[0] == routes[1] != []


def promtool(*words: str) -> None:
    """It has to say that all is right."""
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
