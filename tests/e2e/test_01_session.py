"""Log in through the ingress with the password that the cluster keeps, and work: commands first, then the session."""

from pathlib import Path
from secrets import token_hex

import pytest

from tests.cli.foresail import Foresail
from tests.e2e.system import PASSWORD, Person

pytestmark = [pytest.mark.first, pytest.mark.timeout(600)]


@pytest.fixture
def command(url: str, tmp_path: Path) -> Foresail:
    """A command line that knows the server's address and nothing else."""
    return Foresail(url, tmp_path)


def test_the_first_user_logs_in_and_all_is_well(command: Foresail, first_password: str) -> None:
    answer = command("login", "--user", "admin", "--password-stdin", stdin=f"{first_password}\n")
    assert "logged in" in answer.err
    checks = {one["check"]: one for one in command.json("doctor")}
    assert {one["state"] for one in checks.values()} == {"good"}, checks
    command("logout")
    command("whoami", code=3)


def test_the_session_of_the_assignment(command: Foresail, admin: Person) -> None:
    boss, name = admin.new("admin"), f"zoe-{token_hex(3)}"
    lines = [
        f"add_user {name} employee hunter2-hunter2-x",
        f'create_queue "queue of {name}"',
        "add_job 5-6",
        "get_queues",
    ]
    answer = command("shell", stdin="\n".join([boss.user, PASSWORD, *lines, "exit", ""]))
    assert f"added {name}" in answer.err
    assert f"queue of {name}" in answer.out
    assert "asset-6" in answer.out


def test_a_wrong_password_and_no_token_are_refused(admin: Person) -> None:
    wrong = {"user": f"nobody-{token_hex(3)}", "password": "wrong"}
    assert admin.http.post("/auth/login", json=wrong).status_code == 401
    for path in ("/auth/users", "/masterdata/jobs", "/queueing/queues", "/calculations/runs"):
        assert admin.http.get(path, headers={"Authorization": ""}).status_code == 401, path


def test_the_ingress_shows_the_services_and_neither_health_nor_metrics(admin: Person) -> None:
    for path in ("/metrics", "/livez", "/readyz", "/openapi.json"):
        assert admin.http.get(path).status_code == 404, path
