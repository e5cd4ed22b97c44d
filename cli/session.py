"""Contexts: which server, as whom, with which token. They live in one file that only its owner can read."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from cli.errors import CliError, UsageError
from cli.talk import say

DEFAULT_URL = "http://127.0.0.1:8080"
HOME_VARIABLE = "FORESAIL_CONFIG_HOME"
PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class Context:
    """One server and the session there; `token` is empty while nobody is logged in."""

    url: str = DEFAULT_URL
    user: str = ""
    token: str = field(default="", repr=False)


@dataclass(slots=True)
class Contexts:
    """Everything in the file: the named contexts and which of them is used by default."""

    current: str = "default"
    named: dict[str, Context] = field(default_factory=dict)

    def find(self, name: str) -> Context:
        """The context of that name. Raises UsageError that names those there are."""
        if name not in self.named:
            known = ", ".join(sorted(self.named)) or "none yet; `foresail context add NAME URL` makes one"
            raise UsageError(f"there is no context {name!r}; known: {known}")
        return self.named[name]

    def with_url(self, url: str) -> str | None:
        """Name of a context of that server, the current one first."""
        names = sorted(self.named, key=lambda name: name != self.current)
        return next((name for name in names if self.named[name].url == url), None)


def sendable(token: str) -> bool:
    """Whether a header can carry the token."""
    return token.isascii() and token.isprintable()


def file() -> Path:
    """Where the contexts are: in FORESAIL_CONFIG_HOME, else in the user's configuration folder."""
    home = os.environ.get(HOME_VARIABLE)
    if home:
        return Path(home) / "contexts.json"
    from platformdirs import user_config_path

    return user_config_path("foresail") / "contexts.json"


def load() -> Contexts:
    """Read the contexts; none where there is no file. Raises CliError where the file cannot be understood."""
    path = file()
    try:
        text = path.read_text("utf-8")
        _keep_private(path)
        return _parse(json.loads(text))
    except (FileNotFoundError, NotADirectoryError):
        return Contexts()
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise CliError(f"{path} cannot be read as Foresail's contexts ({error}); repair or remove it") from error


@contextmanager
def change() -> Iterator[Contexts]:
    """Read the contexts, let the caller change them and write them back; two commands at once take turns."""
    path = file()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            contexts = load()
            yield contexts
            _write(path.resolve(), contexts)  # a link stays one
    except OSError as error:
        raise CliError(f"the contexts cannot be written to {path}: {error.strerror}") from error


def set_token(name: str, url: str, user: str, token: str) -> None:
    """Remember who is logged in to a context, and make it the current one."""
    with change() as contexts:
        contexts.named[name] = Context(url, user, token)
        contexts.current = name


def forget_token(name: str, token: str) -> None:
    """Forget the token of a context, if it is this one; its URL and user stay."""
    with change() as contexts:
        found = contexts.named.get(name)
        if found and found.token == token:
            contexts.named[name] = replace(found, token="")


def _parse(data: dict[str, Any]) -> Contexts:
    return Contexts(str(data["current"]), {name: _context(name, values) for name, values in data["contexts"].items()})


def _context(name: str, values: dict[str, Any]) -> Context:
    found = Context(**values)
    if not all(isinstance(value, str) for value in asdict(found).values()) or not sendable(found.token):
        raise ValueError(f"context {name!r} is no url, user and token")
    return found


def _write(path: Path, contexts: Contexts) -> None:
    data = {"current": contexts.current, "contexts": {name: asdict(one) for name, one in contexts.named.items()}}
    draft = path.with_suffix(f".{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "w", encoding="utf-8") as stream:
        json.dump(data, stream, indent=2)
    draft.replace(path)


def _keep_private(path: Path) -> None:
    if not path.stat().st_mode & 0o077:
        return
    try:
        path.chmod(PRIVATE)
    except OSError as error:
        say(f"{path} holds tokens and can be read by others, which cannot be changed: {error.strerror}")
    else:
        say(f"{path} holds tokens and could be read by others; now only you can")
