"""The settings: config.ini, overridden by environment variables FORESAIL_<SECTION>_<KEY>.

config.ini in the project's root is their manual: every setting stands there with its default, unit and reason.
"""

import configparser
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from services.errors import InvalidError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX = "FORESAIL_"
FILE_VARIABLE = "FORESAIL_CONFIG"
DEFAULT_FILE = "config.ini"
LONGEST_PASSWORD = 256
"""Characters of a password, also of one that is sent."""
_SECRET = frozenset({"store.url", "auth.first_password"})


class Section(BaseModel):
    """A section of config.ini: unknown keys are refused, values are read-only."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StoreSettings(Section):
    """Where the store is."""

    url: str = Field("", pattern=r"^$|^(redis|rediss|unix)://.+")
    ca_file: str = Field("", pattern="^$|^/.+")
    folder: Path = Path("data")
    appendfsync: Literal["everysec", "always"] = "everysec"
    timeout_seconds: float = Field(1.5, gt=0, le=60)
    audit_entries: int = Field(50_000, ge=100, le=10_000_000)

    @property
    def socket(self) -> Path:
        """Where the embedded store listens."""
        return self.folder / "store.sock"

    @property
    def address(self) -> str:
        """The URL; where none is given, that of the embedded store's socket."""
        return self.url or f"unix://{quote(str(self.socket))}"


class WebSettings(Section):
    """How the services listen."""

    mode: Literal["local", "production"] = "production"
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(9090, ge=0, le=65535)
    body_limit_mib: int = Field(8, ge=1, le=64)
    head_limit_kib: int = Field(32, ge=4, le=1024)
    slow_client_seconds: float = Field(10, gt=0, le=3600)
    least_kib_a_second: float = Field(16, gt=0, le=1024)
    most_connections: int = Field(1000, ge=1, le=100_000)
    most_requests: int = Field(128, ge=1, le=10_000)
    most_long_requests: int = Field(8, ge=1, le=1000)
    most_watchers: int = Field(200, ge=1, le=10_000)


class AuthSettings(Section):
    """Passwords and tokens."""

    first_password: str = Field("", max_length=LONGEST_PASSWORD, repr=False)
    shortest_password: int = Field(15, ge=10, le=128)
    token_hours: float = Field(12, ge=0.01, le=24 * 365)
    hash_memory_kib: int = Field(19456, ge=8, le=1 << 20)
    hash_passes: int = Field(2, ge=1, le=100)
    hash_threads: int = Field(2, ge=1, le=64)
    free_failures: int = Field(3, ge=1, le=100)
    free_client_failures: int = Field(30, ge=1, le=10_000)
    longest_back_off_seconds: int = Field(300, ge=1, le=3600)

    @field_validator("first_password", mode="before")
    @classmethod
    def _can_be_typed(cls, given: str) -> str:
        line = given.removesuffix("\n").removesuffix("\r")  # how a file ends of which a Secret was made
        if "\n" in line or "\r" in line:
            raise ValueError("one line is accepted, for nobody can type more at a login")
        return line


class JobSettings(Section):
    """What a job may ask for."""

    most_assets: int = Field(1000, ge=1, le=100_000)
    most_jobs_a_request: int = Field(10_000, ge=1, le=100_000)
    longest_horizon: int = Field(366, ge=1, le=10_000)
    default_horizon: int = Field(10, ge=1, le=10_000)
    default_model: Literal["ols", "naive", "drift", "theta"] = "ols"
    most_seconds_at_once: float = Field(10, gt=0, le=3600)

    @model_validator(mode="after")
    def _default_is_possible(self) -> Self:
        if self.default_horizon > self.longest_horizon:
            raise ValueError(
                f"default_horizon is {self.default_horizon}, more than longest_horizon {self.longest_horizon}"
            )
        return self


class QueueSettings(Section):
    """How claims behave."""

    lease_seconds: float = Field(30, gt=0, le=3600)
    max_attempts: int = Field(3, ge=1, le=100)


class RunSettings(Section):
    """How a run is started."""

    runner: Literal["mpiexec", "mpijob"] = "mpiexec"
    processes: int = Field(2, ge=1, le=1024)
    most_processes: int = Field(16, ge=1, le=1024)
    batch: int = Field(500, ge=1, le=5000)

    @model_validator(mode="after")
    def _default_is_possible(self) -> Self:
        if self.processes > self.most_processes:
            raise ValueError(f"processes is {self.processes}, more than most_processes {self.most_processes}")
        return self


class MpiJobSettings(Section):
    """How a run becomes an MPIJob on Kubernetes."""

    template: Path = Path("mpijob.json")
    keep_seconds: float = Field(600, ge=0, le=7 * 86400)
    pending_seconds: float = Field(900, ge=10, le=7 * 86400)


class MarketSettings(Section):
    """The built-in dataset."""

    seed: int = Field(20240229, ge=0)
    series: int = Field(100, ge=1, le=100_000)
    steps: int = Field(300, ge=4, le=100_000)


class DatasetSettings(Section):
    """What an uploaded dataset may be."""

    most_mib: int = Field(64, ge=1, le=256)
    least_steps: int = Field(8, ge=4)
    most_series: int = Field(100_000, ge=1)
    most_a_user: int = Field(100, ge=1, le=10_000)
    most_mib_a_user: int = Field(256, ge=1, le=1 << 20)

    @model_validator(mode="after")
    def _the_largest_is_possible(self) -> Self:
        if self.most_mib > self.most_mib_a_user:
            raise ValueError(f"most_mib is {self.most_mib}, more than most_mib_a_user {self.most_mib_a_user}")
        return self


class RetentionSettings(Section):
    """How many days what is over is kept; 0 for ever."""

    finished_days: float = Field(90, ge=0, le=36_500)
    dead_letter_days: float = Field(180, ge=0, le=36_500)
    run_days: float = Field(365, ge=0, le=36_500)


class ExportSettings(Section):
    """The JSON files."""

    folder: Path = Path("export")
    interval_seconds: float = Field(10, gt=0, le=30)
    metrics_port: int = Field(9091, ge=0, le=65535)


class LogSettings(Section):
    """What is written to standard error."""

    format: Literal["auto", "json", "text"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(Section):
    """All sections."""

    store: StoreSettings = StoreSettings()
    web: WebSettings = WebSettings()
    auth: AuthSettings = AuthSettings()
    jobs: JobSettings = JobSettings()
    queue: QueueSettings = QueueSettings()
    run: RunSettings = RunSettings()
    mpijob: MpiJobSettings = MpiJobSettings()
    market: MarketSettings = MarketSettings()
    datasets: DatasetSettings = DatasetSettings()
    retention: RetentionSettings = RetentionSettings()
    export: ExportSettings = ExportSettings()
    log: LogSettings = LogSettings()


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
