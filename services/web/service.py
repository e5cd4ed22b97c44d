"""What a service is to the app factory, and what its endpoints get from it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from services.config import Settings
from services.store.connection import Store


@dataclass(frozen=True, slots=True)
class Context:
    """What every endpoint may use."""

    store: Store
    settings: Settings


@asynccontextmanager
async def nothing(_: Context) -> AsyncIterator[None]:
    """The resources of a service that has none."""
    yield


@dataclass(frozen=True, slots=True)
class Service:
    """One of the four services.

    `resources` opens what the service keeps while it runs (a thread pool, a background task); endpoints get the value
    by `resource_of`. A PUT below one of `large_bodies` may carry a dataset.
    """

    name: str
    router: APIRouter
    resources: Callable[[Context], AbstractAsyncContextManager[Any]] = nothing
    large_bodies: tuple[str, ...] = ()


# FastAPI sends a dependency that is no coroutine to a thread, which costs more than all that these do.
async def context(request: Request) -> Context:
    """The context of the app that serves the request."""
    found: Context = request.app.state.context
    return found


InContext = Annotated[Context, Depends(context)]


def resource_of(name: str) -> Callable[[Request], Awaitable[Any]]:
    """A dependency: what the resources of service `name` yielded."""

    async def find(request: Request) -> Any:
        return request.app.state.resources[name]

    return find
