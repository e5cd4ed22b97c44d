"""The JSON of the auth service."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Path
from pydantic import BaseModel, Field

from services.models import Role, Scope, Token, User
from services.web.instants import instant
from services.web.schemas import Request

_NAME = r"^[a-z][a-z0-9._-]{0,63}$"
UserName = Annotated[str, Path(max_length=64)]
Password = Annotated[str, Field(min_length=1, max_length=256)]


class LoginRequest(Request):
    """Who wants in."""

    user: str = Field(min_length=1, max_length=64)
    password: Password


class LoginView(BaseModel):
    """The token: it is shown once and kept nowhere."""

    token: str
    user: str
    role: Role
    expires_in: int = Field(description="Seconds without use after which the token expires.")
    notice: str | None = Field(description="Something that the user should do, such as change a default password.")


class SubjectView(BaseModel):
    """Whom a token speaks for."""

    user: str
    role: Role
    scopes: list[Scope]


class NewUser(Request):
    """A user to add."""

    name: str = Field(pattern=_NAME, description="Lower-case letters, digits, '.', '_' and '-', a letter first.")
    role: Role
    password: Password


class UserChange(Request):
    """What to change; a field that is left out stays."""

    password: Password | None = None
    current_password: Password | None = Field(None, description="Needed to change one's own password.")
    role: Role | None = None
    disabled: bool | None = None


class UserView(BaseModel):
    """A user. Nobody ever sees a password, and only admins see its hash."""

    name: str
    role: Role
    created: datetime
    disabled: bool
    password_hash: str | None = None

    @classmethod
    def of(cls, user: User, *, with_hash: bool) -> Self:
        """The JSON of a user."""
        return cls(
            name=user.name,
            role=user.role,
            created=instant(user.created),
            disabled=user.disabled,
            password_hash=user.password_hash if with_hash else None,
        )


class TokenView(BaseModel):
    """A token that is valid now."""

    id: str
    user: str
    issued: datetime
    last_used: datetime
    expires: datetime
    current: bool = Field(description="Whether this request came with it.")

    @classmethod
    def of(cls, token: Token, current: str) -> Self:
        """The JSON of a token."""
        return cls(
            id=token.id,
            user=token.user,
            issued=instant(token.issued),
            last_used=instant(token.last_used),
            expires=instant(token.expires),
            current=token.id == current,
        )
