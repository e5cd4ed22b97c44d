"""Reads the settings: config.ini, overridden by environment variables FORESAIL_<SECTION>_<KEY>."""

import configparser
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from services.config import Settings
from services.errors import InvalidError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX = "FORESAIL_"
FILE_VARIABLE = "FORESAIL_CONFIG"
DEFAULT_FILE = "config.ini"
_SECRET = frozenset({"store.url", "auth.first_password"})


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return load(os.environ)


def load(environment: Mapping[str, str]) -> Settings:
    """Read config.ini (or the file that FORESAIL_CONFIG names) and the overrides in `environment`.

    Relative folders count from the file's own folder, that of the export from the store's. Raises InvalidError that
    names the setting and what it accepts.
    """
    file = Path(environment.get(FILE_VARIABLE, DEFAULT_FILE)).absolute()
    values = _read(file, named=FILE_VARIABLE in environment)
    _override(values, environment)
    try:
        read = Settings.model_validate(values)
    except ValidationError as error:
        # From None: the validator's own text quotes every value, passwords too.
        raise InvalidError("; ".join(_explain(problem, file) for problem in error.errors()), str(file)) from None
    return _anchor(read, file.parent)


def _read(file: Path, *, named: bool) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(interpolation=None, default_section="")
    try:
        parser.read_string(_text(file, named=named), str(file))
    except configparser.Error as error:
        raise InvalidError(f"{file} cannot be read as an INI file: {_without_text(error)}", str(file)) from None
    except (UnicodeDecodeError, OSError) as error:
        raise InvalidError(f"{file} cannot be read as an INI file: {error}", str(file)) from error
    return {name: dict(parser[name]) for name in parser.sections()}


def _text(file: Path, *, named: bool) -> str:
    """What stands in the file; nothing where it is missing and nobody has named it."""
    if file.is_file():
        return file.read_text("utf-8")
    if named:
        raise InvalidError(f"{FILE_VARIABLE} names {file}, and there is no such file", FILE_VARIABLE)
    return ""


def _override(values: dict[str, dict[str, str]], environment: Mapping[str, str]) -> None:
    for name, value in environment.items():
        section, _, key = name.removeprefix(PREFIX).lower().partition("_")
        if name.startswith(PREFIX) and key and section in Settings.model_fields:
            values.setdefault(section, {})[key] = value


def _without_text(error: configparser.Error) -> str:
    """What is wrong and in which line, but not the line: a password may stand in it."""
    if isinstance(error, configparser.DuplicateOptionError | configparser.DuplicateSectionError):
        return str(error.message)
    lines = [number for number, _ in getattr(error, "errors", ())] or [getattr(error, "lineno", "?")]
    return f"line {', '.join(map(str, lines))} is neither [section] nor key = value below one"


def _explain(problem: "ErrorDetails", file: Path) -> str:
    section, *key = (str(part) for part in problem["loc"])
    variable = "_".join([f"{PREFIX}{section}", *key]).upper()
    if problem["type"] == "extra_forbidden":
        what = f"is not a setting; there are {', '.join(_known(section if key else None))}"
    elif not key or f"{section}.{key[0]}" in _SECRET:
        what = f"is wrong: {problem['msg']}"
    else:
        what = f"is {problem['input']!r}: {problem['msg']}"
    return f"{' '.join([f'[{section}]', *key])} {what} (in {file} or {variable})"


def _known(section: str | None) -> list[str]:
    if section is None:
        return [f"[{name}]" for name in Settings.model_fields]
    return list(type(getattr(Settings(), section)).model_fields)


def _anchor(read: Settings, folder: Path) -> Settings:
    store = read.store.model_copy(update={"folder": folder / read.store.folder})
    export = read.export.model_copy(update={"folder": store.folder / read.export.folder})
    mpijob = read.mpijob.model_copy(update={"template": folder / read.mpijob.template})
    return read.model_copy(update={"store": store, "export": export, "mpijob": mpijob})
