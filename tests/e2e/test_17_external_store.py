"""A store of the company's, elsewhere in the cluster: by TLS, with a password, signed by an authority of its own."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.certificates import self_signed
from tests.e2e.kube import Manifest, applied, get, kubectl, secret
from tests.e2e.release import in_exporter, install, namespace
from tests.e2e.system import RUNS, Person, assert_each_done_once, cheap
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(900)
PASSWORD = "of-the-company"
INGRESS = "company.example.org"
CHANGES = {
    "store": {"enabled": False},
    "externalStore": {"existingSecret": "company-valkey", "caSecret": "company-authority"},
    "networkPolicy": {"externalStore": {"port": 6380}},
    "service": {"autoscaling": {"enabled": False}, "replicas": 1},
    "exporter": {"persistence": {"enabled": False}},
    "ingress": {"host": INGRESS},
}


@pytest.fixture
def company(tmp_path: Path) -> Iterator[str]:
    """A namespace for an installation, which has the Secrets that lead to a store in another one."""
    with namespace("company") as own, namespace("databases") as elsewhere:
        host = f"valkey.{elsewhere}.svc"
        key, certificate = self_signed(tmp_path, host)
        words = (f"--cert={certificate}", f"--key={key}")
        kubectl("create", "secret", "tls", "valkey", *words, namespace=elsewhere)
        (own_store,) = get("statefulsets")
        image = own_store["spec"]["template"]["spec"]["containers"][0]["image"]
        with applied(json.dumps(_valkey(image)), elsewhere):
            kubectl("wait", "--for=condition=Ready", "pod/valkey", "--timeout=120s", namespace=elsewhere)
            url = f"rediss://:{PASSWORD}@{host}:6380/0"
            _secret(own, "company-valkey", f"--from-literal=url={url}")
            _secret(own, "company-authority", f"--from-file=ca.crt={certificate}")
            yield own


def test_everything_works_with_it(admin: Person, company: str, url: str, tmp_path: Path) -> None:
    install(tmp_path, company, CHANGES)
    assert get("statefulsets", namespace=company) == []
    wait_until(lambda: _led_to(admin), "the ingress leads to it", 60)
    password = secret("foresail-first-password", "password", company)
    with closing(Person(url, "admin", password, INGRESS)) as other:
        queue, ids = other.filled(cheap(300))
        run = other.start(queue)
        assert len(set(other.wait_for_run(run, "done")["hosts"])) == 2
        assert_each_done_once(other, queue, ids, [run])
        diagnosis = other.ask("GET", "/queueing/diagnosis")
        assert (diagnosis["problems"], diagnosis["violations"], diagnosis["jobs"]) == ([], [], len(ids))
    wait_until(lambda: _exported(company, ids[-1]), "its exporter has written the results", 120)


def _led_to(first: Person) -> bool:
    """Whether each service that the ingress shows is of the new one, which does not know the first one's token."""
    paths = ("/auth/users", "/masterdata/jobs", "/queueing/queues", RUNS)
    return all(first.http.get(path, headers={"Host": INGRESS}).status_code == 401 for path in paths)


def _exported(name: str, job: int) -> bool:
    results = json.loads(in_exporter(name, "cat", "/var/lib/foresail/export/results.json"))["results"]
    return job in {one["job"] for one in results}


def _secret(where: str, name: str, content: str) -> None:
    kubectl("create", "secret", "generic", name, content, namespace=where)


def _valkey(image: str) -> Manifest:
    """Valkey as a company might run it, which speaks TLS and nothing else, and how it is found."""
    words = ["--port", "0", "--tls-port", "6380", "--tls-auth-clients", "no", "--requirepass", PASSWORD]
    words += ["--tls-cert-file", "/tls/tls.crt", "--tls-key-file", "/tls/tls.key", "--tls-ca-cert-file", "/tls/tls.crt"]
    words += ["--appendonly", "yes", "--maxmemory-policy", "noeviction", "--dir", "/data"]
    container = {
        "name": "valkey",
        "image": image,
        "command": ["valkey-server", *words],
        "readinessProbe": {"tcpSocket": {"port": 6380}, "periodSeconds": 1},
        "volumeMounts": [{"name": "tls", "mountPath": "/tls"}, {"name": "data", "mountPath": "/data"}],
    }
    volumes = [{"name": "tls", "secret": {"secretName": "valkey"}}, {"name": "data", "emptyDir": {}}]
    metadata = {"name": "valkey", "labels": {"app": "valkey"}}
    pod = {"securityContext": {"fsGroup": 1000}, "containers": [container], "volumes": volumes}
    service = {"selector": metadata["labels"], "ports": [{"port": 6380}]}
    objects = [
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod},
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service},
    ]
    return {"apiVersion": "v1", "kind": "List", "items": objects}
