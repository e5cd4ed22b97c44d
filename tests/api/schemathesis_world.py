"""schemathesis' own process, sent to a running server in whose store it finds some of everything."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

from services.config import Settings
from services.local import SERVICES
from services.models import ACTIVE_RUN, JobSpec, Role, RunState
from services.store import jobs, queues, runs, users
from services.store.connection import Store
from services.web.app import build
from tests.api.server import HASH
from tests.store.soundness import connected
from tests.waiting import wait_until

ROLE = "FORESAIL_SCHEMATHESIS_ROLE"
SETTINGS = {
    # Guessing at the login is what it does: a wait of minutes would be all that it sees.
    "FORESAIL_AUTH_FREE_FAILURES": "100",
    "FORESAIL_AUTH_FREE_CLIENT_FAILURES": "10000",
    "FORESAIL_AUTH_LONGEST_BACK_OFF_SECONDS": "1",
    "FORESAIL_RUN_PROCESSES": "1",
    "FORESAIL_RUN_MOST_PROCESSES": "1",
}
"""Settings of the server that is asked."""
_THINGS = 20
_CONFIG = Path(__file__).with_name("schemathesis.toml")


def name(role: Role, number: int) -> str:
    """The person whom schemathesis is, after so many that were deleted."""
    return f"{role}-{number}"


def ask(url: str, store_url: str, role: Role, folder: Path, *options: str) -> None:
    """Let schemathesis ask everything as a person of this role; AssertionError with all that it found wrong."""
    asyncio.run(_populate(store_url, name(role, 0)))
    description = folder / "openapi.json"
    description.write_text(json.dumps(build("whole", SERVICES, Settings()).openapi()), "utf-8")
    program = (sys.executable, "-m", "schemathesis.cli", "--config-file", str(_CONFIG))
    command = (*program, "run", str(description), "--url", url, "--no-color", *options)
    environment = {
        **os.environ,
        ROLE: role,
        "FORESAIL_STORE_URL": store_url,
        "SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    wait_until(lambda: not asyncio.run(_active(store_url)), "the runs are over", 120)
    print(done.stdout)  # noqa: T201 (pytest shows it where something is wrong, or by -rP)
    assert done.returncode == 0, done.stderr or "schemathesis tells above what is wrong"


async def _active(store_url: str) -> list[int]:
    async with connected(store_url) as store:
        return [run.id for run in await runs.page(store, None, 1000) if run.state in ACTIVE_RUN]


async def _populate(store_url: str, owner: str) -> None:
    async with connected(store_url) as store:
        for role in Role:
            if await users.find(store, name(role, 0)) is None:
                await users.create(store, name(role, 0), role, HASH)
        for _ in range(_THINGS):
            await _add_things(store, owner)


async def _add_things(store: Store, owner: str) -> None:
    """A queue with a job that waits, a job in no queue, and a run that is over."""
    spec = JobSpec("market", (0,), "ols", 2)
    index = await queues.create(store, "", 3)
    await queues.enqueue(store, index, owner, [spec])
    await jobs.create(store, owner, spec)
    await runs.end(store, await runs.start(store, index, owner, 1, 60), RunState.DONE)
