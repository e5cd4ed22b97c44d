"""What JSON shows to people gives exactly the same bytes back, whatever the store held."""

import asyncio
import struct
import tempfile
from pathlib import Path

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.exporter import forecasts, snapshot
from services.exporter.records import fields_of, readable
from services.exporter.restoring import restore_files
from services.forecasting.rows import RowLayout
from services.models import JobSpec, Role
from services.store import claims, jobs, keys, queues, results, users
from services.store.claims import Outcome
from services.store.connection import Store
from services.store.embedded import EmbeddedStore
from tests.exporter import content
from tests.store.soundness import connected, flush

BITS = st.integers(0, 2**64 - 1) | st.sampled_from(
    [0, 1 << 63, 0x7FF0 << 48, 0xFFF0 << 48, 0x7FF8 << 48, (0x7FF0 << 48) + 1]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = [
    "0",
    "00",
    "-1",
    "1.5",
    "1700000000.123456",
    "1e3",
    "9" * 19,
    "9" * 23,
    "1.",
    "²",
    "٣",
    "nan",
    "1,2",
    "01,2",
    ",",
]
LISTS = [
    "null",
    "[]",
    "[1,2]",
    "[1, 2]",
    "[NaN, 1]",
    "[0.1, null]",
    '["\\u00e4", "b"]',
    '["ä"]',
    "[[1]]",
    "{}",
    "[true]",
]
NUMBER_LIKE = st.sampled_from([*NUMBERS, *LISTS, "9" * 23 + ",1"])
QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NAMES = st.sampled_from(["created", "assets", "bounds", "score", "reason", "name", "attempts", "new"])


@st.composite
def packed_results(draw: st.DrawFn) -> tuple[str, bytes]:
    """Assets as text, and a packed result of them with any bits."""
    assets = draw(st.lists(st.integers(0, 10**6), min_size=1, max_size=3))
    levels = draw(st.lists(st.integers(1, 99), max_size=3))
    horizon = draw(st.integers(0, 4))
    count = len(assets) * RowLayout(horizon, tuple(levels)).width
    bits = draw(st.lists(BITS, min_size=count, max_size=count))
    (created,) = struct.unpack("<d", struct.pack("<Q", draw(BITS)))
    version = draw(st.integers(0, 2**32 - 1))
    head = results.pack(horizon, levels, len(assets), version, created)
    return ",".join(map(str, assets)), head + struct.pack(f"<{count}Q", *bits)


@QUICK
@given(packed_results())
def test_a_result_comes_back_to_the_bit(case: tuple[str, bytes]) -> None:
    assets, packed = case
    text = orjson.dumps(forecasts.readable(7, assets, packed))
    assert forecasts.packed_of(orjson.loads(text)) == packed


@QUICK
@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda rest: b"FSR1" + rest))
def test_so_do_bytes_that_are_no_result(packed: bytes) -> None:
    assert forecasts.packed_of(orjson.loads(orjson.dumps(forecasts.readable(7, "1,2", packed)))) == packed


@QUICK
@given(st.dictionaries(NAMES | TEXT, NUMBER_LIKE | TEXT | st.floats().map(str) | st.integers().map(str)))
def test_a_hash_comes_back_letter_by_letter(fields: dict[str, str]) -> None:
    assert fields_of(orjson.loads(orjson.dumps(readable(fields, ("assets", "bounds"))))) == fields


def test_a_job_is_shown_in_numbers() -> None:
    fields = {"owner": "7", "assets": "12", "created": "1700000000.500000", "queue": "", "score": "2251799813685249"}
    shown = {"owner": "7", "assets": [12], "created": 1700000000.5, "queue": "", "score": 2251799813685249}
    assert readable(fields, ("assets",)) == shown


def test_a_forecast_is_shown_in_words() -> None:
    spec = JobSpec("market", (3, 5), "ols", 2)
    shown = forecasts.readable(9, "3,5", content.packed(spec, odd=[0.25, 0.5, 0.125, 0.0625]))
    first = shown["forecasts"][0]  # type: ignore[index]
    assert (first["asset"], first["mean"], first["lower"]["80"]) == (3, [0.25, 0.5], [0.125, 0.0625])


@st.composite
def fillings(draw: st.DrawFn) -> list[tuple[str, str, tuple[int, ...], int, str]]:
    """Jobs to push: owner, model, assets, priority, and what becomes of each."""
    ends = st.sampled_from(["waits", "done", "failed", "cancelled", "pulled"])
    assets = st.lists(st.integers(0, 99), min_size=1, max_size=4, unique=True).map(tuple)
    owners = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
    return draw(st.lists(st.tuples(owners, TEXT, assets, st.integers(0, 9), ends), max_size=8))


async def fill(store: Store, made: list[tuple[str, str, tuple[int, ...], int, str]]) -> None:
    index = await queues.create(store, "", 3)
    for owner, text, assets, priority, end in made:
        spec = JobSpec(text or "x", assets, text, 3, priority)
        if not await users.find(store, owner) and not await jobs.count(store, owner):
            await users.create(store, owner, Role.EMPLOYEE, text)
        (job_id,) = await queues.enqueue(store, index, owner, [spec])
        if end == "cancelled":
            await jobs.set_status(store, [job_id], content.CANCELLED, text)
        elif end == "pulled":
            await queues.pull(store, index)
        elif end != "waits":
            held = await claims.claim(store, index, 1, 30)
            packed = content.packed(held.jobs[0].spec, job_id)
            reason = f"!{text}" if end == "failed" else ""
            await claims.complete(store, held, [Outcome(held.jobs[0].id, len(assets), packed, reason)])


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(fillings())
def test_any_store_comes_back_whole(
    store_server: EmbeddedStore, made: list[tuple[str, str, tuple[int, ...], int, str]]
) -> None:
    async def there_and_back(folder: Path) -> None:
        async with connected(store_server.url) as store:
            await fill(store, made)
            before = await content.everything(store)
            await snapshot.write(store, folder)
            await store.command("FLUSHALL")
            assert await restore_files(store, folder) == {}
            after = await content.everything(store)
            assert {**after, keys.LEASE_SEQUENCE: 0} == {**before, keys.LEASE_SEQUENCE: 0}

    asyncio.run(flush(store_server.url))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(there_and_back(Path(folder)))
