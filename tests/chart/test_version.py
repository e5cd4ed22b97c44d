"""One version: that of pyproject.toml stands in the chart, the images' labels and the APIs' descriptions."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import yaml

from tests.chart.rendering import CHART

VERSION = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]["version"]


def test_the_version_is_the_same_everywhere() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8"))
    label = re.search(r'image\.version="(.+)"', Path("Dockerfile.base").read_text("utf-8"))
    assert label, "Dockerfile.base has no label with the version; the image of a run takes it over"
    assert {chart["version"], chart["appVersion"], label[1], version("foresail")} == {VERSION}
