#!/usr/bin/env python3
"""Writes into the chart's values.schema.json what settings accept, by `config` or a variable; helm refuses the rest."""

import json
from pathlib import Path
from typing import Any

from services.config import Settings
from services.settings import PREFIX

FILE = Path(__file__).resolve().parent.parent / "charts/foresail/values.schema.json"
BY_CHART = {
    "store": {"url", "folder", "ca_file", "appendfsync"},
    "auth": {"first_password"},
    "web": {"host", "port", "metrics_host", "metrics_port"},
    "export": {"folder", "metrics_port"},
    "mpijob": {"template"},
}
"""Settings that neither `config` nor a variable may set: other values of the chart say them, only a laptop has them, or
pods, probes, Services and volumes count on what the chart sets (templates/_helpers.tpl)."""
_KEPT = ("type", "enum", "const", "anyOf", "items", "pattern", "minLength", "maxLength", "minItems", "uniqueItems")
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def schema() -> str:
    """The whole file: what people wrote in it, and the settings as they are now."""
    found: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    found["properties"]["config"]["properties"] = {name: _section(name, model) for name, model in _models()}
    found["definitions"]["env"]["items"]["properties"]["name"]["not"]["enum"] = ["FORESAIL_CONFIG", *_variables()]
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _models() -> list[tuple[str, dict[str, Any]]]:
    whole = Settings.model_json_schema()
    references = {name: one["$ref"].rpartition("/")[2] for name, one in whole["properties"].items()}
    return [(name, whole["$defs"][reference]["properties"]) for name, reference in references.items()]


def _variables() -> list[str]:
    """The environment variables of the settings that are the chart's."""
    return [f"{PREFIX}{section}_{key}".upper() for section, keys in BY_CHART.items() for key in sorted(keys)]


def _section(name: str, keys: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A section of config.ini: types and limits; a default would only repeat the one of config.ini."""
    wanted = {key: one for key, one in keys.items() if key not in BY_CHART.get(name, set())}
    properties = {key: {word: one[word] for word in (*_KEPT, *_LIMITS) if word in one} for key, one in wanted.items()}
    return {"type": "object", "additionalProperties": False, "properties": properties}


if __name__ == "__main__":
    FILE.write_text(schema(), "utf-8")
