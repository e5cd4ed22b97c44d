"""Every pod satisfies the `restricted` security level and has no more rights than it needs."""

from pathlib import Path

import pytest

from tests.chart.rendering import CASES, Manifest, render

API_USERS = {"foresail-calculations"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_pod_is_restricted(helm: str, case: Path) -> None:
    pods = render(helm, "--values", str(case)).pods()
    assert len(pods) >= 7
    for name, pod in pods.items():
        security = pod["spec"]["securityContext"]
        assert security["runAsNonRoot"] is True, name
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in pod["spec"]["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, name
            assert "memory" in container["resources"]["limits"], name
            assert not {key for key in pod["spec"] if key.startswith("host")}, name


def test_only_calculations_gets_a_token(helm: str) -> None:
    rendered = render(helm)
    with_token = {name for name, pod in rendered.pods().items() if pod["spec"]["automountServiceAccountToken"]}
    assert with_token == API_USERS
    accounts = [one for one in rendered.objects if one["kind"] == "ServiceAccount"]
    assert not any(one["automountServiceAccountToken"] for one in accounts)


def test_its_role_allows_the_calls_of_the_runner_and_no_others(helm: str) -> None:
    rules = render(helm).of("Role")["rules"]
    allowed = {(resource, verb) for rule in rules for resource in rule["resources"] for verb in rule["verbs"]}
    assert allowed == {
        *(("mpijobs", verb) for verb in ("create", "list", "delete")),
        ("pods", "list"),
        ("pods/log", "get"),
    }


def test_services_of_other_releases_cannot_be_taken_for_settings(helm: str) -> None:
    assert all(pod["spec"]["enableServiceLinks"] is False for pod in render(helm).pods().values())


def test_no_secret_is_written_where_people_look(helm: str) -> None:
    url = "rediss://ann:s3cret@store.example.org:6380/0"
    rendered = render(helm, "--set", f"store.enabled=false,externalStore.url={url}")
    holders = [one["kind"] for one in rendered.objects if "s3cret" in str(one)]
    assert holders == ["Secret"]


def test_no_pod_but_a_launcher_gets_the_stores_address_in_a_run(helm: str) -> None:
    pods = render(helm).pods()
    assert _names(pods["Launcher"]) >= {"FORESAIL_STORE_URL", "FORESAIL_CONFIG"}
    assert _names(pods["Worker"]) == set()


def test_policies_let_nobody_but_known_neighbours_in(helm: str) -> None:
    policies = [one for one in render(helm).objects if one["kind"] == "NetworkPolicy"]
    deny = next(one for one in policies if one["metadata"]["name"] == "foresail-default-deny")
    assert deny["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in deny["spec"]
    for policy in policies:
        for rule in policy["spec"].get("ingress", []):
            assert rule["from"], f"{policy['metadata']['name']} lets everybody in"


def test_where_no_namespaces_are_named_nobody_is_let_in(helm: str) -> None:
    rendered = render(helm, "--set-json", 'networkPolicy={"ingressNamespaces": [], "monitoringNamespaces": []}')
    for name in ("foresail-services", "foresail-metrics"):
        spec = rendered.of("NetworkPolicy", name)["spec"]
        assert (spec["policyTypes"], spec.get("ingress", [])) == (["Ingress"], [])


def _names(pod: Manifest) -> set[str]:
    return {one["name"] for one in pod["spec"]["containers"][0].get("env", [])}
