"""Debian's Prometheus, with the chart's ServiceMonitor and rules, scrapes every pod and rings for nothing."""

from collections.abc import Iterator

import pytest

from tests.e2e.kube import NAMESPACE, get, kubectl, ready
from tests.e2e.prometheus import Prometheus, rendered, running
from tests.e2e.system import Person, cheap
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(600)
SERVICES = ("auth", "masterdata", "queueing", "calculations")


@pytest.fixture(scope="module")
def prometheus() -> Iterator[Prometheus]:
    with running() as found:
        yield found


def test_every_pod_with_metrics_is_scraped(prometheus: Prometheus) -> None:
    wait_until(lambda: _healthy(prometheus) == _with_metrics(), "every pod with metrics is scraped", 120)
    jobs = [target["labels"]["job"] for target in prometheus.targets()]
    assert set(jobs) == {*SERVICES, "exporter"}
    assert all(jobs.count(name) >= 2 for name in SERVICES)
    up = prometheus.ask("query", query="up")["result"]
    assert {one["metric"]["pod"] for one in up if one["value"][1] == "1"} == set(_with_metrics())


def test_the_alerts_are_read_and_none_rings_without_a_reason(prometheus: Prometheus) -> None:
    wait_until(lambda: all(rule["health"] == "ok" for rule in _rules(prometheus)), "every rule is evaluated", 60)
    expected = [rule["alert"] for group in rendered()["PrometheusRule"]["spec"]["groups"] for rule in group["rules"]]
    assert [rule["name"] for rule in _rules(prometheus)] == expected
    wait_until(lambda: _healthy(prometheus) == _with_metrics(), "every pod is scraped", 120)
    # Before the first scrape all seems absent. Then nothing is even on the way to ring.
    wait_until(lambda: {rule["state"] for rule in _rules(prometheus)} == {"inactive"}, "no alert is pending", 30)


def test_a_missing_exporter_is_on_its_way_to_ring(prometheus: Prometheus) -> None:
    kubectl("scale", "deployment", "foresail-exporter", "--replicas=0")
    try:
        # It may take its grace period to end; then its target is gone, and its last sample counts no more.
        wait_until(lambda: _state(prometheus, "ForesailExportOld") == "pending", "its absence is noticed", 180)
    finally:
        kubectl("scale", "deployment", "foresail-exporter", "--replicas=1")
    wait_until(lambda: _state(prometheus, "ForesailExportOld") == "inactive", "it is back", 120)


def test_what_people_do_is_counted(prometheus: Prometheus, manager: Person) -> None:
    queue, ids = manager.filled(cheap(7))
    depth = f'max(foresail_queue_ready_jobs{{queue="{queue}"}})'
    wait_until(lambda: _value(prometheus, depth) == len(ids), "the queue's depth is seen", 60)


def _with_metrics() -> dict[str, str]:
    """Every pod that has a port for metrics, with its address."""
    found = {}
    for pod in get("pods", "-l", "app.kubernetes.io/name=foresail"):
        ports = [port for container in pod["spec"]["containers"] for port in container.get("ports", [])]
        for port in ports:
            if port.get("name") == "metrics" and ready(pod) and "deletionTimestamp" not in pod["metadata"]:
                found[pod["metadata"]["name"]] = f"http://{pod['status']['podIP']}:{port['containerPort']}/metrics"
    assert len(found) > len(SERVICES), f"no pods with metrics in {NAMESPACE}"
    return found


def _healthy(prometheus: Prometheus) -> dict[str, str]:
    return {one["labels"]["pod"]: one["scrapeUrl"] for one in prometheus.targets() if one["health"] == "up"}


def _rules(prometheus: Prometheus) -> list[dict[str, str]]:
    (group,) = prometheus.ask("rules", type="alert")["groups"]
    rules: list[dict[str, str]] = group["rules"]
    return rules


def _state(prometheus: Prometheus, alert: str) -> str:
    return next(rule["state"] for rule in _rules(prometheus) if rule["name"] == alert)


def _value(prometheus: Prometheus, query: str) -> float | None:
    result = prometheus.ask("query", query=query)["result"]
    return float(result[0]["value"][1]) if result else None
