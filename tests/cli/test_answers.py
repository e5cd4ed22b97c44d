"""Only a server that says yes has done it: one that sends elsewhere, or is no Foresail server, has not."""

from http.server import BaseHTTPRequestHandler

import pytest

from cli.client import Client
from cli.doctor import checks
from cli.errors import CliError, Refused
from cli.exits import Exit
from cli.paths import ACCESS, LOGIN, QUEUES
from cli.target import Target
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


STRANGE = {
    "another object": status(200, b'{"status": "ok"}'),
    "a list": status(200, b"[]"),
    "null": status(200, b"null"),
    "a page": status(200, b"<html>"),
    "nesting": status(200, b"[" * 100_000),
    "no gzip": status(200, b"{}", **{"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_a_strange_answer_is_no_foresail_server(kind: str) -> None:
    with answering(STRANGE[kind]) as other, Client(other.url, "fs_x") as client:
        for ask in (
            lambda: client.get(ACCESS)["user"],
            lambda: client.post(LOGIN, {})["token"],
            lambda: list(client.pages(QUEUES)),
        ):
            with pytest.raises(CliError, match="it is no Foresail server") as refused:
                ask()
            assert refused.value.code is Exit.UNREACHABLE
        found = list(checks(client, Target("a", other.url, "", "fs_x")))
    assert [one["code"] for one in found if one["state"] == "bad"] == [Exit.UNREACHABLE]


def test_the_doctor_shows_its_table_whatever_an_answer_says_of_its_time(stranger: Foresail) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response_only(200)
        request.send_header("Date", "never")
        request.end_headers()

    with answering(answer) as other:
        stranger.url, stranger.token = other.url, "fs_x"
        answered = stranger("doctor", "-o", "csv", code=4)
    assert answered.lines[1] == f'server,bad,"{other.url} answers, but it is no Foresail server"'


@pytest.mark.parametrize(
    ("wait", "said"),
    [("5", "try again in 5 s$"), ("Wed, 21 Oct 2037 07:28:00 GMT", "try again after Wed, .* GMT$")],
)
def test_when_to_try_again_may_be_a_date(wait: str, said: str) -> None:
    headers = {"Retry-After": wait}
    refused = pytest.raises(Refused, match=said)
    with answering(status(503, b"", **headers)) as other, Client(other.url) as client, refused:
        client.get(ACCESS)
