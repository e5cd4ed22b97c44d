"""The connection below the client: TLS and proxies, as the URL and the environment say."""

import os
import time
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from cli.errors import UsageError

ANSWER, CONNECTION = 60.0, 5.0
LEAST = 1.0
"""Seconds that a server has at least, so that `--timeout 0` can look once."""
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_AUTHORITIES = "SSL_CERT_FILE"


def opened(url: str, token: str) -> httpx.Client:
    """A client of httpx for a server. Raises UsageError that names the variable which keeps it from being made."""
    try:
        return httpx.Client(
            base_url=url,
            timeout=timeout(None),
            headers={"Authorization": f"Bearer {token}"} if token else {},
            # Setting TLS up takes 0.1 s, half of a short command, and plain HTTP has no use for it.
            verify=not url.startswith("http:"),
            trust_env=not _is_here(url),  # no proxy knows the server on this machine
        )
    except OSError as error:
        raise UsageError(f"{_AUTHORITIES} cannot be read as certificates: {error.strerror}") from error
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        # Without what httpx says: the proxy's password may stand in it.
        given = " or ".join(name for name, value in os.environ.items() if value and name.upper() in _PROXIES)
        raise UsageError(
            f"{given} names no proxy that can be used; accepted are http://HOST:PORT and https://HOST:PORT"
        ) from error


def timeout(end: float | None) -> httpx.Timeout:
    """How long a server may take to be reached and to answer; not beyond `end` by the monotonic clock."""
    left = ANSWER if end is None else max(LEAST, end - time.monotonic())
    return httpx.Timeout(min(ANSWER, left), connect=min(CONNECTION, left))


def proxy(url: str) -> str:
    """The proxy between this machine and a server, without what may be a password; empty where there is none."""
    from urllib.request import getproxies, proxy_bypass

    parts, known = urlsplit(url), getproxies()
    given = known.get(parts.scheme) or known.get("all") or ""
    if not given or _is_here(url) or proxy_bypass(parts.netloc):
        return ""
    return given.rpartition("://")[2].rpartition("@")[2].rstrip("/")


def _is_here(url: str) -> bool:
    """Whether the server is on this machine: localhost or a loopback address."""
    with suppress(ValueError):
        host = urlsplit(url).hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    return False
