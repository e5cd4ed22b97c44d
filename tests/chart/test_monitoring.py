"""What Prometheus makes of the chart's alerts."""

import subprocess

import yaml

from tests.chart.rendering import CHART, render

ALERTS = CHART / "files/alerts.yaml"


def test_the_alerts_in_the_chart_are_those_that_are_tested(helm: str) -> None:
    rule = render(helm, "--values", str(CHART / "ci/everything.yaml")).of("PrometheusRule")
    assert rule["spec"] == yaml.safe_load(ALERTS.read_text("utf-8"))


def test_prometheus_reads_the_alerts_and_they_fire_when_they_should() -> None:
    for words in (("check", "rules", str(ALERTS)), ("test", "rules", "tests/chart/alerts_test.yaml")):
        done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


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
