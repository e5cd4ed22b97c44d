"""The metrics, the store's counters and its history have to agree."""

from collections import Counter
from collections.abc import Iterator, Mapping

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from services.models import Queue
from services.store import queues, runs
from services.store.connection import Store
from tests.kills.clients import Deeds
from tests.kills.history import History

SHOWN = {
    "enqueued": "enqueued_jobs",
    "claimed": "claimed_jobs",
    "completed": "completed_jobs",
    "failed": "failed_jobs",
    "redelivered": "redelivered_jobs",
    "stale": "stale_completions",
}
"""A queue's counters, and the metrics that show them."""
PUSHES = {"method": "POST", "route": "/queueing/queues/{index}/jobs", "status": "201"}


async def disagreements(store: Store, text: str, history: History, deeds: Deeds, life: int) -> list[str]:
    """Where `text`, the metrics of the services' last life, and the store and its history differ, in sentences."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    queue = await queues.get(store, history.queue)
    faults = [*_of_queue(samples, queue), *_of_history(queue, history), *_of_pushes(samples, deeds, life)]
    for state, (count, _) in (await runs.totals(store)).items():
        if (shown := _value(samples, "foresail_runs_ended_total", {"state": state})) != count:
            faults.append(f"the metrics show {shown} {state} runs, and the store has {count}")
    return faults


def _of_queue(samples: list[Sample], queue: Queue) -> Iterator[str]:
    for name, metric in SHOWN.items():
        shown = _value(samples, f"foresail_queue_{metric}_total", {"queue": str(queue.index)})
        if shown != getattr(queue, name):
            yield f"the metrics show {shown} {name}, and the store has {getattr(queue, name)}"


def _of_history(queue: Queue, history: History) -> Iterator[str]:
    """What a stale completion tried is no write, so the history knows nothing of those."""
    reasons = Counter(back.reason.partition(",")[0] for back in history.returns)
    happened = {
        "enqueued": sum(map(len, history.published)),
        "claimed": history.claims,
        "completed": history.done.total(),
        "failed": 0,
        "redelivered": reasons["its lease ran out"],
    }
    for name, value in happened.items():
        if getattr(queue, name) != value:
            yield f"the queue counts {getattr(queue, name)} {name}, and {value} happened"


def _of_pushes(samples: list[Sample], deeds: Deeds, life: int) -> Iterator[str]:
    """The services' last process counts the pushes that it accepted; an answer may have been lost on its way."""
    counted = _value(samples, "foresail_http_requests_total", PUSHES) or 0
    told, lost = deeds.answered.get(life, 0), sum(when == life for _, when in deeds.unsure_pushes)
    if not told <= counted <= told + lost:
        yield f"the metrics count {counted} accepted pushes; people were told of {told}, and not of {lost}"


def _value(samples: list[Sample], name: str, labels: Mapping[str, str]) -> float | None:
    return next((sample.value for sample in samples if sample.name == name and sample.labels == labels), None)
