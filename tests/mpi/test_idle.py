"""Ranks that wait do not burn the cores that others need."""

import time

import pytest

from services.store import claims, runs
from services.store.connection import Store
from tests.mpi.program import Start, cpu_seconds
from tests.mpi.work import filled, mixed, only_run
from tests.waiting import wait_until_async

pytestmark = pytest.mark.anyio
MOST_SHARE = 0.3
"""Of a core; a rank in a blocking collective takes all of it. Waiting as here takes about a hundredth."""


async def test_waiting_ranks_use_little_of_a_core(store: Store, start: Start) -> None:
    queue, _ = await filled(store, mixed(5))
    held = await claims.claim(store, queue, 5, 3600)
    async with start(["--queue", str(queue)], ranks=2) as program:
        run = 0

        async def beats() -> bool:
            nonlocal run
            run = run or (await only_run(store) if await runs.page(store, None, 1) else 0)
            return bool(run) and (await runs.get(store, run)).started is not None

        await wait_until_async(beats, "the run waits for the jobs of another")
        ranks = program.ranks()
        began, used = time.monotonic(), {rank: cpu_seconds(pid) for rank, pid in ranks.items()}
        heartbeat = (await runs.get(store, run)).heartbeat or 0.0

        async def later() -> bool:
            return ((await runs.get(store, run)).heartbeat or 0.0) > heartbeat + 2

        await wait_until_async(later, "two seconds of heartbeats")
        wall = time.monotonic() - began
        shares = {rank: (cpu_seconds(pid) - used[rank]) / wall for rank, pid in ranks.items()}
        assert len(shares) == 2
        assert all(share < MOST_SHARE for share in shares.values()), shares
        await claims.release(store, held, "")
        assert await program.ended() == 0, program.text()
