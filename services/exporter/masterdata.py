"""masterdata.json: the jobs, and the datasets with their values."""

import base64
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from functools import partial

from services.exporter.blocks import Spans, write_blocks
from services.exporter.records import job_line, named
from services.exporter.writer import JsonFile
from services.store import dump
from services.store.changes import Changes
from services.store.connection import Store
from services.store.overlap import overlapping

_PIECE = 2**20 // 3 * 3
"""Bytes of a dataset on a line: base64 of a multiple of three needs no filling."""


async def write_masterdata(
    store: Store, file: JsonFile, old: Spans, changed: Collection[int], then: Changes
) -> tuple[Spans, frozenset[int]]:
    """Write the file, with the jobs that were there when it was asked what changed.

    Returns where each block of jobs is, and which of the changed blocks may have jobs that are done.
    """
    done: set[int] = set()

    async def read(numbers: Sequence[int]) -> AsyncGenerator[tuple[int, list[bytes]], None]:
        async with aclosing(overlapping(partial(dump.jobs, store), numbers)) as pages:
            async for number, page in pages:
                later = then.later([job_id for job_id, _ in page])
                found = [(job_id, flat) for job_id, flat in page if job_id not in later]
                if any(b"done" in flat for _, flat in found):  # or its owner is called so: then none are found
                    done.add(number)
                yield number, [job_line(job_id, flat) for job_id, flat in found]

    file.section("jobs")
    spans = await write_blocks(file, old, changed, read)
    file.section("datasets")
    async for name, fields, packed in dump.datasets(store):
        file.write(named("name", [(name, fields)], ("assets", "bounds")))
        for at in range(0, len(packed), _PIECE):
            file.write([{"values_of": name, "base64": base64.b64encode(packed[at : at + _PIECE]).decode()}])
    return spans, frozenset(done)
