"""Where a store is: what its URL says."""

import ssl
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from services.errors import InvalidError

_PORT = 6379
_OPTIONS = ("db", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile")


@dataclass(frozen=True, slots=True)
class Address:
    """A unix socket's path, or a host and a port, with TLS or without."""

    path: str
    host: str
    port: int
    tls: ssl.SSLContext | None
    user: str
    password: str = field(repr=False)
    database: int

    @classmethod
    def of(cls, url: str) -> Self:
        """Read redis://, rediss:// and unix:// URLs, such as rediss://user:password@host:6379/0?ssl_ca_certs=FILE.

        Raises InvalidError, which does not quote the URL: a password may stand in it.
        """
        try:
            parts = urlsplit(url)
            options = {
                name: values[-1] for name, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()
            }
            if unknown := set(options) - set(_OPTIONS):
                raise ValueError(f"it has the option {unknown.pop()}; there are {', '.join(_OPTIONS)}")
            unix = parts.scheme == "unix"
            return cls(
                path=unquote(parts.path) if unix else "",
                host=parts.hostname or "localhost",
                port=parts.port or _PORT,
                tls=_tls(options) if parts.scheme == "rediss" else None,
                user=unquote(parts.username or "default"),
                password=unquote(parts.password or ""),
                database=int(options.get("db") or ("" if unix else parts.path.strip("/")) or 0),
            )
        except (ValueError, OSError) as error:
            raise InvalidError(f"[store] url (FORESAIL_STORE_URL) cannot be used: {error}", "store.url") from None


def _tls(options: dict[str, str]) -> ssl.SSLContext:
    """The server's certificate is always checked, by ssl_ca_certs or else by the machine's own authorities."""
    context = ssl.create_default_context(cafile=options.get("ssl_ca_certs"))
    if certificate := options.get("ssl_certfile"):
        context.load_cert_chain(certificate, options.get("ssl_keyfile"))
    return context
