"""Who does not belong here: pods with too many rights are not admitted, and a stranger's pod reaches nothing."""

import json
import subprocess
from collections.abc import Iterator

import pytest

from tests.e2e.kube import NAMESPACE, applied, get, kubectl, pods, run_pods
from tests.e2e.system import Person, costly
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(600)
STRANGERS = "strangers"
REFUSED = 7
CONNECT = f"""
import socket, sys
address = socket.getaddrinfo(sys.argv[1], int(sys.argv[2]), type=socket.SOCK_STREAM)[0][4]
try:
    socket.create_connection(address, timeout=5)
except OSError:
    sys.exit({REFUSED})
"""


def test_every_kind_of_pod_is_admitted_as_restricted(manager: Person) -> None:
    (namespace,) = [one for one in get("namespaces") if one["metadata"]["name"] == NAMESPACE]
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    queue, _ = manager.filled(costly(1))
    manager.wait_for_run(manager.start(queue), "done")
    components = {pod["metadata"]["labels"]["app.kubernetes.io/component"] for pod in get("pods")}
    assert components >= {"auth", "masterdata", "queueing", "calculations", "exporter", "store", "run"}


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    """A pod in another namespace that can try to connect."""
    (deployment,) = get("deployments", "--field-selector", "metadata.name=foresail-auth")
    image = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    container = {"name": "stranger", "image": image, "command": ["sleep", "3600"]}
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": STRANGERS}},
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "stranger", "namespace": STRANGERS},
            "spec": {"containers": [container], "terminationGracePeriodSeconds": 0, "enableServiceLinks": False},
        },
    ]
    with applied(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}), STRANGERS, wait=False):
        kubectl("wait", "--for=condition=Ready", "pod/stranger", "--timeout=120s", namespace=STRANGERS)
        yield "stranger"


def test_a_stranger_reaches_neither_store_nor_services_nor_metrics(stranger: str) -> None:
    assert _reaches(stranger, "kubernetes.default.svc", 443), "it reaches nothing at all, which proves nothing"
    for service, port in (("store", 6379), ("auth", 8080), ("calculations", 8080), ("masterdata", 9090)):
        assert not _reaches(stranger, f"foresail-{service}.{NAMESPACE}.svc", port), service


def test_a_stranger_does_not_reach_a_runs_ssh(stranger: str, manager: Person) -> None:
    queue, ids = manager.filled(costly(400))
    run = manager.start(queue)
    wait_until(lambda: manager.run(run)["state"] == "running", "the run goes on", 120)
    name = next(name for name in run_pods(run) if "worker" in name)
    (worker,) = [pod for pod in pods(f"foresail/run={run}") if pod["metadata"]["name"] == name]
    launcher = next(name for name in run_pods(run) if "launcher" in name)
    address = worker["status"]["podIP"]
    assert _reaches(launcher, address, 2222, NAMESPACE), "nobody reaches it, which proves nothing"
    assert not _reaches(stranger, address, 2222)
    assert _reaches(launcher, address, 2222, NAMESPACE), "the run is over: nobody could have reached it"
    manager.wait_for_run(run, "done")
    manager.forget(ids)


def _reaches(pod: str, host: str, port: int, namespace: str = STRANGERS) -> bool:
    """Whether a pod can connect. Any other end of the attempt than these two is no answer."""
    command = ["kubectl", "--namespace", namespace, "exec", pod, "--", "python", "-c", CONNECT, host, str(port)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode in (0, REFUSED), done.stderr
    return done.returncode == 0
