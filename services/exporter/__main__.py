"""`python -m services.exporter`: export for ever; `--once`: now; `restore [FOLDER]`: back into an empty store."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path

from prometheus_client import CollectorRegistry

from services.config import Settings
from services.errors import ConflictError, ForesailError, UnavailableError
from services.exporter import snapshot
from services.exporter.hold import at_rest
from services.exporter.loop import NOT_NOTED, Loop
from services.exporter.metrics import ExportMetrics
from services.exporter.restoring import restore_files
from services.settings import settings
from services.store import exports
from services.store.connection import Store
from services.store.embedded import EmbeddedStore
from services.web import logs
from services.web.metrics import served

_log = logging.getLogger("services.exporter")


def main() -> None:
    """Run the command; ends with one clear line where something is in the way."""
    words = _arguments()
    try:
        known = settings()
        logs.configure(known.log)
        with _embedded(known) if words.command == "restore" else nullcontext():
            asyncio.run(_command(known, words))
    except ForesailError as error:
        sys.exit(f"foresail exporter: {error.detail}")
    except OSError as error:
        sys.exit(f"foresail exporter: {error}")
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("foresail exporter: interrupted")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m services.exporter", description="Keep the store's content in JSON files."
    )
    parser.add_argument("--once", action="store_true", help="export now and end")
    commands = parser.add_subparsers(dest="command", metavar="restore")
    restore = commands.add_parser("restore", help="write the files into an empty store")
    restore.add_argument("folder", nargs="?", type=Path, help="where the files are; by default [export] folder")
    return parser.parse_args()


@contextmanager
def _embedded(known: Settings) -> Iterator[None]:
    """Run the embedded store, where that is to be restored: foresail-local must not run, for it adds a user."""
    if known.store.url:
        yield
        return
    store = EmbeddedStore(known.store.folder, known.store.appendfsync)
    store.start()
    try:
        yield
    finally:
        store.stop()


async def _command(known: Settings, words: argparse.Namespace) -> None:
    async with _store(known) as store:
        if words.command == "restore":
            await _restore(store, words.folder or known.export.folder)
        elif words.once:
            await _once(store, known.export.folder)
        else:
            await _loop(store, known)


async def _once(store: Store, target: Path) -> None:
    export = await snapshot.write(store, target)
    try:
        await exports.note(store, export)
    except UnavailableError as error:
        _log.warning(NOT_NOTED, error.detail)


async def _restore(store: Store, source: Path) -> None:
    if task := asyncio.current_task():  # SIGTERM undoes it, as Ctrl-C does
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with at_rest(source):
        dropped = await restore_files(store, source)
    for reason, count in dropped.items():
        _log.warning("dropped: %d %s", count, reason)
    _log.info("restored the store from %s; everybody has to log in again", source)


async def _loop(store: Store, known: Settings) -> None:
    os.nice(5)  # the files can wait a little, requests cannot
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    registry = CollectorRegistry()
    metrics = ExportMetrics(registry, await _last(store))
    with _served(known, registry):
        _log.info("exporting to %s every %g s", known.export.folder, known.export.interval_seconds)
        await Loop(store, known.export, metrics).run(stop)


async def _last(store: Store) -> float | None:
    try:
        return await exports.last(store)
    except UnavailableError:
        return None


@contextmanager
def _served(known: Settings, registry: CollectorRegistry) -> Iterator[None]:
    """Serve the metrics; the files are worth more, so a port that is taken is told and no reason to end."""
    host, port = known.web.metrics_host, known.export.metrics_port
    with ExitStack() as stack:
        try:
            port = stack.enter_context(served(host, port, registry))
        except ConflictError:
            _log.warning("no metrics: %s:%d cannot be had; set [export] metrics_port to another port, or 0", host, port)
        else:
            _log.info("metrics on http://%s:%d/metrics", host, port)
        yield


@asynccontextmanager
async def _store(known: Settings) -> AsyncIterator[Store]:
    store = Store.connect(known.store)
    try:
        yield store
    finally:
        await store.close()


if __name__ == "__main__":
    main()
