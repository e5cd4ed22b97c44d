"""RQ: its SimpleWorker, which does not fork for each job; results are not kept."""

import logging

from finish import COUNT, URL
from redis import Redis
from rq import Queue, SimpleWorker

connection = Redis.from_url(URL)
queue = Queue("noop", connection=connection)
queue.enqueue_many([Queue.prepare_data("finish.step", result_ttl=0) for _ in range(COUNT)])
logging.getLogger("rq.worker").setLevel(logging.ERROR)
SimpleWorker([queue], connection=connection).work(burst=True, logging_level="ERROR")
