"""Admins read who did what; nobody else does."""

import pytest

from tests.api.server import Api
from tests.cli.foresail import Foresail

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine


def test_admins_see_who_did_what(api: Api, admin: Foresail, employee: Foresail) -> None:
    api.employee.delete("/masterdata/jobs/7")
    admin("users", "disable", "emil")
    newest, *_ = admin.json("audit", "--limit", "1")
    assert (newest["subject"], newest["action"], newest["target"]) == ("admin", "user.change", "emil")
    assert [entry["action"] for entry in admin.json("audit", "--user", "emil")] == ["job.delete", "login"]
    assert {entry["subject"] for entry in admin.json("audit", "--action", "login")} == {"admin", "emil"}
    assert "disabled" in admin("audit").out
    assert employee("audit", code=3).out == ""


def test_a_wrong_action_is_answered_by_those_that_there_are(admin: Foresail) -> None:
    assert "'login', 'logout'" in admin("audit", "--action", "nap", code=1).err
