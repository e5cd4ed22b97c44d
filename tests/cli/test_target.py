"""Which server a command speaks to, that it is the right one, and that no other sees a token."""

import json
import ssl
from pathlib import Path

import pytest

from cli.errors import UsageError
from cli.target import checked
from tests.api.server import PASSWORD, Api
from tests.certificates import self_signed
from tests.cli.foresail import Foresail
from tests.cli.others import answering, status

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine
TOKEN = "fs_hidden"


@pytest.mark.parametrize("scheme", ["https", "HTTPS", "hTTps"])
def test_a_certificate_is_checked_however_https_is_written(stranger: Foresail, tmp_path: Path, scheme: str) -> None:
    key, certificate = self_signed(tmp_path, "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with answering(status(401), context) as other:
        stranger.url = other.url.replace("https://127.0.0.1", f"{scheme}://localhost")
        stranger.token = TOKEN
        refused = stranger("whoami", code=4).err
        assert "certificate verify failed" in refused
        assert "is it running?" not in refused
        stranger.home.mkdir()
        saved = {"current": "a", "contexts": {"a": {"url": stranger.url, "user": "", "token": TOKEN}}}
        (stranger.home / "contexts.json").write_text(json.dumps(saved))
        assert "certificate verify failed" in stranger("--context", "a", "whoami", code=4).err
    assert other.seen == []


def test_a_url_is_kept_in_one_way_of_writing() -> None:
    assert checked("HTTP://127.0.0.1:8080/") == "http://127.0.0.1:8080"
    for url in ("ftp://127.0.0.1", "http://ex..com", "http://.example", f"http://{'x' * 64}.example"):
        with pytest.raises(UsageError, match="is no URL of a server"):
            checked(url)
    for url in ("http://foresail.example.", "http://[::1]:8080"):
        assert checked(url) == url


@pytest.mark.parametrize("url", ["http://emil:hidden@127.0.0.1", "http://hidden@127.0.0.1", "ftp://emil:hidden@[x"])
def test_a_url_with_a_user_is_refused_and_not_shown(stranger: Foresail, url: str) -> None:
    answer = stranger("--url", url, "whoami", code=2)
    assert "leave out what is before the @" in answer.err
    assert "hidden" not in answer.err


@pytest.mark.parametrize("token", ["fs_hidden\x07", "fs_hidden€", "fs\nhidden"])
def test_a_token_that_no_header_can_carry_is_refused_and_not_shown(stranger: Foresail, token: str) -> None:
    stranger.token = token
    answer = stranger("whoami", code=2)
    assert answer.err == "foresail: FORESAIL_TOKEN is no token: it holds other signs than printable ASCII\n"


def test_line_ends_around_the_token_do_not_matter(employee: Foresail) -> None:
    employee.token += "\r\n"
    assert employee.json("whoami")["role"] == "employee"


def test_the_token_of_the_environment_goes_where_no_option_leads(stranger: Foresail) -> None:
    stranger.token = TOKEN
    with answering(status(404)) as other, answering(status(404)) as current:
        stranger("context", "add", "mine", current.url)
        stranger("context", "add", "other", other.url)
        stranger.url = ""
        refused = stranger("--url", other.url, "whoami", code=3)
        assert "FORESAIL_TOKEN is sent to FORESAIL_URL only" in refused.err
        stranger("--context", "other", "whoami", code=3)
        stranger("whoami", code=1)
        stranger.url = other.url.replace("http:", "HTTP:")
        stranger("--url", other.url, "whoami", code=1)
    assert (other.seen, current.seen) == ([f"Bearer {TOKEN}"], [f"Bearer {TOKEN}"])


def test_a_mistyped_context_is_no_other_server(stranger: Foresail) -> None:
    stranger.token = TOKEN
    with answering(status(404)) as other:
        stranger.url = other.url
        for words in (["whoami"], ["users", "delete", "bob", "--yes"], ["shell"]):
            assert "there is no context 'typo'" in stranger("--context", "typo", *words, code=2).err
    assert other.seen == []


@pytest.mark.parametrize("url", [None, 5, {"a": 1}])
def test_a_context_of_other_types_is_named(stranger: Foresail, url: object) -> None:
    stranger.home.mkdir()
    stranger.url = ""
    (stranger.home / "contexts.json").write_text(json.dumps({"current": "a", "contexts": {"a": {"url": url}}}))
    answer = stranger("whoami", code=1)
    assert "contexts.json cannot be read as Foresail's contexts (context 'a' is no url, user and token)" in answer.err


def test_login_takes_the_server_after_its_name_too(api: Api, stranger: Foresail) -> None:
    assert api.employee.get("/auth").is_success
    stranger.url = ""
    stranger("login", "--url", api.server.url, "--user", "emil", "--password-stdin", stdin=PASSWORD)
    assert stranger.json("whoami")["url"] == api.server.url
