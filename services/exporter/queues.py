"""queues.json: the queues, who waits in them in which order, the runs, and the last ids given out."""

from services.exporter.records import named
from services.exporter.writer import JsonFile
from services.store import dump
from services.store.connection import Store


async def write_queues(store: Store, file: JsonFile) -> None:
    """Write the file."""
    file.section("queues")
    indices: list[int] = []
    async for page in dump.queues(store):
        indices += [index for index, _ in page]
        file.write(named("index", page))
    file.section("places")
    for index in indices:
        await _places(store, file, index)
    await _runs(store, file)
    # Last, so that no id in the files is above them.
    file.section("sequences")
    file.write({"name": name, "last": number} for name, number in (await dump.sequences(store)).items())


async def _places(store: Store, file: JsonFile, index: int) -> None:
    for place in dump.PLACES:
        async for ids in dump.places(store, index, place):
            file.write([{"queue": index, "place": place, "jobs": ids}])


async def _runs(store: Store, file: JsonFile) -> None:
    file.section("run_totals")
    file.write({"name": name, "value": value} for name, value in sorted((await dump.run_totals(store)).items()))
    file.section("runs")
    async for page in dump.runs(store):
        for run_id, fields in page:
            file.write(named("id", [(run_id, fields)]))
            async for ids in dump.run_jobs(store, run_id):
                file.write([{"jobs_of": run_id, "jobs": ids}])
