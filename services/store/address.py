"""Where the store is: from its settings to redis-py's connections."""

import ssl
from typing import Any

from redis import exceptions
from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from services.config import StoreSettings
from services.errors import InvalidError


def pool(settings: StoreSettings) -> ConnectionPool:
    """Where connections come from; raises InvalidError, which does not quote the URL: a password may stand in it."""
    options: dict[str, Any] = {
        "protocol": 2,
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": None,
        "socket_connect_timeout": settings.timeout_seconds,
        **_authority(settings.address, settings.ca_file),
    }
    try:
        found = ConnectionPool.from_url(settings.address, **options)
        found.make_connection()
    except (ValueError, TypeError, OSError, exceptions.RedisError) as error:
        raise InvalidError(f"[store] url (FORESAIL_STORE_URL) cannot be used: {error}", "store.url") from None
    return found


def _authority(url: str, ca_file: str) -> dict[str, str]:
    """redis-py reads the file only when it connects, and what is wrong with it would look like a store that is away."""
    if not ca_file:
        return {}
    try:
        if not url.startswith("rediss://"):
            raise ValueError("it is for a url that begins with rediss://, and others are reached without TLS")
        ssl.create_default_context(cafile=ca_file)
    except (ValueError, OSError) as error:
        detail = f"[store] ca_file (FORESAIL_STORE_CA_FILE) cannot be used: {error}"
        raise InvalidError(detail, "store.ca_file") from None
    return {"ssl_ca_certs": ca_file}
