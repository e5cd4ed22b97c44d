"""The metrics of a service's requests, and the port on which they are read."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, start_http_server

REQUESTS = Counter(
    "foresail_http_requests_total",
    "Requests answered, by route template and status.",
    ["method", "route", "status"],
)
DURATION = Histogram(
    "foresail_http_request_duration_seconds",
    "Time from a request's head to the end of its answer, by route template.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
UNKNOWN_ROUTE = "unknown"


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    REQUESTS.labels(method, route, str(status)).inc()
    DURATION.labels(method, route).observe(seconds)


@contextmanager
def served(host: str, port: int, registry: CollectorRegistry = REGISTRY) -> Iterator[int]:
    """Serve /metrics on a port of its own; yields the port. Raises OSError where it is taken."""
    server, thread = start_http_server(port, host, registry)
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
