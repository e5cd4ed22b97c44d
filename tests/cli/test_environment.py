"""Proxies and certificates that cannot be used are said to be so, by their own names."""

import os
import subprocess

import pytest

from tests.cli.foresail import COMMAND, Foresail

pytestmark = pytest.mark.timeout(240)  # many processes, perhaps on a busy machine


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9", "ALL_PROXY names no proxy"),
        ("https_proxy", "socks://emil:hidden@127.0.0.1:9", "https_proxy names no proxy"),
        ("SSL_CERT_FILE", "/nowhere.pem", "SSL_CERT_FILE cannot be read as certificates: No such file or directory"),
        ("SSL_CERT_FILE", "/dev/null", "SSL_CERT_FILE cannot be read as certificates: "),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(stranger: Foresail, name: str, value: str, said: str) -> None:
    stranger.url, stranger.token = "https://foresail.example", "fs_x"
    proxies = {other: "" for other in os.environ if other.lower().endswith("_proxy")}
    own = stranger.environment({**proxies, name: value})
    done = subprocess.run([COMMAND, "whoami"], env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"foresail: {said}")
    assert done.stderr.count("\n") == 1
    assert "hidden" not in done.stderr
