"""Celery: one process without a pool, results and events off, a thousand messages fetched ahead."""

from celery import Celery
from finish import COUNT, URL, step

app = Celery("noop", broker=URL.replace("unix://", "redis+socket://"))
app.conf.update(
    task_ignore_result=True,
    worker_prefetch_multiplier=1000,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
)
job = app.task(step, name="noop")
with app.producer_pool.acquire() as producer:
    for _ in range(COUNT):
        job.apply_async(producer=producer)
quiet = ["--loglevel=ERROR", "--without-gossip", "--without-mingle", "--without-heartbeat"]
app.worker_main(["worker", "--pool=solo", *quiet])
