"""A Prometheus in the cluster that scrapes what the chart's ServiceMonitor names, as its operator would have it do."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import yaml

from tests.chart.rendering import KUBERNETES
from tests.e2e.kube import NAMESPACE, Manifest, applied, kubectl

MONITORING = "monitoring"
"""A namespace that `networkPolicy.monitoringNamespaces` names."""
FOLDER = "/etc/prometheus-test"
PORT = 9090


class Prometheus:
    """Its HTTP interface, by way of the cluster's API."""

    def ask(self, path: str, **query: str) -> Any:
        """The data of an answer."""
        raw = f"/api/v1/namespaces/{MONITORING}/pods/prometheus:{PORT}/proxy/api/v1/{path}?{urlencode(query)}"
        return json.loads(kubectl("get", "--raw", raw))["data"]

    def targets(self) -> list[Manifest]:
        """What it scrapes: `labels`, `scrapeUrl`, `health`, `lastError`."""
        found: list[Manifest] = self.ask("targets", state="active")["activeTargets"]
        return found


@contextmanager
def running() -> Iterator[Prometheus]:
    """Prometheus with the chart's rules for the block; its namespace enforces `restricted` like Foresail's own."""
    with applied(json.dumps(_list(_place()))), applied(json.dumps(_list(_pod(_built()))), MONITORING):
        kubectl("wait", "--for=condition=Ready", "pod/prometheus", "--timeout=120s", namespace=MONITORING)
        yield Prometheus()


def _built() -> str:
    image = f"{os.environ['FORESAIL_REGISTRY']}/foresail-prometheus:e2e"
    build = ["docker", "build", "--quiet", "--tag", image, "--file", "tests/e2e/Dockerfile.prometheus", "tests/e2e"]
    for command in (build, ["docker", "push", "--quiet", image]):
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr
    return image


def rendered() -> dict[str, Manifest]:
    """The chart's ServiceMonitor and PrometheusRule, by kind."""
    on = "monitoring.serviceMonitor.enabled=true,monitoring.prometheusRule.enabled=true"
    place = ["--namespace", NAMESPACE, "--kube-version", KUBERNETES]
    done = subprocess.run(
        ["helm", "template", "foresail", "charts/foresail", *place, "--set", on],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {one["kind"]: one for one in yaml.safe_load_all(done.stdout) if one and "coreos" in one["apiVersion"]}


def scrape_config(monitor: Manifest) -> Manifest:
    """What Prometheus' operator makes of a ServiceMonitor: a look at the endpoints of Services with these labels."""
    spec = monitor["spec"]
    (endpoint,) = spec["endpoints"]
    service = "__meta_kubernetes_service_label_"
    keep = {_meta(service, label): value for label, value in spec["selector"]["matchLabels"].items()}
    keep["__meta_kubernetes_endpointslice_port_name"] = endpoint["port"]
    return {
        "job_name": "foresail",
        # The chart's interval is for years of data, this one for a test.
        "scrape_interval": "2s",
        "kubernetes_sd_configs": [
            {"role": "endpointslice", "namespaces": {"names": [monitor["metadata"]["namespace"]]}}
        ],
        "relabel_configs": [
            *({"action": "keep", "source_labels": [label], "regex": value} for label, value in keep.items()),
            {"source_labels": [_meta(service, spec["jobLabel"])], "target_label": "job"},
            {"source_labels": ["__meta_kubernetes_namespace"], "target_label": "namespace"},
            {"source_labels": ["__meta_kubernetes_pod_name"], "target_label": "pod"},
            *({"source_labels": [_meta(service, one)], "target_label": _meta("", one)} for one in spec["targetLabels"]),
        ],
    }


def _meta(prefix: str, label: str) -> str:
    return prefix + "".join(sign if sign.isalnum() else "_" for sign in label)


def _list(items: list[Manifest]) -> Manifest:
    return {"apiVersion": "v1", "kind": "List", "items": items}


def _place() -> list[Manifest]:
    """Its namespace, and its account's right to see Foresail's Services."""
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    account = {"kind": "ServiceAccount", "name": "prometheus", "namespace": MONITORING}
    groups = (("", ["services", "endpoints", "pods"]), ("discovery.k8s.io", ["endpointslices"]))
    rules = [
        {"apiGroups": [group], "resources": resources, "verbs": ["get", "list", "watch"]} for group, resources in groups
    ]
    rbac, name = "rbac.authorization.k8s.io", {"name": "prometheus", "namespace": NAMESPACE}
    role = {"kind": "Role", "name": "prometheus", "apiGroup": rbac}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": MONITORING, "labels": labels}},
        {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": name, "rules": rules},
        {"apiVersion": f"{rbac}/v1", "kind": "RoleBinding", "metadata": name, "roleRef": role, "subjects": [account]},
    ]


def _pod(image: str) -> list[Manifest]:
    parts = rendered()
    settings = {
        "global": {"evaluation_interval": "2s"},
        "rule_files": [f"{FOLDER}/rules.json"],
        "scrape_configs": [scrape_config(parts["ServiceMonitor"])],
    }
    files = {"prometheus.json": json.dumps(settings), "rules.json": json.dumps(parts["PrometheusRule"]["spec"])}
    container = {
        "name": "prometheus",
        "image": image,
        "imagePullPolicy": "Always",
        "ports": [{"containerPort": PORT}],
        "readinessProbe": {"httpGet": {"path": "/-/ready", "port": PORT}, "periodSeconds": 1},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"name": "files", "mountPath": FOLDER}, {"name": "tmp", "mountPath": "/tmp"}],
    }
    spec = {
        "serviceAccountName": "prometheus",
        "terminationGracePeriodSeconds": 0,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
        "volumes": [{"name": "files", "configMap": {"name": "prometheus"}}, {"name": "tmp", "emptyDir": {}}],
    }
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "prometheus"}},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "prometheus"}, "data": files},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "prometheus"}, "spec": spec},
    ]
