"""The metrics of a service's requests, and the port on which they are read."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, start_http_server

from services.errors import ConflictError

REQUESTS = Counter(
    "foresail_http_requests_total",
    "Requests answered, by route template and status.",
    ["method", "route", "status"],
)
DURATION = Histogram(
    "foresail_http_request_duration_seconds",
    "Time from a request's head, or its small body, to the end of its answer, by route template.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
REFUSED = Counter(
    "foresail_http_refused_total",
    "Requests and connections that were not served, by the kind of places that were taken or by what was wrong.",
    ["why"],
)
UNKNOWN_ROUTE = "unknown"
_METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request; a method or route that is none of ours counts under one name, whatever it was."""
    method = method if method in _METHODS and route != UNKNOWN_ROUTE else "other"
    REQUESTS.labels(method, route, str(status)).inc()
    DURATION.labels(method, route).observe(seconds)


@contextmanager
def served(host: str, port: int, registry: CollectorRegistry = REGISTRY) -> Iterator[int]:
    """Serve /metrics on a port of its own; yields the port. Raises ConflictError where it cannot be had."""
    try:
        server, thread = start_http_server(port, host, registry)
    except (OSError, UnicodeError) as error:  # the latter for what can be no name of a host
        where = f"{host}:{port} ({getattr(error, 'strerror', None) or error})"
        hint = "set [web] metrics_port to another port, 0 for any, or metrics_host to an address of this machine"
        raise ConflictError(f"metrics cannot be served on {where}; {hint}") from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
