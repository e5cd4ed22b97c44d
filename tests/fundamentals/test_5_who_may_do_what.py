"""A role is a set of scopes: an employee has its own jobs, a manager queues, runs and all jobs, an admin everything."""

from tests.api.server import Api

JOB = {"assets": [0]}


def test_an_employee_has_its_own_jobs_and_nothing_else(api: Api) -> None:
    queue = api.manager.post("/queueing/queues", json={"name": "daily"}).json()["index"]
    job = api.employee.post(f"/queueing/queues/{queue}/jobs", json=JOB).json()["first"]
    assert api.employee.get(f"/masterdata/jobs/{job}").status_code == 200
    assert api.colleague.get(f"/masterdata/jobs/{job}").status_code == 404
    assert api.employee.post("/queueing/queues", json={"name": "mine"}).status_code == 403
    assert api.employee.post("/calculations/runs", json={"queue": queue}).status_code == 403
    assert api.employee.get("/auth/users").status_code == 403


def test_a_manager_has_queues_and_all_jobs_but_no_users(api: Api) -> None:
    queue = api.manager.post("/queueing/queues", json={"name": "daily"}).json()["index"]
    job = api.employee.post(f"/queueing/queues/{queue}/jobs", json=JOB).json()["first"]
    assert api.manager.get(f"/masterdata/jobs/{job}").status_code == 200
    assert api.manager.get("/auth/users").status_code == 403


def test_an_admin_adds_users_and_what_it_takes_away_is_gone_at_once(api: Api) -> None:
    new = {"name": "nina", "role": "employee", "password": "a long enough password"}
    assert api.admin.post("/auth/users", json=new).status_code == 201
    assert api.employee.get("/masterdata/jobs").status_code == 200
    assert api.admin.put("/auth/users/emil", json={"disabled": True}).status_code == 200
    assert api.employee.get("/masterdata/jobs").status_code == 401


def test_nobody_gets_in_without_a_token(api: Api) -> None:
    assert api.nobody.get("/masterdata/jobs").status_code == 401
    assert api.nobody.get("/livez").status_code == 200
