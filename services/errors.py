"""One family of errors for all parts; the web turns each into one problem document.

ForesailError
├── InvalidError          422  the request is understood and wrong
├── UnauthenticatedError  401  no valid token or password
├── ForbiddenError        403  the subject lacks a scope
├── NotFoundError         404  there is no such thing, or it is not yours
├── ConflictError         409  not in this state
│   └── OverQuotaError    409  its owner has as much as one may have
├── TooLargeError         413  over a limit
├── UnsupportedMediaTypeError 415  a body of a kind that is not read here
├── MalformedError        400  this is not HTTP
├── TooSlowError          408  the request does not come on
├── HeadTooLargeError     431  more in front of the body than is read here
└── RetryableError        wait, then try again
    ├── TooManyAttemptsError  429  too many wrong passwords
    └── UnavailableError  503  a part that is needed does not answer
        ├── StoreSetupError   503  the store answers and is set up wrongly
        └── OverloadedError   503  too many requests at once
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import ClassVar, Self


class ForesailError(Exception):
    """Something a user can be told. `detail` is a whole sentence for people."""

    status: ClassVar[HTTPStatus] = HTTPStatus.INTERNAL_SERVER_ERROR
    code: ClassVar[str] = "internal"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class InvalidError(ForesailError):
    """The request is understood and wrong; `where` names the field, row or setting.

    `problems` lists (where, detail) of each where there are several.
    """

    status = HTTPStatus(422)
    code = "invalid"

    def __init__(self, detail: str, where: str = "", problems: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.problems = tuple(problems) or ((where, detail),)

    @classmethod
    def of(cls, problems: Sequence[tuple[str, str]]) -> Self:
        """The error for all of these, one at least: its sentence tells the first, and how many there are beside it."""
        where, detail = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        return cls(f"{where}: {detail}{more}", where, problems)


class UnauthenticatedError(ForesailError):
    """No valid token, or a wrong user name or password."""

    status = HTTPStatus.UNAUTHORIZED
    code = "invalid_token"


class ForbiddenError(ForesailError):
    """The subject's role lacks the scope."""

    status = HTTPStatus.FORBIDDEN
    code = "insufficient_scope"


class NotFoundError(ForesailError):
    """There is no such thing, or it belongs to somebody else."""

    status = HTTPStatus.NOT_FOUND
    code = "not_found"


class ConflictError(ForesailError):
    """The thing is not in a state that allows this."""

    status = HTTPStatus.CONFLICT
    code = "conflict"


class OverQuotaError(ConflictError):
    """An owner has as much of something as one may have."""

    code = "over_quota"


class TooLargeError(ForesailError):
    """A body or a dataset is over its limit."""

    status = HTTPStatus(413)
    code = "too_large"


class UnsupportedMediaTypeError(ForesailError):
    """The body is of a kind, or encoded in a way, that is not read here."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"


class MalformedError(ForesailError):
    """What came is not HTTP."""

    status = HTTPStatus.BAD_REQUEST
    code = "malformed"


class TooSlowError(ForesailError):
    """The request was not sent in time."""

    status = HTTPStatus.REQUEST_TIMEOUT
    code = "too_slow"


class HeadTooLargeError(ForesailError):
    """The request line and the headers are over their limit."""

    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    code = "head_too_large"


class RetryableError(ForesailError):
    """It may work later; `retry_after` says in how many seconds to try again."""

    def __init__(self, detail: str, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class TooManyAttemptsError(RetryableError):
    """Too many wrong passwords from this user or client."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too_many_attempts"


class UnavailableError(RetryableError):
    """A part that is needed does not answer, or there is too much to do at once."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"


class StoreSetupError(UnavailableError):
    """The store answers, and one of its settings would lose data."""

    code = "store_setup"


class OverloadedError(UnavailableError):
    """As many requests are being served as can be."""

    code = "overloaded"
