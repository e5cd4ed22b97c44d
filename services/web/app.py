"""The app factory: the same envelope, errors, health and start for every service."""

import asyncio
import gc
import logging
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from services.config import Settings
from services.errors import ForesailError, StoreSetupError, UnavailableError
from services.settings import settings
from services.store import setup
from services.store.connection import Store
from services.web import access, descriptors, handlers, health, logs, metrics, openapi, store_metrics
from services.web.audit import Trail
from services.web.envelope import Envelope
from services.web.places import Places
from services.web.service import Context, Service

_MIB = 2**20
_LAST_SECONDS = 2
# The API's description is in docs/openapi/; nothing is served without a token but login and health.
_PLAIN: dict[str, Any] = {
    "openapi_url": None,
    "docs_url": None,
    "redoc_url": None,
    "redirect_slashes": False,
}
_log = logging.getLogger(__name__)


class App(FastAPI):
    """A FastAPI app that tells in one line why it cannot start."""

    def openapi(self) -> dict[str, Any]:
        """The API's description."""
        if self.openapi_schema is None:
            self.openapi_schema = openapi.completed(super().openapi())
        return self.openapi_schema

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or the app's life."""
        await super().__call__(scope, receive, _told(send, self) if scope["type"] == "lifespan" else send)


def create_app(title: str, services: Sequence[Service]) -> FastAPI:
    """An app of one service, or of all of them for a laptop. A wrong setting ends the process with a clear line."""
    try:
        known = settings()
    except ForesailError as error:
        sys.exit(f"foresail: {error.detail}")
    logs.configure(known.log)
    return build(title, services, known)


def build(title: str, services: Sequence[Service], known: Settings) -> FastAPI:
    """The app; RuntimeError where a route asks for no token that should."""
    app = App(title=f"Foresail {title}", version=version("foresail"), lifespan=_lifespan(known, services), **_PLAIN)
    app.state.serving = set()
    handlers.install(app)
    routers = [*(service.router for service in services), health.router]
    access.deny_by_default(routers)
    # Not by include_router: FastAPI looks through an included router twice for each request, a third of its time.
    app.router.routes.extend(route for router in routers for route in router.routes)
    uploads = tuple(prefix for service in services for prefix in service.large_bodies)
    limits = (known.web.body_limit_mib * _MIB, known.datasets.most_mib * _MIB)
    app.add_middleware(Trail)
    app.add_middleware(access.TokenFirst, uploads=uploads)
    app.add_middleware(Envelope, limit=limits[0], large_limit=limits[1], uploads=uploads)
    app.add_middleware(Places, known=known.web, uploads=uploads)
    return app


def _lifespan(known: Settings, services: Sequence[Service]) -> Any:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            try:
                await _start(app, stack, known, services)
            except ForesailError as error:
                app.state.failure = error.detail
                raise
            yield

    return lifespan


async def _start(app: FastAPI, stack: AsyncExitStack, known: Settings, services: Sequence[Service]) -> None:
    descriptors.make_room(known.web.most_connections)
    store = Store.connect(known.store)
    stack.push_async_callback(store.close)
    await _check(store)
    context = app.state.context = Context(store, known)
    app.state.resources = {}
    for service in services:
        app.state.resources[service.name] = await stack.enter_async_context(service.resources(context))
    stack.enter_context(store_metrics.registered(store, [service.name for service in services]))
    port = stack.enter_context(metrics.served(known.web.metrics_host, known.web.metrics_port))
    _log.info("metrics on http://%s:%d/metrics", known.web.metrics_host, port)
    stack.push_async_callback(_last_words, app)
    # What exists now lives as long as the process: the collector need not look at it again at every request.
    gc.collect()
    gc.freeze()


async def _last_words(app: FastAPI) -> None:
    """What the end cut off is answered and put on record, for which a store is needed."""
    if app.state.serving:
        await asyncio.wait(app.state.serving, timeout=_LAST_SECONDS)


async def _check(store: Store) -> None:
    """A wrongly set store ends the start; one that is away is waited for: the service is not ready until it is back."""
    try:
        await setup.check(store)
    except StoreSetupError:
        raise
    except UnavailableError as error:
        _log.warning("not ready yet: %s", error.detail)


def _told(send: Send, app: FastAPI) -> Send:
    """In place of the traceback of a start that one of our errors ended: its sentence."""

    async def tell(message: Message) -> None:
        failure = getattr(app.state, "failure", None)
        if message["type"] == "lifespan.startup.failed" and failure:
            message = {**message, "message": f"{app.title} cannot start: {failure}"}
        await send(message)

    return tell
