"""The app factory: the same envelope, errors, health and start for every service."""

import gc
import logging
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from services.config import Settings, settings
from services.errors import ForesailError, StoreSetupError, UnavailableError
from services.store import setup
from services.store.connection import Store
from services.web import health, logs, metrics, problems
from services.web.envelope import Envelope
from services.web.service import Context, Service

_MIB = 2**20
# The API's description is in docs/openapi/; nothing is served without a token but login and health.
_PLAIN: dict[str, Any] = {"openapi_url": None, "docs_url": None, "redoc_url": None, "redirect_slashes": False}
_log = logging.getLogger(__name__)


class App(FastAPI):
    """A FastAPI app that tells in one line why it cannot start."""

    def openapi(self) -> dict[str, Any]:
        """The API's description; errors are problem documents, which FastAPI would call plain JSON."""
        return problems.as_problem_media_type(super().openapi())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or the app's life."""
        if scope["type"] != "lifespan":
            await super().__call__(scope, receive, send)
            return
        try:
            await super().__call__(scope, receive, _without_traceback(send, self))
        except (ForesailError, OSError):
            return


def create_app(title: str, services: Sequence[Service]) -> FastAPI:
    """An app of one service, or of all of them for a laptop. A wrong setting ends the process with a clear line."""
    try:
        known = settings()
    except ForesailError as error:
        sys.exit(f"foresail: {error.detail}")
    logs.configure(known.log)
    app = App(title=f"Foresail {title}", version="0.1.0", lifespan=_lifespan(known, services), **_PLAIN)
    problems.install(app)
    for service in services:
        app.include_router(service.router)
    app.include_router(health.router)
    large = [prefix for service in services for prefix in service.large_bodies]
    limits = (known.web.body_limit_mib * _MIB, known.datasets.most_mib * _MIB)
    app.add_middleware(Envelope, limit=limits[0], large_limit=limits[1], large_bodies=large)
    return app


def _lifespan(known: Settings, services: Sequence[Service]) -> Any:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            store = Store.connect(known.store)
            stack.push_async_callback(store.close)
            await _check(store)
            app.state.context = Context(store, known)
            app.state.resources = {}
            for service in services:
                opened = await stack.enter_async_context(service.resources(app.state.context))
                app.state.resources[service.name] = opened
            port = stack.enter_context(metrics.served(known.web.metrics_host, known.web.metrics_port))
            _log.info("metrics on http://%s:%d/metrics", known.web.metrics_host, port)
            # What exists now lives as long as the process: the collector need not look at it again at every request.
            gc.collect()
            gc.freeze()
            yield

    return lifespan


async def _check(store: Store) -> None:
    """A wrongly set store ends the start; one that is away is waited for: the service is not ready until it is back."""
    try:
        await setup.check(store)
    except StoreSetupError:
        raise
    except UnavailableError as error:
        _log.warning("not ready yet: %s", error.detail)


def _without_traceback(send: Send, app: FastAPI) -> Send:
    async def tell(message: Message) -> None:
        if message["type"] == "lifespan.startup.failed":
            message = {**message, "message": f"{app.title} cannot start: {_last_line(message.get('message', ''))}"}
        await send(message)

    return tell


def _last_line(traceback: str) -> str:
    lines = traceback.strip().splitlines()
    return lines[-1].partition(": ")[2] or lines[-1] if lines else "unknown"
