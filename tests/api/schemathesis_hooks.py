"""What schemathesis is taught about us: who it is, and what files of datasets look like. Its process imports this.

It is a person of one role that logs in anew whenever what was sent has ended its token, or itself. So nothing need be
left out: logging out, ending tokens, disabling and deleting users are asked for like all the rest.
"""

import asyncio
import os
from contextlib import suppress
from typing import Any

import polars as pl
import schemathesis
from hypothesis import strategies as st
from schemathesis import AuthContext, Case, HookContext

from services.config import StoreSettings
from services.errors import ConflictError
from services.masterdata.reading.panel import CSV, PARQUET
from services.models import Role
from services.store import tokens, users
from services.store.connection import Store
from tests.api.schemathesis_world import ROLE, name
from tests.api.server import HASH
from tests.unit.masterdata.files import written

_HOUR = 3600


class Person:
    """Somebody who always has a valid token, and another name where the last one is no more to be had."""

    def __init__(self, role: Role, url: str) -> None:
        self._role = role
        self._runner = asyncio.Runner()
        self._store = Store.connect(StoreSettings(url=url, timeout_seconds=30))
        self._number = 0
        self._token = ""

    def token(self) -> str:
        """The token in use while it is valid and speaks for the role; else a new one."""
        return self._runner.run(self._valid())

    async def _valid(self) -> str:
        while not await self._holds():
            user = name(self._role, self._number)
            self._token = await tokens.issue(self._store, user, HASH, _HOUR) or ""
            if not await self._holds():
                self._number += 1
                with suppress(ConflictError):
                    await users.create(self._store, name(self._role, self._number), self._role, HASH)
        return self._token

    async def _holds(self) -> bool:
        subject = await tokens.authenticate(self._store, self._token, _HOUR)
        return subject is not None and subject.role == self._role


person = Person(Role(os.environ[ROLE]), os.environ["FORESAIL_STORE_URL"])


@schemathesis.auth(refresh_interval=None)
class Login:
    """Requests that are to have a token have the person's."""

    def get(self, _case: Case[Any], _context: AuthContext) -> str:
        return person.token()

    def set(self, case: Case[Any], token: str, _context: AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Cases are made some time before they are sent: what is sent between may end the token."""
    del context, kwargs
    if str(case.headers.get("Authorization", "")).startswith(f"Bearer {tokens.PREFIX}"):
        case.headers["Authorization"] = f"Bearer {person.token()}"


def files(media_type: str) -> st.SearchStrategy[bytes]:
    """Files that can be read, and the same with an end cut off."""
    columns = st.lists(st.lists(st.floats(-1e9, 1e9), min_size=10, max_size=10), min_size=1, max_size=3)
    frames = columns.map(lambda values: pl.DataFrame({"ds": range(10)} | {f"a{at}": v for at, v in enumerate(values)}))
    whole = frames.map(lambda frame: written(frame, media_type).body)
    return whole | st.builds(lambda body, share: body[: int(len(body) * share)], whole, st.floats(0, 1))


for kind in (CSV, PARQUET):
    schemathesis.openapi.media_type(kind, files(kind))
