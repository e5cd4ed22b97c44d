"""People who push, cancel and pull while everything is killed, and who remember what they were told."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from tests.kills.world import World

MODELS = ("ols", "naive", "drift", "theta")
ACCEPTED = (200, 201, 202, 204)
PAUSE = 0.1
_HEAVY = 10
"""One job in so many takes long."""
_LARGE = 12
"""One push in so many takes several steps of the store."""


@dataclass
class Deeds:
    """What was accepted, and what nobody knows of: its answer was lost, or was 503."""

    pushed: dict[int, dict[str, Any]] = field(default_factory=dict)
    """The accepted jobs as they were asked for, by id."""
    pushes: list[range] = field(default_factory=list)
    cancelled: set[int] = field(default_factory=set)
    pulled: set[int] = field(default_factory=set)
    answered: dict[int, int] = field(default_factory=dict)
    """Accepted pushes by the life of the services that took them."""
    unsure_pushes: list[tuple[int, int]] = field(default_factory=list)
    """By size and by life of the services."""
    unsure_cancels: set[int] = field(default_factory=set)
    unsure_pulls: int = 0
    errors: list[str] = field(default_factory=list)
    """Answers that nobody should get."""


class Client(threading.Thread):
    """Does one thing again and again until it is told to stop."""

    def __init__(self, world: World, token: str, queue: int, deeds: Deeds, act: "Act", random: Random) -> None:
        super().__init__(name=act.__name__)
        self.world = world
        self.queue = queue
        self.deeds = deeds
        self.random = random
        self.over = threading.Event()
        self.failure: BaseException | None = None
        self._act = act
        self._http = httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=10)

    def run(self) -> None:
        """Act, with a pause between; what goes wrong in the test itself is kept for whoever waits for the thread."""
        try:
            while not self.over.is_set():
                self._act(self)
                self.over.wait(PAUSE)
        except BaseException as error:  # noqa: BLE001 - raised again by `finish`
            self.failure = error
        finally:
            self._http.close()

    def finish(self) -> None:
        """Stop, and raise what went wrong."""
        self.over.set()
        self.join()
        if self.failure is not None:
            raise self.failure

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response | None:
        """The answer; none where nobody knows what became of the request."""
        try:
            answer = self._http.request(method, f"{self.world.url}{path}", json=body)
        except httpx.TransportError:
            self.over.wait(PAUSE)
            return None
        if answer.status_code == 503:
            assert int(answer.headers["retry-after"]) >= 1
            return None
        if answer.status_code not in (*ACCEPTED, 404, 409):
            self.deeds.errors.append(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer


Act = Callable[[Client], None]


def push(client: Client) -> None:
    """Push some jobs, now and then many, while not too many wait."""
    queue = client.ask("GET", f"/queueing/queues/{client.queue}")
    if queue is None or queue.json()["ready"] > 400:
        return
    random, deeds = client.random, client.deeds
    size = random.randint(260, 400) if random.randrange(_LARGE) == 0 else random.randint(1, 60)
    jobs = [_job(random) for _ in range(size)]
    answer = client.ask("POST", f"/queueing/queues/{client.queue}/jobs", {"jobs": jobs})
    if answer is None:
        deeds.unsure_pushes.append((size, client.world.life))
    elif answer.status_code == 201:
        told = answer.json()
        ids = range(told["first"], told["last"] + 1)
        deeds.pushed.update(zip(ids, jobs, strict=True))
        deeds.pushes.append(ids)
        deeds.answered[client.world.life] = deeds.answered.get(client.world.life, 0) + 1
    else:
        deeds.errors.append(f"a push was refused: {answer.text}")


def cancel(client: Client) -> None:
    """Cancel one of the newest jobs, which mostly wait."""
    if not client.deeds.pushes:
        return
    job = client.random.choice(client.deeds.pushes[-1])
    answer = client.ask("PUT", f"/masterdata/jobs/{job}", {"status": "cancelled"})
    if answer is None:
        client.deeds.unsure_cancels.add(job)
    elif answer.status_code == 200:
        client.deeds.cancelled.add(job)
    client.over.wait(0.2)


def pull(client: Client) -> None:
    """Take a job away from the run."""
    answer = client.ask("POST", f"/queueing/queues/{client.queue}/pull")
    if answer is None:
        client.deeds.unsure_pulls += 1
    elif answer.status_code == 200:
        client.deeds.pulled.add(answer.json()["id"])
    client.over.wait(0.3)


def supervise(client: Client) -> None:
    """Start a run whenever something waits and no run drains the queue."""
    queue = client.ask("GET", f"/queueing/queues/{client.queue}")
    if queue is not None:
        found = queue.json()
        if found["run"] is None and found["ready"] + found["leased"] > 0:
            client.ask("POST", "/calculations/runs", {"queue": client.queue, "processes": 2})
    client.over.wait(0.1)


def log_in(world: World) -> str:
    """A token of the first user."""
    answer = httpx.post(f"{world.url}/auth/login", json={"user": "admin", "password": "admin"}, timeout=60)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


def create_queue(world: World, token: str) -> int:
    """A queue that gives no job up, however often its run is killed."""
    header = {"Authorization": f"Bearer {token}"}
    body = {"name": "kills", "max_attempts": 100}
    answer = httpx.post(f"{world.url}/queueing/queues", json=body, headers=header, timeout=60)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["index"])


def _job(random: Random) -> dict[str, Any]:
    heavy = random.randrange(_HEAVY) == 0
    assets = random.sample(range(100), random.randint(30, 60) if heavy else random.randint(1, 10))
    return {
        "assets": assets,
        "model": "theta" if heavy else random.choice(MODELS),
        "horizon": random.randrange(10, 140, 10) if heavy else random.randint(1, 12),
        "priority": random.choice((0, 0, 0, 0, 0, 0, 0, 1, 5)),
    }


def wait_for_deeds(count: int, deeds: Deeds, deadline: float) -> None:
    """Wait until so many jobs were accepted."""
    while len(deeds.pushed) < count:
        assert time.monotonic() < deadline, f"only {len(deeds.pushed)} of {count} jobs were accepted in time"
        time.sleep(PAUSE)
