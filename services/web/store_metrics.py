"""What the store holds, as metrics that are read from it at each scrape: queues, runs, and the age of the export.

Each app shows what its services are about; an app of all services shows everything once.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from services.errors import ForesailError
from services.models import Queue, Run
from services.store import exports, queues, runs
from services.store.connection import Store

Source = Callable[[Store], Awaitable[list[Metric]]]
_SECONDS = 5.0
"""For all questions of one scrape; Prometheus itself waits 10."""
_PAGE = 500
_GAUGES = {
    "ready_jobs": ("Jobs that wait.", lambda queue: queue.ready),
    "leased_jobs": ("Jobs that are claimed.", lambda queue: queue.leased),
    "dead_jobs": ("Dead-lettered jobs.", lambda queue: queue.dead),
}
_COUNTERS = {
    "enqueued_jobs": ("Jobs put into the queue.", lambda queue: queue.enqueued),
    "claimed_jobs": ("Jobs handed out, each time that they were.", lambda queue: queue.claimed),
    "completed_jobs": ("Jobs done.", lambda queue: queue.completed),
    "failed_jobs": ("Jobs dead-lettered.", lambda queue: queue.failed),
    "redelivered_jobs": ("Jobs returned because their lease ran out.", lambda queue: queue.redelivered),
    "stale_completions": ("Completions refused because their lease was void.", lambda queue: queue.stale),
}
_log = logging.getLogger(__name__)


async def queue_families(store: Store) -> list[Metric]:
    """Depth, age and counters of every queue."""
    found = [queue async for queue in _queues(store)]
    families: list[Metric] = []
    for name, (text, value) in _GAUGES.items():
        families.append(_by_queue(GaugeMetricFamily, f"foresail_queue_{name}", text, _values(found, value)))
    age = "Seconds since the job at the head was created; 0 where nothing waits."
    oldest = {queue.index: 0.0 if queue.oldest is None else max(0.0, time.time() - queue.oldest) for queue in found}
    families.append(_by_queue(GaugeMetricFamily, "foresail_queue_oldest_age_seconds", age, oldest))
    for name, (text, value) in _COUNTERS.items():
        families.append(_by_queue(CounterMetricFamily, f"foresail_queue_{name}", text, _values(found, value)))
    return families


async def run_families(store: Store) -> list[Metric]:
    """Ended runs by state, and the rate of those that go on."""
    ended = CounterMetricFamily("foresail_runs_ended", "Runs that are over, by state.", labels=["state"])
    duration = SummaryMetricFamily("foresail_run_duration_seconds", "Time of runs that are over.", labels=["state"])
    for state, (count, seconds) in (await runs.totals(store)).items():
        ended.add_metric([state], count)
        duration.add_metric([state], count, seconds)
    going_on = await runs.active(store)
    jobs = {run.queue: run.rate for run in going_on}
    assets = {run.queue: _assets_rate(run) for run in going_on}
    return [
        ended,
        duration,
        _by_queue(
            GaugeMetricFamily, "foresail_run_jobs_per_second", "Jobs finished a second by the queue's run.", jobs
        ),
        _by_queue(GaugeMetricFamily, "foresail_run_assets_per_second", "Assets forecast a second by it.", assets),
    ]


async def export_families(store: Store) -> list[Metric]:
    """How far the exporter's files are behind; nothing before the first export."""
    began = await exports.last(store)
    age = GaugeMetricFamily("foresail_export_age_seconds", "Seconds since the last export began to read.")
    if began is not None:
        age.add_metric([], max(0.0, time.time() - began))
    return [age]


BY_SERVICE: Mapping[str, Sequence[Source]] = {
    "queueing": (queue_families, export_families),
    "calculations": (run_families, export_families),
}
"""What a service shows beside its requests; the others show nothing of the store."""


class StoreCollector(Collector):
    """Asks the store in the app's event loop, from the thread of a scrape."""

    def __init__(self, store: Store, loop: asyncio.AbstractEventLoop, sources: Iterable[Source]) -> None:
        self._store = store
        self._loop = loop
        self._sources = tuple(dict.fromkeys(sources))

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not ask the store."""
        return []

    def collect(self) -> Iterable[Metric]:
        """All families; where the store is away, only that it is."""
        asked = asyncio.run_coroutine_threadsafe(self._families(), self._loop)
        try:
            families = asked.result(_SECONDS)
        except (ForesailError, TimeoutError) as error:
            asked.cancel()
            _log.debug("no metrics of the store: %r", error)
            return [_up(0)]
        return [_up(1), *families]

    async def _families(self) -> list[Metric]:
        return [family for source in self._sources for family in await source(self._store)]


@contextmanager
def registered(store: Store, services: Iterable[str], registry: CollectorRegistry = REGISTRY) -> Iterator[None]:
    """Show what the services' metrics say of the store; to be entered in the loop that uses the store."""
    sources = [source for name in services for source in BY_SERVICE.get(name, ())]
    if not sources:
        yield
        return
    collector = StoreCollector(store, asyncio.get_running_loop(), sources)
    registry.register(collector)
    try:
        yield
    finally:
        registry.unregister(collector)


def _up(value: int) -> Metric:
    return GaugeMetricFamily("foresail_store_up", "Whether the store answered this scrape.", value)


def _values(found: Iterable[Queue], value: Callable[[Queue], float]) -> dict[int, float]:
    return {queue.index: value(queue) for queue in found}


def _by_queue(
    kind: type[GaugeMetricFamily] | type[CounterMetricFamily], name: str, text: str, values: Mapping[int, float]
) -> Metric:
    family = kind(name, text, labels=["queue"])
    for index, value in values.items():
        family.add_metric([str(index)], value)
    return family


async def _queues(store: Store) -> AsyncIterator[Queue]:
    after = 0
    while page := await queues.page(store, after, _PAGE):
        for queue in page:
            yield queue
        after = page[-1].index


def _assets_rate(run: Run) -> float:
    if run.started is None or run.heartbeat is None or run.heartbeat <= run.started:
        return 0.0
    return run.assets_done / (run.heartbeat - run.started)
