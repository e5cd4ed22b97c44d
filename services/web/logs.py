"""Logs on standard error: JSON lines, or text on a terminal; never a password, a token or a query string."""

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

from services.config import LogSettings

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being served, on every line that it causes."""
_TOKEN = re.compile(r"fs_[A-Za-z0-9_-]{8,}")
_FIELDS = ("method", "path", "status", "milliseconds", "run", "audit")
AUDIT = "foresail.audit"
"""The logger of the trail of who did what."""


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line.update({name: getattr(record, name) for name in _FIELDS if hasattr(record, name)})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return without_tokens(json.dumps(line))


class TextFormatter(logging.Formatter):
    """One line for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        return without_tokens(super().format(record))


def without_tokens(line: str) -> str:
    """The line without any token that a client put where none belongs, such as into a path."""
    return _TOKEN.sub("fs_...", line)


def configure(settings: LogSettings) -> None:
    """Send all logs, uvicorn's too, to standard error in one format; our own request lines replace uvicorn's."""
    text = settings.format == "text" or (settings.format == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TextFormatter() if text else JsonFormatter())
    logging.basicConfig(handlers=[handler], level=settings.level.upper(), force=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "uvicorn.access"
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # Whatever else is left out: where the store cannot take the trail, the log is the only place that has it.
    logging.getLogger(AUDIT).setLevel(logging.INFO)
