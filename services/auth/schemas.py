"""The JSON of the auth service."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Path, Query
from pydantic import BaseModel, Field

from services.config import LONGEST_PASSWORD
from services.models import Role, Scope, Token, User
from services.store.audit import Action, Entry, Outcome
from services.web.instants import instant
from services.web.schemas import Request

_NAME = r"^[a-z][a-z0-9._-]{0,63}$"
UserName = Annotated[str, Path(max_length=64)]
AuditCursor = Annotated[
    str,
    Query(pattern=r"^([0-9]{1,15}-[0-9]{1,15})?$", description="`next` of the page before; empty for the first page."),
]
Password = Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD)]
# The length is only told: it is a setting, and the least that any mode takes stands here.
NewPassword = Annotated[Password, Field(json_schema_extra={"minLength": 4})]


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
    password: NewPassword


class UserChange(Request):
    """What to change; a field that is left out stays."""

    password: NewPassword | None = None
    current_password: Password | None = Field(None, description="Needed to change one's own password.")
    role: Role | None = None
    disabled: bool | None = Field(None, strict=True)

    def told(self) -> str:
        """What is to change, without any password."""
        words = {"password": self.password is not None, f"role {self.role}": self.role is not None}
        words |= {"disabled": self.disabled is True, "enabled": self.disabled is False}
        return ", ".join(word for word, changes in words.items() if changes)


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


class AuditView(BaseModel):
    """One entry of the trail of who did what."""

    time: datetime
    subject: str = Field(description="Who; empty where nobody knows.")
    action: Action
    target: str = Field(description="The thing, by its name or number.")
    outcome: Outcome
    client: str = Field(description="The address from which the request came.")
    request_id: str
    detail: str

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """The JSON of an entry."""
        same = {name: getattr(entry, name) for name in cls.model_fields if name != "time"}
        return cls(time=instant(entry.time), **same)
