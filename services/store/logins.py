"""Failed logins: a wait that doubles with each wrong password and never becomes a lock."""

import math
from collections.abc import Sequence

from services.store import keys
from services.store.connection import Store

_WRITE = ("SETRANGE", keys.LOGIN_FAILURES, 0, "")
"""Changes nothing, and is refused where no write is accepted."""


async def wait_seconds(store: Store, who: Sequence[str]) -> int:
    """Seconds until the next attempt is heard: the longest of `who` (`user:NAME`, `client:ADDRESS`); 0 for now.

    Raises UnavailableError where the store takes no writes: nobody may guess while wrong passwords cannot be counted.
    """
    looks = [("HGET", keys.login_failures(name), "until") for name in who]
    # The time is the store's, which wrote `until`: a service's own may be minutes ahead.
    *untils, _, (seconds, microseconds) = await store.commands([*looks, _WRITE, ("TIME",)])
    now = int(seconds) + int(microseconds) / 1e6 if store.clock is None else store.clock()
    return max(0, *(math.ceil(float(until) - now) for until in untils if until is not None), 0)


async def fail(store: Store, who: Sequence[str], free: int, longest: int) -> None:
    """Count a wrong password of each of `who`; after `free` ones the wait doubles up to `longest` seconds."""
    for name in who:
        await store.call("fail_login", name, free, longest)


async def succeed(store: Store, user: str, client: str) -> None:
    """Forget the failures of `user`, in the count of its `client` too; what others failed there stays."""
    await store.call("succeed_login", user, client)
