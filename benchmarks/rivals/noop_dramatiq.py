"""dramatiq with prefetch: a thousand messages at a time, few threads, and of its middleware only the retries."""

import os
import threading

from finish import COUNT, URL, step

os.environ["dramatiq_queue_prefetch"] = "1000"  # noqa: SIM112 - its name; read by the next line

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Retries
from redis import Redis

broker = RedisBroker(client=Redis.from_url(URL), middleware=[Retries()])
dramatiq.set_broker(broker)
job = dramatiq.actor(step, actor_name="noop")
for _ in range(COUNT):
    job.send()
dramatiq.Worker(broker, worker_threads=4).start()
threading.Event().wait()
