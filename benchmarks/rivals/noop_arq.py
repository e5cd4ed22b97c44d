"""arq: a hundred jobs at a time, polled without a pause, results not kept."""

import asyncio
import logging

import uvloop
from arq.connections import RedisSettings, create_pool
from arq.worker import Worker, func
from finish import COUNT, URL, step


async def noop(_context: object) -> None:
    """The whole job."""
    step()


async def work() -> None:
    """Enqueue, then work."""
    pool = await create_pool(RedisSettings(unix_socket_path=URL.removeprefix("unix://")))
    for first in range(0, COUNT, 100):
        await asyncio.gather(*(pool.enqueue_job("noop") for _ in range(first, min(first + 100, COUNT))))
    job = func(noop, name="noop", keep_result=0)
    worker = Worker([job], redis_pool=pool, max_jobs=100, poll_delay=0.001, handle_signals=False, log_results=False)
    await worker.async_run()


logging.getLogger("arq").setLevel(logging.ERROR)
uvloop.run(work())
