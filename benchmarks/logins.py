"""Refusing a wrong password, against refusing a user who does not exist: a difference in time would tell the names.

One auth service with the hashes' real cost, asked by turns. What it notes of failed logins is removed after each, or
the next ones would have to wait.
"""

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks import measure
from benchmarks.measure import Row
from benchmarks.push import PASSWORD, served
from services.store import keys

KNOWN, UNKNOWN = "admin", "nobody"


def wait(client: httpx.Client, store_url: str, name: str) -> float:
    """Seconds until a login with a wrong password is refused."""
    began = time.perf_counter()
    answer = client.post("/auth/login", json={"user": name, "password": "wrong"})
    seconds = time.perf_counter() - began
    assert answer.status_code == 401, answer.text
    asyncio.run(forget(store_url, name))
    return seconds


async def forget(store_url: str, name: str) -> None:
    """Remove the failed logins of this user from here."""
    store = measure.connected(store_url)
    await store.command("DEL", *map(keys.login_failures, ("client:127.0.0.1", f"user:{name}@127.0.0.1")))
    await store.close()


def rows(quick: bool) -> Iterator[Row]:
    """How many times the one takes as long as the other, whichever takes longer."""
    with tempfile.TemporaryDirectory(prefix="fs-") as name, measure.server() as store:
        settings = {"FORESAIL_STORE_URL": store.url, "FORESAIL_AUTH_FIRST_PASSWORD": PASSWORD}
        with (
            served("services.auth.app:app", Path(name), settings) as url,
            httpx.Client(base_url=url, timeout=60) as client,
        ):
            calls = {
                "wrong password": lambda: wait(client, store.url, KNOWN),
                "unknown user": lambda: wait(client, store.url, UNKNOWN),
            }
            found = measure.rounds(calls, 3 if quick else 200)
    ratio = measure.ratio(found, *found)
    told = measure.figures(found, "ms", 1000, 1)
    yield Row("refusing a wrong password: an unknown user", max(ratio, 1 / ratio), most=1.05, figures=told)


if __name__ == "__main__":
    measure.main(rows, __doc__)
