"""Values: what the chart refuses, and how they reach the settings."""

import configparser
import io
import json
from pathlib import Path

import pytest
import yaml

from k8s.schema import FILE, schema
from services.config import Settings
from tests.chart.rendering import CHART, refusal, render, run_helm

CASES = sorted((CHART / "ci").glob("*.yaml"))


def test_helm_finds_nothing_to_say(helm: str) -> None:
    for case in CASES:
        done = run_helm(helm, "lint", "--strict", str(CHART), "--values", str(case))
        assert done.returncode == 0, done.stdout
        assert "WARNING" not in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--set", "imgae.tag=1"), "additional properties 'imgae' not allowed"),
        (("--set", "config.queue.lease=20"), "additional properties 'lease' not allowed"),
        (("--set", "config.run.runner=slurm"), "at '/config/run/runner'"),
        (("--set", "config.auth.first_password=secret"), "additional properties 'first_password' not allowed"),
        (("--set", "run.slotsPerWorker=0"), "minimum: got 0, want 1"),
        (("--set", "image.digest=sha256:12"), "at '/image/digest'"),
        (("--set", "store.enabled=false"), "give externalStore.url or externalStore.existingSecret"),
        (("--set", "store.enabled=false,externalStore.url=http://x"), "at '/externalStore/url'"),
        (("--set", "httpRoute.enabled=true"), "name the Gateway"),
        (("--set", "service.resources.limits.memory=lots"), "at '/service/resources/limits/memory'"),
        (("--set", "auth.env[0].name=FORESAIL_STORE_URL"), "at '/auth/env/0/name'"),
    ],
)
def test_a_wrong_value_is_refused_by_name(helm: str, words: tuple[str, ...], said: str) -> None:
    assert said in refusal(helm, *words)


def test_the_schema_says_what_the_settings_accept() -> None:
    assert schema() == FILE.read_text("utf-8"), "type `make chart-schema`"


def test_values_and_schema_name_the_same_keys() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
    schema = json.loads((CHART / "values.schema.json").read_text("utf-8"))
    assert set(values) == set(schema["properties"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_rendered_config_ini_is_one_that_the_services_read(helm: str, case: Path) -> None:
    text = render(helm, "--values", str(case)).of("ConfigMap", "foresail-config")["data"]["config.ini"]
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_file(io.StringIO(text))
    read = Settings.model_validate({name: dict(parser[name]) for name in parser.sections()})
    assert read.run.runner == "mpijob"
    assert read.web.mode == "production"


def test_numbers_reach_config_ini_as_they_were_typed(helm: str) -> None:
    rendered = render(
        helm, "--set-json", 'config.queue={"lease_seconds": 20.5}', "--set", "config.market.seed=20240229"
    )
    text = rendered.of("ConfigMap", "foresail-config")["data"]["config.ini"]
    assert "lease_seconds = 20.5\n" in text
    assert "seed = 20240229\n" in text


def test_new_settings_roll_the_pods_and_a_new_store_image_does_not_roll_the_services(helm: str) -> None:
    def annotations(*words: str) -> dict[str, object]:
        return {name: pod["metadata"]["annotations"] for name, pod in render(helm, *words).pods().items()}

    plain = annotations()
    assert annotations("--set", "store.image.tag=9.0.1") == plain
    changed = annotations("--set", "config.queue.max_attempts=5")
    assert {name for name, one in changed.items() if one != plain[name]} == {
        "foresail-auth",
        "foresail-masterdata",
        "foresail-queueing",
        "foresail-calculations",
        "foresail-exporter",
    }
