"""Exports again and again until the process is asked to end; no failure ends it."""

import asyncio
import contextlib
import logging
import time
from dataclasses import replace

from services.config import ExportSettings
from services.errors import ForesailError, UnavailableError
from services.exporter import snapshot
from services.exporter.hold import Hold
from services.exporter.memory import kept
from services.exporter.metrics import ExportMetrics
from services.store import exports
from services.store.connection import Store
from services.store.exports import Export

LAST_SECONDS = 5.0
"""For the export under way and one more at the end; a pod has 30 s in all."""
_LEAST_PAUSE = 1.0
"""Seconds between two exports that take longer than their interval."""
NOT_NOTED = "exported, but the store cannot note that, so its services call the files old: %s"
_log = logging.getLogger(__name__)


class Loop:
    """The exports of one store into one folder."""

    def __init__(self, store: Store, settings: ExportSettings, metrics: ExportMetrics) -> None:
        self._store = store
        self._settings = settings
        self._metrics = metrics
        self._hold = Hold(settings.folder)
        self._trouble = ""
        self._written: Export | None = None
        self._memory = kept(settings.folder)
        self._mark = ""
        self._noted = True

    async def run(self, stop: asyncio.Event) -> None:
        """Export every interval until `stop`, then once more if that takes but a few seconds.

        The folder is held from the first export on; while another process holds it, that is told and waited for.
        """
        running = asyncio.create_task(self._repeat(stop))
        await stop.wait()
        try:
            async with asyncio.timeout(LAST_SECONDS):
                await running
                await self.once()
        except TimeoutError:
            _log.warning("no last export: it takes more than %g s", LAST_SECONDS)
        finally:
            self._hold.free()

    async def once(self) -> None:
        """Export; a failure is counted, and told when it begins, changes and ends."""
        try:
            export = await self._export()
        except (ForesailError, OSError) as error:
            self._fail(f"{getattr(error, 'detail', error)}", None)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one record, the process has to go on
            self._fail(f"unexpected {type(error).__name__}: {error}", error)
        else:
            self._metrics.succeeded(export)
            if self._trouble:
                _log.info("exporting again")
            self._trouble = ""

    async def _export(self) -> Export:
        """Export, unless nobody wrote to the store or to the files since the last time: then they are still right."""
        began, start = time.time(), time.monotonic()
        mark = await exports.mark(self._store)
        if self._written and mark == self._mark and self._memory.of(self._settings.folder).mark:
            export = replace(self._written, began=began, seconds=time.monotonic() - start)
        else:
            self._hold.take()
            export, self._memory = await snapshot.write_held(self._store, self._settings.folder, self._memory)
            self._memory.keep(self._settings.folder)
            self._written = export
        await self._note(export, mark)
        return export

    async def _note(self, export: Export, mark: str) -> None:
        before = after = ""
        try:
            before, after = await exports.note(self._store, export)
        except UnavailableError as error:
            if self._noted:
                _log.warning(NOT_NOTED, error.detail)
        self._noted = bool(after)
        self._mark = after if before == mark else ""

    async def _repeat(self, stop: asyncio.Event) -> None:
        interval = self._settings.interval_seconds
        while not stop.is_set():
            start = time.monotonic()
            await self.once()
            pause = max(start + interval - time.monotonic(), min(interval, _LEAST_PAUSE))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    def _fail(self, trouble: str, cause: Exception | None) -> None:
        self._metrics.failed()
        if trouble != self._trouble:
            _log.warning("cannot export, and tries again: %s", trouble, exc_info=cause)
        self._trouble = trouble
