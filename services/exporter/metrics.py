"""The exporter's metrics, all there from the start."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Summary

from services.exporter.folder import FILES
from services.store.exports import Export


class ExportMetrics:
    """How far the files are behind the store, and how the exports went. `began` is the last export's time, if known."""

    def __init__(self, registry: CollectorRegistry, began: float | None) -> None:
        self._began = time.time() if began is None else began
        age = "Seconds since the last export that succeeded began to read; before the first, since the start."
        Gauge("foresail_export_age_seconds", age, registry=registry).set_function(self._age)
        self._duration = Summary(
            "foresail_export_duration_seconds", "Time of an export that succeeded.", registry=registry
        )
        self._errors = Counter("foresail_export_errors_total", "Exports that failed.", registry=registry)
        self._size = Gauge("foresail_export_size_bytes", "Size of the files.", ["file"], registry=registry)
        for name in FILES:
            self._size.labels(name)

    def succeeded(self, export: Export) -> None:
        """Count an export."""
        self._began = export.began
        self._duration.observe(export.seconds)
        for name, size in export.sizes.items():
            self._size.labels(name).set(size)

    def failed(self) -> None:
        """Count a failure."""
        self._errors.inc()

    def _age(self) -> float:
        return max(0.0, time.time() - self._began)
