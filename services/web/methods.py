"""Which methods a path takes: routes know one method each, and an answer has to name all."""

from fastapi import Request
from fastapi.routing import iter_route_contexts
from starlette.routing import Match


def allowed(request: Request) -> str:
    """The methods of every route at the request's path, as the header Allow lists them (RFC 9110, 10.2.1)."""
    routes = iter_route_contexts(request.app.routes)
    there = [route.methods or () for route in routes if route.matches(request.scope)[0] != Match.NONE]
    return ", ".join(sorted({method for methods in there for method in methods}))
