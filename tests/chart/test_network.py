"""The edges that depend on the cluster: name servers, its API, and a store elsewhere."""

import json

import pytest

from tests.chart.rendering import Manifest, render

NAMES = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]


def test_names_are_looked_up_wherever_clusters_have_their_servers(helm: str) -> None:
    pods, addresses = egress(helm, "default-deny")
    assert [one["podSelector"]["matchLabels"]["k8s-app"] for one in pods["to"]] == ["kube-dns", "node-local-dns"]
    assert all(one["namespaceSelector"] for one in pods["to"])
    assert [one["ipBlock"]["cidr"] for one in addresses["to"]] == ["169.254.20.10/32", "169.254.169.254/32"]
    assert addresses["ports"] == NAMES


def test_no_address_of_a_name_server_opens_no_way_to_all(helm: str) -> None:
    rules = egress(helm, "default-deny", "--set-json", "networkPolicy.dnsAddresses=[]")
    assert [len(rule["to"]) for rule in rules] == [2]


def test_the_api_is_reached_at_the_ports_that_clusters_give_it(helm: str) -> None:
    (rule,) = egress(helm, "to-api")
    assert [one["port"] for one in rule["ports"]] == [443, 6443, 8443]


@pytest.mark.parametrize(
    ("values", "port"),
    [
        ({"url": "redis://store.example.org"}, 6379),
        ({"url": "rediss://store.example.org/0"}, 6379),
        ({"url": "rediss://ann:12@store.example.org:6380/0"}, 6380),
        ({"url": "redis://ann:12@[fd00::1]:6381?db=0"}, 6381),
        ({"url": "redis://[fd00::1]"}, 6379),
        ({"url": "redis://ignored:6380", "existingSecret": "company-valkey"}, 6379),
    ],
)
def test_the_port_of_an_external_store_is_the_one_of_its_url(helm: str, values: dict[str, str], port: int) -> None:
    words = ("--set", "store.enabled=false", "--set-json", f"externalStore={json.dumps(values)}")
    assert ports_to_store(helm, *words) == {port}
    # An address may lead to a Service whose pods have another port, and policies see the pods'.
    assert ports_to_store(helm, *words, "--set", "networkPolicy.externalStore.port=7000") == {7000}


def ports_to_store(helm: str, *words: str) -> set[int]:
    rules = [rule for name in ("to-store", "launcher") for rule in egress(helm, name, *words)]
    assert len(rules) == 2
    return {one["port"] for rule in rules for one in rule["ports"]}


def egress(helm: str, name: str, *words: str) -> list[Manifest]:
    rules: list[Manifest] = render(helm, *words).of("NetworkPolicy", f"foresail-{name}")["spec"]["egress"]
    return rules
