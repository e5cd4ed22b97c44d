"""Lines of the shell are taken apart as in a Unix shell, and no password is remembered."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.errors import UsageError
from cli.shell_commands import COMMANDS
from cli.shell_lines import job_request, remembered, words

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
SECRETS = st.text(min_size=1).map(lambda text: f"S3cret{text}")


@given(st.lists(st.text(min_size=1)).filter(lambda parts: not parts or not parts[0].startswith("#")))
def test_quoted_words_come_back(parts: list[str]) -> None:
    assert words(shlex.join(parts)) == parts


@pytest.mark.parametrize("line", ["", "   ", "# add_user a b c", "\t#"])
def test_empty_lines_and_comments_are_nothing(line: str) -> None:
    assert words(line) == []


@pytest.mark.parametrize("line", ['add_job "0', "it's", "back\\"])
def test_a_quote_without_its_pair_is_refused(line: str) -> None:
    with pytest.raises(UsageError, match="quotes come in pairs"):
        words(line)


@given(NAMES, st.sampled_from(["admin", "manager", "employee", "chief"]), SECRETS)
def test_a_password_is_never_remembered(name: str, role: str, secret: str) -> None:
    quoted = shlex.quote(secret)
    tries = (
        f"add_user {name} {role} {quoted}",
        f"add_user {name} {quoted}",
        f"'add'_user {name} {role} {quoted}",
        f"x; add_user {name} {role} {secret}",
        f"add_user {name} {role} '{secret}",
        f"add_user '{name} {role} {secret}",
        f"adduser {name} {role} {quoted}",
        f"ADD_USER {name} {role} {quoted}",
        f"# add_usr {name} {role} {secret}",
        secret,
    )
    for line in tries:
        assert "S3cret" not in remembered(line, COMMANDS)


def test_what_is_no_secret_is_remembered() -> None:
    assert remembered("add_user bob employee hunter22", COMMANDS) == "add_user bob employee"
    assert remembered("add_job 1 0-3 20", COMMANDS) == "add_job 1 0-3 20"


@pytest.mark.parametrize(
    ("line", "queue", "body"),
    [
        ("0,1", None, {"assets": [0, 1]}),
        ("2 5-7", 2, {"assets": [5, 6, 7]}),
        ("2 5 20", 2, {"assets": [5], "horizon": 20}),
        ("- 5 20", None, {"assets": [5], "horizon": 20}),
        (
            "AAPL dataset=prices model=theta priority=9",
            None,
            {"assets": ["AAPL"], "dataset": "prices", "model": "theta", "priority": 9},
        ),
    ],
)
def test_add_job_takes_queue_assets_and_horizon(line: str, queue: int | None, body: dict[str, object]) -> None:
    assert job_request(line.split()) == (queue, body)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "add_job takes"),
        ("1 2 3 4", "add_job takes"),
        ("one 2", "the queue is a whole number"),
        ("1 2 ten", "horizon"),
        ("1 2 colour=red", "'colour'"),
        ("1 0 10 horizon=5", "horizon is given twice"),
        ("1 0 model=ols model=theta", "model is given twice"),
    ],
)
def test_add_job_says_what_it_takes(line: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        job_request(line.split())
