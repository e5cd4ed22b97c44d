"""The folder of the four files: only its owner can look into it."""

import logging
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from services.errors import InvalidError
from services.exporter import reader
from services.exporter.writer import SUFFIX, State, state_of

USERS = "users.json"
MASTERDATA = "masterdata.json"
RESULTS = "results.json"
QUEUES = "queues.json"
FILES = (USERS, MASTERDATA, RESULTS, QUEUES)
_log = logging.getLogger(__name__)


def prepare(folder: Path) -> None:
    """Make the folder, for its owner only."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # A volume's folder can belong to root; the files in it are closed to others all the same.
    with suppress(PermissionError):
        folder.chmod(0o700)


def clean(folder: Path) -> None:
    """Remove the unfinished files that a killed process left."""
    for left in folder.glob(f".*.json.*{SUFFIX}"):
        left.unlink(missing_ok=True)


def set_aside(folder: Path, identity: str, last: Mapping[str, int]) -> None:
    """Move files of another store, or of a later time of this one, into a folder of their own.

    A new, empty store, or an older copy of this one, must not overwrite what was saved. `last` are the last ids that
    the store has given out.
    """
    present = [folder / name for name in FILES if (folder / name).exists()]
    if all(_is_of(path, identity) for path in present) and not _is_ahead(folder / QUEUES, last):
        return
    aside = folder / f"before-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
    aside.mkdir(mode=0o700)
    for path in present:
        path.rename(aside / path.name)
    sync(folder)
    _log.warning(
        "the files in %s are of another store, or of a later time of this one; they are kept in %s", folder, aside
    )


def state(folder: Path) -> dict[str, State]:
    """The state of each file that is there."""
    return {name: state_of(folder / name) for name in FILES if (folder / name).exists()}


def sync(folder: Path) -> None:
    """Bring the names in the folder to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_of(path: Path, identity: str) -> bool:
    try:
        return reader.store_of(path) == identity
    except InvalidError:
        return False


def _is_ahead(path: Path, last: Mapping[str, int]) -> bool:
    """Whether more ids had been given out when the file was written."""
    try:
        return any(number > last.get(name, number) for name, number in reader.last_ids(path).items())
    except FileNotFoundError:
        return False
    except InvalidError:
        return True
