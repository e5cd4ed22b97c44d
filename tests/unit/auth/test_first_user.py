"""Local mode starts with admin/admin, and says so at every start until it is changed."""

import pytest

from services.auth import first_user
from services.auth.passwords import Passwords
from services.config import AuthSettings, Settings, WebSettings
from services.store import users
from services.store.connection import Store
from services.web.service import Context

pytestmark = pytest.mark.anyio
CHEAP = AuthSettings(hash_memory_kib=64, hash_passes=1)


async def test_the_well_known_password_is_told_until_it_is_changed(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    context = Context(store, Settings(web=WebSettings(mode="local"), auth=CHEAP))
    passwords = Passwords(CHEAP)
    try:
        for start in (1, 2):
            await first_user.make(context, passwords)
            assert caplog.text.count("admin with the password admin") == start
        await users.change(store, "admin", {"password_hash": await passwords.hash("another one")})
        await first_user.make(context, passwords)
        assert caplog.text.count("admin with the password admin") == 2
    finally:
        passwords.close()
