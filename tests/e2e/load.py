"""A steady load through the ingress, of which no request may fail."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.e2e.system import Person

PATHS = (
    "/auth?service=masterdata",
    "/masterdata/jobs?limit=1",
    "/queueing/queues?limit=1",
    "/calculations/runs?limit=1",
)


@contextmanager
def steady(person: Person, threads: int = 2, pause: float = 0.02) -> Iterator[Counter[str]]:
    """Ask every service in turn for as long as the block lasts; yields the answers, counted by path and outcome."""
    answers: Counter[str] = Counter()
    stop = threading.Event()
    headers = {"Authorization": person.http.headers["Authorization"]}

    def ask() -> None:
        with httpx.Client(base_url=person.http.base_url, headers=headers, timeout=30) as client:
            while not stop.is_set():
                for path in PATHS:
                    answers[f"{path} {_outcome(client, path)}"] += 1
                stop.wait(pause)

    workers = [threading.Thread(target=ask) for _ in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield answers
    finally:
        stop.set()
        for worker in workers:
            worker.join()


def failures(answers: Counter[str]) -> dict[str, int]:
    """The answers that are none."""
    return {answer: count for answer, count in answers.items() if not answer.endswith(" 200")}


def _outcome(client: httpx.Client, path: str) -> str:
    try:
        return str(client.get(path).status_code)
    except httpx.HTTPError as error:
        return repr(error)
