"""Turns the store's answers into Python: the one place where bytes become text and numbers."""

from collections.abc import Mapping, Sequence

from services.models import JobSpec

AGAIN = -1
"""What a script answers that did only a piece of its work, so that others are served in between."""


def text_hash(flat: Sequence[bytes]) -> dict[str, str]:
    """The answer of HGETALL as a dictionary of text."""
    return {key.decode(): value.decode() for key, value in zip(flat[::2], flat[1::2], strict=True)}


def optional_float(fields: Mapping[str, str], name: str) -> float | None:
    """A field as a number, or none where it is missing or empty."""
    value = fields.get(name, "")
    return float(value) if value else None


def optional_int(fields: Mapping[str, str], name: str) -> int | None:
    """A field as an integer, or none where it is missing or empty."""
    value = fields.get(name, "")
    return int(value) if value else None


def spec_words(spec: JobSpec) -> tuple[str, str, int, str, int, int]:
    """A job's request as the scripts take it: dataset, assets, how many of them, model, horizon, priority."""
    return spec.dataset, ",".join(map(str, spec.assets)), len(spec.assets), spec.model, spec.horizon, spec.priority


def spec_of(dataset: str, assets: str, model: str, horizon: str, priority: str) -> JobSpec:
    """The job's request from the fields of its record."""
    return JobSpec(dataset, tuple(map(int, assets.split(","))), model, int(horizon), int(priority))
