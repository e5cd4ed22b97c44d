"""The connection below the client: TLS and proxies, as the URL and the environment say."""

import os
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from cli.errors import UsageError

TIMEOUT = httpx.Timeout(60, connect=5)
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def opened(url: str, token: str) -> httpx.Client:
    """A client of httpx for a server. Raises UsageError that names the variable which keeps it from being made."""
    try:
        return httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=TIMEOUT,
            # Setting TLS up takes 0.1 s, half of a short command, and plain HTTP has no use for it.
            verify=not url.startswith("http:"),
            trust_env=not _is_here(url),  # no proxy knows the server on this machine
        )
    except OSError as error:
        raise UsageError(f"{_set(_AUTHORITIES)} cannot be read as certificates: {error.strerror}") from error
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        # Without what httpx says: the proxy's password may stand in it.
        raise UsageError(
            f"{_set(_PROXIES)} names no proxy that can be used; accepted are http://HOST:PORT and https://HOST:PORT"
        ) from error


def _is_here(url: str) -> bool:
    """Whether the server is on this machine: localhost or a loopback address."""
    with suppress(ValueError):
        host = urlsplit(url).hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    return False


def _set(names: tuple[str, ...]) -> str:
    """Those of the variables that are set, as they are written in the environment."""
    return " or ".join(name for name in os.environ if name.upper() in names) or "the environment"
