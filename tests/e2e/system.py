"""The installed system as its users meet it: HTTP through the ingress."""

import secrets
from collections.abc import Iterable, Iterator
from typing import Any

import httpx

from tests.waiting import wait_until

PASSWORD = "correct horse battery"
RUNS = "/calculations/runs"
OVER = {"done", "failed", "stopped"}
View = dict[str, Any]


class Person:
    """Somebody who is logged in. `host` is the name that an ingress tells a second installation by."""

    def __init__(self, url: str, user: str, password: str, host: str = "") -> None:
        self.user = user
        self.http = httpx.Client(base_url=url, headers={"Host": host} if host else {}, timeout=60)
        self._friends: list[Person] = []
        answer = self.http.post("/auth/login", json={"user": user, "password": password})
        assert answer.status_code == 200, answer.text
        self.http.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    def new(self, role: str) -> "Person":
        """A new user with that role, logged in; for admins."""
        user = f"{role}-{secrets.token_hex(3)}"
        self.ask("POST", "/auth/users", json={"name": user, "role": role, "password": PASSWORD})
        self._friends.append(Person(str(self.http.base_url), user, PASSWORD))
        return self._friends[-1]

    def close(self) -> None:
        """Close the connections, also of everybody whom this one made."""
        for friend in self._friends:
            friend.close()
        self.http.close()

    def ask(self, method: str, path: str, **others: Any) -> Any:
        """What the API answers; it must agree."""
        answer = self.http.request(method, path, **others)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def filled(self, jobs: list[View]) -> tuple[int, range]:
        """A new queue with these jobs, and their ids."""
        queue = self.ask("POST", "/queueing/queues", json={})["index"]
        first = last = 0
        for start in range(0, len(jobs), 10_000):
            body = {"jobs": jobs[start : start + 10_000]}
            answer = self.ask("POST", f"/queueing/queues/{queue}/jobs", json=body)
            first, last = first or answer["first"], answer["last"]
        return queue, range(first, last + 1)

    def start(self, queue: int, processes: int = 2) -> int:
        """The id of a new run."""
        return int(self.ask("POST", RUNS, json={"queue": queue, "processes": processes})["id"])

    def run(self, run: int) -> View:
        found: View = self.ask("GET", f"{RUNS}/{run}")
        return found

    def queue(self, index: int) -> View:
        found: list[View] = self.ask("GET", "/queueing/queues?limit=500")["items"]
        return next(one for one in found if one["index"] == index)

    def wait_for_run(self, run: int, *states: str, seconds: float = 180, trouble: bool = False) -> View:
        """The run as soon as it is in one of the states; any other end is a failure. In trouble, answers may fail."""

        seen: View = {}

        def there() -> bool:
            try:
                seen.update(self.run(run))
            except (AssertionError, httpx.HTTPError):
                if trouble:
                    return False
                raise
            assert seen["state"] in states or seen["state"] not in OVER, seen
            return seen["state"] in states

        wait_until(there, f"run {run} is {' or '.join(states)}", seconds)
        return seen

    def wait_for_leases(self, queue: int) -> None:
        """Until what a dead run had claimed is back in its place: then the next run is in order again."""
        wait_until(lambda: self.queue(queue)["leased"] == 0, f"nothing of queue {queue} is leased", 60)

    def forget(self, ids: Iterable[int]) -> None:
        """Delete jobs whose results are large: the export would have to write them for every later story."""
        for job in ids:
            self.ask("DELETE", f"/masterdata/jobs/{job}")

    def finished(self, run: int) -> Iterator[int]:
        """Ids of the jobs that a run finished, in order."""
        cursor = ""
        while cursor is not None:
            page = self.ask("GET", f"{RUNS}/{run}/results?limit=500&cursor={cursor}")
            yield from (item["job"] for item in page["items"])
            cursor = page["next"]


def cheap(count: int) -> list[View]:
    """Jobs that share much of their work."""
    return [{"assets": [n % 100, (n + 1) % 100], "horizon": 1 + n % 9} for n in range(count)]


def costly(count: int) -> list[View]:
    """Jobs that share no work: many milliseconds each, so that a run of them can be met half-way."""
    return [{"assets": list(range(100)), "horizon": 1 + n % 140, "model": "theta"} for n in range(count)]


def assert_each_done_once(person: Person, queue: int, ids: range, runs: list[int]) -> None:
    """No job is lost, none is finished twice, and the runs finished them in the order in which they were pushed."""
    finished = [list(person.finished(run)) for run in runs]
    assert sorted(job for one in finished for job in one) == list(ids)
    left = person.queue(queue)
    assert (left["ready"], left["leased"], left["dead"], left["completed"]) == (0, 0, 0, len(ids))
    for one in finished:
        assert one == sorted(one)
