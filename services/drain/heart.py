"""The heartbeat: once a second the run says that it is alive, prolongs its leases and learns whether it shall go on."""

import asyncio
from typing import Literal

from services.drain.leases import Leases
from services.store import runs
from services.store.connection import Store

LONGEST_INTERVAL = 1.0


async def beat_while_going(store: Store, run: int, leases: Leases, lease_seconds: float) -> Literal["stop", "lost"]:
    """Beat until the store's answer is another one than to go on; it runs beside the numeric code, never after it."""
    interval = min(LONGEST_INTERVAL, lease_seconds / 4)
    while True:
        answer = await leases.patiently(lambda: runs.beat(store, run))
        if answer != "go":
            return answer
        await leases.patiently(leases.renew)
        await asyncio.sleep(interval)
