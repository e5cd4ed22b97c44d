"""What a service does again and again in the background, for as long as it lives."""

import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn

from services.errors import ForesailError

_log = logging.getLogger(__name__)


async def repeat(what: str, act: Callable[[], Awaitable[object]], pause: Callable[[], Awaitable[object]]) -> NoReturn:
    """Act and pause by turns until cancelled; no trouble ends it, and none is told twice in a row.

    `what` says in the log what cannot be done, as an infinitive.
    """
    told = ""
    while True:
        trouble, cause = "", None
        try:
            await act()
        except ForesailError as error:
            trouble = error.detail
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one record, the others need it
            trouble, cause = f"unexpected {type(error).__name__}: {error}", error
        if trouble and trouble != told:
            level = logging.ERROR if cause else logging.WARNING
            _log.log(level, "cannot %s now, and tries again: %s", what, trouble, exc_info=cause)
        told = trouble
        await pause()
