"""taskiq with a list in the store: a hundred jobs at a time, a thousand fetched ahead, results not kept."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import uvloop
from finish import COUNT, URL, step
from taskiq.receiver import Receiver
from taskiq_redis import ListQueueBroker


async def noop() -> None:
    """The whole job."""
    step()


async def work() -> None:
    """Enqueue, then work."""
    broker = ListQueueBroker(URL)
    job = broker.register_task(noop, task_name="noop")
    await broker.startup()
    for first in range(0, COUNT, 100):
        await asyncio.gather(*(job.kiq() for _ in range(first, min(first + 100, COUNT))))
    broker.is_worker_process = True
    with ThreadPoolExecutor(1) as pool:
        receiver = Receiver(broker, pool, max_async_tasks=100, max_prefetch=1000, run_startup=False)
        await receiver.listen(asyncio.Event())


uvloop.run(work())
