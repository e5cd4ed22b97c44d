"""An exception that nobody expected: the client gets a plain answer, the log everything."""

import logging

import httpx
import pytest
from fastapi import APIRouter

from services.config import Settings
from services.web.access import PUBLIC
from services.web.app import build
from services.web.service import Service

pytestmark = pytest.mark.anyio


def broken_service() -> Service:
    """A service whose only route, in the place of a public one, is a bug."""
    router = APIRouter()

    @router.post("/auth/login")
    async def login() -> None:
        raise RuntimeError("the secret of the house")

    return Service("broken", router)


async def test_the_client_sees_a_plain_problem_and_the_log_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    transport = httpx.ASGITransport(build("broken", [broken_service()], Settings()))
    with caplog.at_level(logging.ERROR):
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            answer = await client.post("/auth/login")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "internal"
    assert answer.json()["detail"].endswith(f"(request {answer.headers['x-request-id']})")
    assert "secret" not in answer.text
    (record,) = caplog.records
    assert record.exc_info
    assert "the secret of the house" in str(record.exc_info[1])


async def test_a_route_that_asks_for_no_token_is_not_served() -> None:
    router = APIRouter()

    @router.get("/open")
    async def open_to_all() -> None:
        """A route that somebody forgot to guard."""

    assert ("GET", "/open") not in PUBLIC
    with pytest.raises(RuntimeError, match="GET /open asks for no token"):
        build("careless", [Service("careless", router)], Settings())
