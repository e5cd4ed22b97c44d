"""The settings as types, a section of config.ini each, with what they accept; settings.py reads them.

config.ini in the project's root is their manual: every setting stands there with its default, unit and reason.
"""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

LONGEST_PASSWORD = 256
"""Characters of a password, also of one that is sent."""


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
    silence_seconds: float = Field(60, gt=0, le=7 * 86400)

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
