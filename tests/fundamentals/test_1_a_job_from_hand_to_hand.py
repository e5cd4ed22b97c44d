"""Log in, push a job into a queue, start a run, read the forecast: the whole of Foresail in one test."""

from tests.api.server import Api
from tests.waiting import wait_until


def test_a_job_goes_from_hand_to_hand(api: Api) -> None:
    # A manager makes a queue, and an employee pushes a job: three assets of the built-in dataset, ten steps ahead.
    queue = api.manager.post("/queueing/queues", json={"name": "daily"}).json()["index"]
    pushed = api.employee.post(f"/queueing/queues/{queue}/jobs", json={"assets": [0, 1, 2], "horizon": 10})
    assert pushed.status_code == 201
    job = f"/masterdata/jobs/{pushed.json()['first']}"
    assert api.employee.get(job).json()["status"] == "queued"

    # The manager starts a run: an MPI program on two ranks that drains the queue.
    started = api.manager.post("/calculations/runs", json={"queue": queue, "processes": 2})
    assert started.status_code == 202
    run = f"/calculations/runs/{started.json()['id']}"
    wait_until(lambda: api.manager.get(run).json()["state"] == "done", "the run is done")

    # The employee reads one forecast for each asset: a mean and two prediction intervals for every step.
    assert api.employee.get(job).json()["status"] == "done"
    results = api.employee.get(f"{job}/results").json()
    assert [forecast["asset"] for forecast in results["forecasts"]] == [0, 1, 2]
    for forecast in results["forecasts"]:
        assert len(forecast["mean"]) == 10
        for step, mean in enumerate(forecast["mean"]):
            bounds = [forecast[side][level][step] for side, level in (("lower", "95"), ("lower", "80"))]
            bounds += [mean, forecast["upper"]["80"][step], forecast["upper"]["95"][step]]
            assert bounds == sorted(bounds)
            # The values of market lie in [0, 1], and so do its forecasts.
            assert bounds[0] >= 0
            assert bounds[-1] <= 1
