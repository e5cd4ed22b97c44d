"""Only a server that says yes has done it: one that sends elsewhere, or is no Foresail server, has not."""

import pytest

from cli.client import Client
from cli.errors import Refused
from cli.watching import states
from tests.cli.foresail import Foresail
from tests.cli.others import answering, status

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine
COMMANDS = [
    ["users", "disable", "bob"],
    ["queues", "delete", "1", "--yes"],
    ["queues", "list"],
    ["whoami"],
    ["doctor"],
    ["runs", "watch", "1"],
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_redirect_is_no_success(stranger: Foresail, words: list[str]) -> None:
    with answering(status(308, Location="https://foresail.example/there")) as other:
        stranger.url, stranger.token = other.url, "fs_x"
        answer = stranger(*words, code=1)
    said = " ".join([*answer.err.split(), *answer.out.split()])
    assert "the server sends you to https://foresail.example/there; use --url https://foresail.example" in said
    assert "is disabled" not in said


def test_a_redirect_within_the_server_names_where_to(stranger: Foresail) -> None:
    with answering(status(302, Location="/login")) as other:
        stranger.url, stranger.token = other.url, "fs_x"
        assert f"answered by 302 Found; the server sends you to {other.url}/login\n" in stranger("whoami", code=1).err


def test_events_that_are_elsewhere_are_refused() -> None:
    elsewhere = status(301, Location="https://foresail.example")
    refused = pytest.raises(Refused, match="the server sends you to https://foresail")
    with answering(elsewhere) as other, Client(other.url) as client, refused:
        next(states(client, 1))


@pytest.mark.parametrize("words", [["queues", "list"], ["whoami"]], ids=" ".join)
def test_nothing_where_data_should_be_is_no_foresail_server(stranger: Foresail, words: list[str]) -> None:
    with answering(status(200)) as other:
        stranger.url, stranger.token = other.url, "fs_x"
        assert "it is no Foresail server" in stranger(*words, code=4).err
