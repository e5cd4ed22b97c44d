"""SAQ: a hundred jobs at a time, results not kept, no web, no timers."""

import asyncio

import uvloop
from finish import COUNT, URL, step
from redis.asyncio import Redis
from saq import Job, Worker
from saq.queue.redis import RedisQueue


async def noop(_context: object) -> None:
    """The whole job."""
    step()


async def work() -> None:
    """Enqueue, then work."""
    queue = RedisQueue(Redis.from_url(URL))
    await queue.connect()
    for first in range(0, COUNT, 100):
        jobs = (Job("noop", ttl=-1) for _ in range(first, min(first + 100, COUNT)))
        await asyncio.gather(*map(queue.enqueue, jobs))
    await Worker(queue, [noop], concurrency=100).start()


uvloop.run(work())
