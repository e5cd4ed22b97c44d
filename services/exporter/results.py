"""results.json: the forecasts of the jobs that are done."""

from collections.abc import AsyncGenerator, Collection, Sequence

import orjson

from services.exporter import forecasts
from services.exporter.blocks import Spans, write_blocks
from services.exporter.writer import JsonFile
from services.store import dump
from services.store.connection import Store


async def write_results(
    store: Store, file: JsonFile, old: Spans, changed: Collection[int], done: Collection[int]
) -> Spans:
    """Write the file; of the changed blocks only those of `done` have results. Returns where each block is."""

    async def read(numbers: Sequence[int]) -> AsyncGenerator[tuple[int, list[bytes]], None]:
        for number in numbers:
            if number in done:
                async for page in dump.results(store, number):
                    yield number, [orjson.dumps(forecasts.readable(*found)) for found in page]

    file.section("results")
    return await write_blocks(file, old, changed, read)
