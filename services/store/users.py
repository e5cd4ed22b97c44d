"""Users: create, read, change, delete."""

from collections.abc import Mapping

from services.errors import NotFoundError
from services.models import Role, User
from services.store import keys
from services.store.connection import Store
from services.store.paging import full
from services.store.records import text_hash

ALL_TOKENS = ""
NO_TOKEN = "*"  # noqa: S105 (a word of the script, no password)


async def create(store: Store, name: str, role: Role, password_hash: str) -> None:
    """Add a user; raises ConflictError where the name is taken."""
    await store.call("create_user", name, role, password_hash, "")


async def create_first(store: Store, name: str, password_hash: str) -> bool:
    """Add an admin while there is no user; false where there is one."""
    return bool(await store.call("create_user", name, Role.ADMIN, password_hash, "first"))


async def exist(store: Store) -> bool:
    """Whether there is any user."""
    return bool(await store.command("SCARD", keys.USERS))


async def find(store: Store, name: str) -> User | None:
    """The user, or none."""
    fields = text_hash(await store.command("HGETALL", keys.user(name)))
    return user_of(name, fields) if fields else None


async def get(store: Store, name: str) -> User:
    """The user; raises NotFoundError."""
    found = await find(store, name)
    if found is None:
        raise NotFoundError(f"there is no user {name}")
    return found


async def page(store: Store, after: str, limit: int) -> list[User]:
    """Users by name, those after `after`. Firms have few users: all names are read."""

    async def read(after: str, wanted: int) -> tuple[list[str], list[User]]:
        names = sorted(name.decode() for name in await store.command("SMEMBERS", keys.USERS))
        chosen = [name for name in names if name > after][:wanted]
        answers = await store.commands([("HGETALL", keys.user(name)) for name in chosen])
        return chosen, [
            user_of(name, text_hash(answer)) for name, answer in zip(chosen, answers, strict=True) if answer
        ]

    return await full(limit, after, read)


async def change(
    store: Store, name: str, fields: dict[str, str | int], end_tokens_except: str = NO_TOKEN, verified_hash: str = ""
) -> None:
    """Set role, password_hash or disabled, and end the user's tokens: none (NO_TOKEN), all, or all but one digest.

    What was allowed by a password that was verified against `verified_hash` is done only while that one is still valid.
    Raises NotFoundError, or ConflictError for the last enabled admin and where the password is another one by now.
    """
    words = [word for pair in fields.items() for word in pair]
    await store.call("change_user", name, "set", end_tokens_except, verified_hash, *words)


async def delete(store: Store, name: str) -> None:
    """Delete the user and end all its tokens; its jobs stay.

    Raises NotFoundError, or ConflictError for the last enabled admin.
    """
    await store.call("change_user", name, "delete", ALL_TOKENS, "")


def user_of(name: str, fields: Mapping[str, str]) -> User:
    """The user of a record; raises ValueError or KeyError for what is none."""
    return User(
        name=name,
        role=Role(fields["role"]),
        password_hash=fields["password_hash"],
        created=float(fields["created"]),
        disabled=fields["disabled"] == "1",
    )
